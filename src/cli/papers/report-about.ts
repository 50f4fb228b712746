import { cleanText } from "../../lib/clean-text.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import { reasonOf } from "../../model/deed.ts";
import type { BatchFacts, VoidMark } from "../../model/facts.ts";
import type { ReportFormat } from "../../report/file-name.ts";
import { batchReport } from "../../report/kinds/batch.ts";
import { serialReport, seriesOf } from "../../report/kinds/serials.ts";
import { shiftReport } from "../../report/kinds/shift.ts";
import { slotReport } from "../../report/kinds/slots.ts";
import { unitReport } from "../../report/kinds/unit.ts";
import type { Report } from "../../report/report.ts";
import { momentOf, zoneOf } from "../../report/times.ts";
import type { StoreReader } from "../../store/store.ts";
import { CommandError } from "../complain.ts";
import { foundBatch } from "../order/open-order.ts";

/** What a report is asked on. */
export type About =
  | { readonly kind: "batch"; readonly batch: string }
  | { readonly kind: "unit"; readonly what: string }
  | { readonly kind: "shift"; readonly from: string; readonly hours: number }
  | { readonly kind: "serials"; readonly series: string }
  | { readonly kind: "slots"; readonly since: string | null };

/** The words of the command line, exactly one of them. Throws CommandError. */
export function aboutOf(words: {
  readonly batch: string;
  readonly unit: string | null;
  readonly shift: string | null;
  readonly hours: number | null;
  readonly serials: string | null;
  readonly slots: boolean;
  readonly since: string | null;
}): About {
  const { batch, unit, shift, hours, serials, slots, since } = words;
  const asked: About[] = [
    ...(batch === "" ? [] : [{ kind: "batch", batch } as const]),
    ...(unit === null ? [] : [{ kind: "unit", what: unit } as const]),
    ...(shift === null ? [] : [{ kind: "shift", from: shift, hours: hours ?? 8 } as const]),
    ...(serials === null ? [] : [{ kind: "serials", series: serials } as const]),
    ...(slots ? [{ kind: "slots", since } as const] : []),
  ];
  const [only] = asked;
  if (only === undefined || asked.length > 1)
    throw new CommandError(
      `${only === undefined ? "nothing" : asked.map(({ kind }) => kind).join(" and ")} found, ` +
        "one of BATCH, --unit, --shift, --serials, --slots was expected",
    );
  if (hours !== null && only.kind !== "shift") throw new CommandError("--hours belongs to --shift");
  if (since !== null && only.kind !== "slots") throw new CommandError("--since belongs to --slots");
  return only;
}

/** The report, with its facts out of the books. Throws CommandError for what is not there. */
export function reportOn(about: About, store: StoreReader, format: ReportFormat): Report {
  switch (about.kind) {
    case "batch":
      return format === "csv" || format === "json"
        ? batchInPieces(about.batch, store)
        : wholeBatch(about.batch, store);
    case "unit":
      return ofUnit(about.what, store);
    case "shift": {
      const timezone = stationZone(store);
      const from = moment("--shift", about.from, timezone);
      const to = new Date(from.getTime() + about.hours * 3_600_000);
      return shiftReport({ attempts: [...ended(store, from, to)], voids: voids(store), from, to, timezone });
    }
    case "serials": {
      const facts = seriesOf(about.series, store.records(), stationZone(store));
      if (facts === null)
        throw new CommandError(`no record has a number of the series "${cleanText(about.series, 60)}"`);
      return serialReport(facts);
    }
    case "slots": {
      const timezone = stationZone(store);
      const from = about.since === null ? null : moment("--since", about.since, timezone);
      const deeds = store.deeds({ kind: ["slot-retired", "slot-restored"] });
      return slotReport({
        attempts: ended(store, from, null),
        voids: voids(store),
        from,
        to: null,
        timezone,
        deeds,
      });
    }
    default:
      return about satisfies never;
  }
}

function batchInPieces(id: string, store: StoreReader): Report {
  foundBatch(store, id);
  const head = store.batchHead(id);
  if (head === null) throw new CommandError(`there is no batch ${cleanText(id, 60)}`);
  return batchReport(
    head,
    () => store.records(id),
    () => factsOf(id, store),
  );
}

/** Each record is read once. */
export function wholeBatch(id: string, store: StoreReader): Report {
  foundBatch(store, id);
  const facts = factsOf(id, store);
  return batchReport(
    facts,
    () => facts.attempts,
    () => facts,
  );
}

function factsOf(id: string, store: StoreReader): BatchFacts {
  const facts = store.batchFacts(id);
  if (facts === null) throw new CommandError(`there is no batch ${cleanText(id, 60)}`);
  return facts;
}

function ofUnit(what: string, store: StoreReader): Report {
  const search = store.unitLife(what);
  const asked = `"${cleanText(what, 60)}"`;
  if (search.kind === "found") return unitReport({ unit: search.life, timezone: stationZone(store) });
  if (search.kind === "none") throw new CommandError(`no unit has ${asked} as barcode, serial or UID`);
  const some = search.candidates.slice(0, 5).map(({ barcode }) => cleanText(barcode, 60));
  throw new CommandError(
    `${search.candidates.length} units have ${asked}, such as ${some.join(", ")}: one was expected`,
  );
}

/** The zone of the station that worked last. */
export const stationZone = (store: StoreReader): string | null =>
  store
    .sessions()
    .filter(({ station }) => station !== null)
    .toSorted((a, b) => a.id - b.id)
    .at(-1)?.timezone ?? null;

/** `2026-11-22 06:00` or `2026-11-22` on the wall clock of the station. Throws CommandError, which names the option. */
export function moment(option: string, text: string, timezone: string | null): Date {
  const found = /^(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}:\d{2}))?$/.exec(text.trim());
  const wall = new Date(`${found?.[1] ?? ""}T${found?.[2] ?? "00:00"}Z`);
  // A day that is not in the calendar would roll over to the next month.
  if (found === null || Number.isNaN(wall.getTime()) || wall.toISOString().slice(0, 10) !== found[1])
    throw new CommandError(
      `${option}: "${cleanText(text, 40)}" found, a time such as "2026-11-22 06:00" was expected`,
    );
  return momentOf(wall, zoneOf({ timezone }));
}

/** Attempts that ended in [from, to), of the orders that were open then, in the order of the chain. */
function ended(store: StoreReader, from: Date | null, to: Date | null): Iterable<AttemptRecord> {
  const batches = store
    .batches()
    .filter(
      ({ openedAt, closedAt }) =>
        (to === null || openedAt < to) && (from === null || closedAt === null || closedAt >= from),
    )
    .map(({ id }) => id);
  return store.recordsEnded({ batches, from, to });
}

const voids = (store: StoreReader): VoidMark[] =>
  store.deeds({ kind: "unit-voided" }).map(({ barcode, detail, by, at }) => ({
    seq: Number(detail["record"]),
    attempt: Number(detail["attempt"]),
    barcode: barcode ?? "",
    reason: reasonOf(detail),
    by,
    at,
  }));
