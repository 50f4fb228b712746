import { ownUid, type AttemptRecord } from "../../model/attempt.ts";
import type { BatchFacts } from "../../model/facts.ts";
import { wilson } from "../../model/statistics.ts";
import type { Voids } from "../csv.ts";
import { pairSheet, sheetOf, type Sheet } from "../workbook/sheet.ts";
import { markingOf, voidsOf } from "../words.ts";
import { attemptSheet, failureSheet, settingSheet } from "./attempts.ts";

/** The workbook of a batch. */
export function batchSheets(facts: BatchFacts): Sheet[] {
  const { attempts } = facts;
  const voids = voidsOf(facts.voids);
  return [
    summary(facts),
    units(attempts, voids, new Set(facts.scraps.map(({ barcode }) => barcode))),
    attemptSheet(attempts, voids),
    failureSheet(facts.failures),
    slots(facts),
    settingSheet(attempts),
    serials(facts),
    decisions(facts),
  ];
}

function summary(facts: BatchFacts): Sheet {
  const { batch, counts, figures, serials, head } = facts;
  const marking = markingOf(facts);
  const first = wilson(counts.firstPass, counts.firstSeen);
  const final = wilson(counts.passed, counts.seen);
  return pairSheet("Summary", [
    ["batch", batch.id],
    ["trial", marking.trial],
    ["simulated", { no: "no", part: "in part", all: "yes" }[marking.simulated]],
    ["product", batch.product],
    ["profile", batch.profile],
    ["revision", batch.revision],
    ["profile hash, SHA-256", batch.profileHash],
    ["opened (UTC)", batch.openedAt],
    ["opened by", batch.openedBy],
    ["closed (UTC)", batch.closedAt],
    ["closed by", batch.closedBy],
    ["units wanted", batch.quantity],
    ["units tried", counts.seen],
    ["units passed", counts.passed],
    ["units not passed", counts.failed],
    ["units marginal", counts.marginal],
    ["units first seen here", counts.firstSeen],
    ["of them passed at first", counts.firstPass],
    ["first-pass yield", first?.share ?? null],
    ["first-pass yield, Wilson 95 % low", first?.low ?? null],
    ["first-pass yield, Wilson 95 % high", first?.high ?? null],
    ["final yield", final?.share ?? null],
    ["attempts that count", figures.attempts],
    ["units retried", figures.retried],
    ["units reworked", figures.reworked],
    ["units scrapped", figures.scrapped],
    ["attempts void", figures.voided],
    ["serials committed", serials.committed],
    ["serials written, not committed", serials.written],
    ["serials void", serials.void],
    ["first serial", serials.first],
    ["last serial", serials.last],
    ["last record", head?.seq ?? null],
    ["hash of the last record", head?.hash ?? null],
    ["time zone of the station", facts.timezone],
  ]);
}

/** A row a unit, as its last attempt that counts left it. */
function units(attempts: readonly AttemptRecord[], voids: Voids, scrapped: ReadonlySet<string>): Sheet {
  const lives = new Map<string, { last: AttemptRecord; tries: number; reworked: boolean }>();
  for (const attempt of attempts) {
    if (attempt.outcome.kind === "SKIPPED" || voids.has(attempt.seq)) continue;
    const before = lives.get(attempt.barcode);
    lives.set(attempt.barcode, {
      last: attempt,
      tries: (before?.tries ?? 0) + 1,
      reworked: attempt.reason === "rework" || before?.reworked === true,
    });
  }
  return sheetOf(
    "Units",
    [
      { head: "unit", width: 20, of: ({ last }) => last.barcode },
      { head: "serial", width: 20, of: ({ last }) => last.serial },
      { head: "uid", width: 27, of: ({ last }) => ownUid(last) },
      { head: "outcome", width: 10, of: ({ last }) => last.outcome.kind },
      { head: "scrapped", width: 10, of: ({ last }) => scrapped.has(last.barcode) },
      { head: "attempts here", width: 14, of: ({ tries }) => tries },
      { head: "reworked", width: 10, of: ({ reworked }) => reworked },
      { head: "ended (UTC)", width: 20, of: ({ last }) => last.endedAt },
      { head: "trial", width: 7, of: ({ last }) => last.trial },
      { head: "simulated", width: 11, of: ({ last }) => last.realm === "sim" },
      { head: "record", width: 9, of: ({ last }) => last.seq },
    ],
    lives.values(),
  );
}

const slots = ({ bySlot }: BatchFacts): Sheet =>
  sheetOf(
    "Slots",
    [
      { head: "slot", width: 10, of: ({ slot }) => slot },
      { head: "attempts", width: 10, of: ({ tried }) => tried },
      { head: "passed", width: 10, of: ({ passed }) => passed },
      { head: "share", width: 12, of: ({ passed, tried }) => wilson(passed, tried)?.share ?? null },
      { head: "Wilson 95 % low", width: 17, of: ({ passed, tried }) => wilson(passed, tried)?.low ?? null },
      { head: "Wilson 95 % high", width: 17, of: ({ passed, tried }) => wilson(passed, tried)?.high ?? null },
    ],
    bySlot,
  );

function serials({ attempts }: BatchFacts): Sheet {
  return sheetOf(
    "Serials",
    [
      { head: "serial", width: 22, of: ({ serial }) => serial.text },
      { head: "series", width: 18, of: ({ serial }) => serial.series },
      { head: "number", width: 10, of: ({ serial }) => serial.number },
      { head: "state", width: 12, of: ({ serial }) => serial.state },
      { head: "unit", width: 20, of: ({ attempt }) => attempt.barcode },
      { head: "simulated", width: 11, of: ({ attempt }) => attempt.realm === "sim" },
      { head: "record", width: 9, of: ({ attempt }) => attempt.seq },
    ],
    (function* () {
      for (const attempt of attempts) for (const serial of attempt.serials) yield { attempt, serial };
    })(),
  );
}

/** Voids, reworks and scraps: what people decided. */
function decisions({ voids, reworks, scraps }: BatchFacts): Sheet {
  const all = [
    ...voids.map((mark) => ({ ...mark, kind: "void", record: mark.seq as number | null })),
    ...reworks.map((mark) => ({ ...mark, kind: "rework", record: null })),
    ...scraps.map((mark) => ({ ...mark, kind: "scrap", record: null })),
  ].sort((a, b) => a.at.getTime() - b.at.getTime());
  return sheetOf(
    "Decisions",
    [
      { head: "when (UTC)", width: 20, of: ({ at }) => at },
      { head: "what", width: 10, of: ({ kind }) => kind },
      { head: "unit", width: 20, of: ({ barcode }) => barcode },
      { head: "record", width: 9, of: ({ record }) => record },
      { head: "reason", width: 50, of: ({ reason }) => reason },
      { head: "by", width: 20, of: ({ by }) => by },
    ],
    all,
  );
}
