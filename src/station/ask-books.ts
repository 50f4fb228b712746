import type { AttemptRecord } from "../model/attempt.ts";
import { binned, type FaultCode } from "../model/fault.ts";
import type { Realm } from "../model/ledger.ts";
import { panelBarcode } from "../model/panel-barcode.ts";
import type { Person } from "../model/person.ts";
import type { Profile } from "../model/profile.ts";
import { dateParts } from "../model/serial.ts";
import type { Station } from "../model/station.ts";
import type { BenchState } from "./bench-state.ts";
import type { Books } from "./books.ts";
import { realmOf, type Order } from "./order.ts";
import type { KnownUnit } from "./place-unit.ts";
import { readCode } from "./read-code.ts";
import type { Scan } from "./take-scan.ts";

/** What a scan is, with everything that the books know of it. Books that cannot be read refuse the start itself. */
export function askBooks(
  text: string,
  state: BenchState,
  station: Station,
  order: Order | null,
  books: Books,
): Scan {
  const { rules } = station;
  const code = readCode(text, rules, state.person !== null);
  switch (code.kind) {
    case "badge":
      return { kind: "badge", person: badgeOf(books, code.code) };
    case "unit": {
      // Where no rule tells badges, what is no label of the product may be one.
      const mayBeBadge = rules.login === "badge" && rules.badge === null;
      if (mayBeBadge && order?.profile.barcode?.test(code.barcode) !== true) {
        const person = badgeOf(books, code.barcode);
        if (person !== null) return { kind: "badge", person };
      }
      return { ...code, known: knownUnit(code.barcode, station, order, books) };
    }
    case "panel":
      return {
        ...code,
        units: station.slots.map(({ name }, i) => {
          const barcode = panelBarcode(code.code, name, i + 1, rules.scans.panel?.unit);
          return { slot: name, barcode, known: knownUnit(barcode, station, order, books) };
        }),
      };
    case "order":
    case "slot":
    case "card":
    case "unreadable":
    case "other-product":
      return code;
    default:
      return code satisfies never;
  }
}

function badgeOf(books: Books, code: string): Person | null {
  try {
    return books.personByBadge(code);
  } catch {
    return null;
  }
}

const nothing: KnownUnit = {
  passedHere: false,
  otherOrder: null,
  keeps: null,
  failedAs: null,
  wantsRework: false,
  barred: null,
};

function knownUnit(barcode: string, station: Station, order: Order | null, books: Books): KnownUnit {
  const [slot] = station.slots;
  if (slot === undefined || order === null) return nothing;
  try {
    const realm = realmOf(slot);
    const last = books.lastAttempt(barcode, realm);
    return {
      passedHere: books.passedInBatch(order.batch, barcode, realm),
      otherOrder: last === null ? null : otherOrder(last.batch, last.trial, order, books),
      keeps: last?.serial ?? null,
      ...failedBefore(last, realm, order, books),
      barred: barredNow(order, books),
    };
  } catch {
    return nothing;
  }
}

/** What the unit's attempts since its last rework say. What was only rehearsed counts in its own rehearsal. */
function failedBefore(
  last: AttemptRecord | null,
  realm: Realm,
  order: Order,
  books: Books,
): Pick<KnownUnit, "failedAs" | "wantsRework"> {
  const code = last === null ? null : failureOf(last);
  if (last === null || code === null || (realm === "sim" && last.batch !== order.batch))
    return { failedAs: null, wantsRework: false };
  const { barcode } = last;
  const mended = books
    .deeds({ barcode, kind: ["unit-reworked", "unit-voided"] })
    .findLast((deed) => deed.realm === realm);
  if (mended !== undefined && mended.at >= last.endedAt) return { failedAs: null, wantsRework: false };
  if (binned.has(code)) return { failedAs: code, wantsRework: true };
  const before = books.attemptsOf(barcode, realm).at(-2);
  const again =
    before !== undefined &&
    failureOf(before) === code &&
    (mended === undefined || mended.at < before.endedAt);
  return { failedAs: code, wantsRework: again };
}

/** ERROR and ABORTED give no verdict of a board. */
const failureOf = ({ outcome }: AttemptRecord): FaultCode | null =>
  outcome.kind === "FAIL" || outcome.kind === "TIMEOUT" ? outcome.failure.code : null;

/** The counts are asked only where a limit hangs on them. */
function barredNow({ profile, batch, station }: Order, books: Books): KnownUnit["barred"] {
  const passed = profile.limit === null ? 0 : (books.batchCounts(batch)?.passed ?? 0);
  return barred(profile, station.timezone, passed, new Date());
}

/** A unit of an order that is open belongs there; a trial is never anybody's. */
function otherOrder(batch: string, trial: boolean, order: Order, books: Books): string | null {
  if (batch === order.batch || trial) return null;
  return books.findBatch(batch)?.closedAt === null ? batch : null;
}

/** Why this profile may start nothing today: its days, and its limit of units that passed. */
export function barred(
  profile: Profile,
  timezone: string | null,
  passed: number,
  at: Date,
): KnownUnit["barred"] {
  const { from, until, limit } = profile;
  if (from === null && until === null && limit === null) return null;
  const { yyyy, mm, dd } = dateParts(at, timezone);
  const today = `${yyyy}-${mm}-${dd}`;
  if (from !== null && today < from) return { code: "PROFILE_EARLY", of: from };
  if (until !== null && today > until) return { code: "PROFILE_OVER", of: until };
  return limit !== null && passed >= limit ? { code: "PROFILE_LIMIT", of: String(limit) } : null;
}
