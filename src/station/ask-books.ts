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

const nothing: KnownUnit = { passedHere: false, otherOrder: null, keeps: null, barred: null };

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
      barred: barredNow(order, books),
    };
  } catch {
    return nothing;
  }
}

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
  const { yyyy, mm, dd } = dateParts(at, timezone);
  const today = `${yyyy}-${mm}-${dd}`;
  if (from !== null && today < from) return { code: "PROFILE_EARLY", of: from };
  if (until !== null && today > until) return { code: "PROFILE_OVER", of: until };
  return limit !== null && passed >= limit ? { code: "PROFILE_LIMIT", of: String(limit) } : null;
}
