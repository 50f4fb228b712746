import type { Realm } from "../../model/ledger.ts";
import type { UnitLife } from "../../model/facts.ts";
import type { Connection } from "../file/connection.ts";
import { deedReads } from "../deeds.ts";
import { query } from "../file/query.ts";
import { recordReads, toRecord } from "../records/records.ts";
import { storedTime } from "../file/stored-time.ts";
import type { UnitSearch } from "../terms.ts";
import type { Unit } from "../units.ts";

interface UnitRow extends Unit {
  readonly first_seen: string;
}

interface NumberRow {
  readonly series: string;
  readonly number: number;
  readonly text: string;
  readonly state: string;
}

/** Shorter parts would find half the factory. */
const shortestPart = 4;
const mostCandidates = 50;
/** A part that more codes have than this says nothing of one unit; the first of them are shown. */
const mostCodes = 1000;
/** The index takes as long as it is asked for pieces of three letters, and the last letters of a code tell the most. */
const piece = 3;

const hexDigits = /^[0-9a-f]+$/i;

/** A phrase of FTS5: the characters as they stand, a quote doubled. */
const phrase = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** The last two pieces of a part, in any order; `null`: it has no two. */
function telling(what: string): string | null {
  const letters = Array.from(what);
  if (letters.length < 2 * piece) return null;
  const before = letters.slice(-2 * piece, -piece).join("");
  return `${phrase(before)} AND ${phrase(letters.slice(-piece).join(""))}`;
}

/**
 * Finds a unit by barcode, UID, MAC address or any number that it has or had (void ones too), exactly, else by a part of one of them
 * in any case of letters. A unit of the line goes before a simulated one.
 */
export function unitLives(db: Connection): (what: string) => UnitSearch {
  // Each has an index of its own; the two realms are named because the indexes begin with them. Three short statements
  // take half the time of one that unites them.
  const byBarcode = query<[string], UnitRow>(
    db,
    "SELECT * FROM units WHERE realm IN ('line', 'sim') AND barcode = ?",
  );
  const byUid = query<[string], UnitRow>(
    db,
    "SELECT * FROM units WHERE realm IN ('line', 'sim') AND uid = ?",
  );
  const byNumber = query<[string], UnitRow>(
    db,
    "SELECT units.* FROM numbers JOIN units ON units.id = numbers.unit_id WHERE text = ?",
  );
  const exact = (text: string): UnitRow[] =>
    once([
      ...byBarcode.all(text),
      ...(hexDigits.test(text) ? byUid.all(text.toLowerCase()) : []),
      ...byNumber.all(text),
    ]);
  const withWords = query<[string, number], { readonly code: number }>(
    db,
    "SELECT rowid AS code FROM codes WHERE codes MATCH ? LIMIT ?",
  );
  const byId = query<[number], UnitRow>(db, "SELECT * FROM units WHERE id = ?");
  const numberById = query<[number], { readonly text: string; readonly unit_id: number | null }>(
    db,
    "SELECT text, unit_id FROM numbers WHERE id = ?",
  );
  /** The unit that a code names, if the row itself holds the part. */
  function unitWith(code: number, part: string): UnitRow | undefined {
    const id = Math.floor(code / 4);
    const holds = (text: string | null): boolean => text?.toLowerCase().includes(part) === true;
    switch (code % 4) {
      case 0:
      case 1: {
        const unit = byId.get(id);
        return unit !== undefined && holds(code % 4 === 0 ? unit.barcode : unit.uid) ? unit : undefined;
      }
      default: {
        const number = numberById.get(id);
        const unit = number?.unit_id ?? null;
        return number === undefined || unit === null || !holds(number.text) ? undefined : byId.get(unit);
      }
    }
  }
  function withPart(what: string): readonly UnitRow[] {
    const end = telling(what);
    const few = end === null ? null : withWords.all(end, mostCodes);
    // An end that too many codes have may have hidden those that have the whole part.
    const codes = few === null || few.length === mostCodes ? withWords.all(phrase(what), mostCodes) : few;
    const part = what.toLowerCase();
    const found = new Map<number, UnitRow>();
    let ofLine = 0;
    for (const { code } of codes) {
      const unit = unitWith(code, part);
      if (unit === undefined || found.has(unit.id)) continue;
      found.set(unit.id, unit);
      ofLine += unit.realm === "line" ? 1 : 0;
      if (ofLine === mostCandidates) break;
    }
    return [...found.values()].toSorted((a, b) => a.id - b.id);
  }
  // A unit has a handful: sorting them here is cheaper than SQLite's sorter.
  const numbersAsTheyLie = query<[number], NumberRow>(
    db,
    "SELECT series, number, text, state FROM numbers WHERE unit_id = ?",
  );
  const numbersOf = (id: number): UnitLife["serials"] =>
    numbersAsTheyLie
      .all(id)
      .toSorted((a, b) => (a.series === b.series ? a.number - b.number : a.series < b.series ? -1 : 1))
      .map(({ series, text, state }) => ({ series, text, state }));
  const records = recordReads(db);
  const log = deedReads(db);
  const others = attemptsElsewhere(db);

  const life = ({ id, realm, barcode, uid, first_seen }: UnitRow): UnitLife => ({
    barcode,
    realm,
    uid,
    serials: numbersOf(id),
    firstSeen: storedTime(first_seen, `unit ${barcode}`),
    attempts: records.attemptsOf(barcode, realm),
    elsewhere: others(realm, barcode),
    deeds: log.deedsOfUnit(barcode).filter((deed) => deed.realm === null || deed.realm === realm),
  });

  // One state of the books for all questions; each alone would also take and give back the file's locks, half of its time.
  const oneLook = db.transaction((what: string): UnitSearch => {
    const text = what.trim();
    if (text === "") return { kind: "none" };
    const mac = plainMac(text);
    const asTyped = exact(text);
    const whole = asTyped.length > 0 || mac === null ? asTyped : exact(mac);
    const rows = whole.length > 0 || text.length < shortestPart ? whole : withPart(text);
    const ofLine = rows.filter(({ realm }) => realm === "line");
    const found = (ofLine.length > 0 ? ofLine : rows).slice(0, mostCandidates);
    const [first] = found;
    if (first === undefined) return { kind: "none" };
    if (found.length === 1) return { kind: "found", life: life(first) };
    return {
      kind: "several",
      candidates: found.map(({ id, barcode, realm, uid }) => ({
        barcode,
        realm,
        uid,
        serials: numbersOf(id).map((number) => number.text),
      })),
    };
  });
  return (what) => oneLook.deferred(what);
}

interface ElsewhereRow {
  readonly station: string;
  readonly seq: number;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
  readonly void: string | null;
}

/** What the books of other stations, which were taken in, say of a unit. */
function attemptsElsewhere(db: Connection): (realm: Realm, barcode: string) => UnitLife["elsewhere"] {
  const rows = query<[Realm, string], ElsewhereRow>(
    db,
    `SELECT s.station, e.seq, e.body, e.previous_hash, e.hash, v.reason AS void
     FROM elsewhere AS e JOIN sources AS s ON s.id = e.source_id
     LEFT JOIN elsewhere_voids AS v ON v.source_id = e.source_id AND v.seq = e.seq
     WHERE e.realm = ? AND e.barcode = ? ORDER BY e.source_id, e.seq`,
  );
  // Most books have none: one look at one index says so.
  const any = query<[Realm, string], { seq: number }>(
    db,
    "SELECT seq FROM elsewhere WHERE realm = ? AND barcode = ? LIMIT 1",
  );
  return (realm, barcode) =>
    any.get(realm, barcode) === undefined
      ? []
      : rows.all(realm, barcode).map((row) => ({ books: row.station, void: row.void, ...toRecord(row) }));
}

/** Each unit once, in the order of their first sight: one code may be a unit's barcode and its number as well. */
function once(rows: readonly UnitRow[]): UnitRow[] {
  const all = new Map(rows.map((row) => [row.id, row] as const));
  return [...all.values()].toSorted((a, b) => a.id - b.id);
}

/** A MAC address as people write it, with colons or dashes, as the ledger has it; `null` for anything else. */
function plainMac(text: string): string | null {
  return /^[0-9a-f]{2}([:-][0-9a-f]{2}){5,7}$/i.test(text)
    ? text.replaceAll(/[:-]/g, "").toLowerCase()
    : null;
}
