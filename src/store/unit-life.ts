import type { Realm } from "../model/ledger.ts";
import type { UnitLife } from "../model/facts.ts";
import type { Connection } from "./connection.ts";
import { deedReads } from "./deeds.ts";
import { query } from "./query.ts";
import { recordReads, toRecord } from "./records.ts";
import { storedTime } from "./stored-time.ts";
import type { UnitSearch } from "./terms.ts";

interface UnitRow {
  readonly id: number;
  readonly realm: Realm;
  readonly barcode: string;
  readonly uid: string | null;
  readonly first_seen: string;
}

interface FoundRow extends UnitRow {
  /** How many codes have the words that were asked for. */
  readonly codes: number;
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
/** The index takes as long as a part has pieces of three letters, and the last letters of a code tell the most. */
const tellingEnd = 6;

const hexDigits = /^[0-9a-f]+$/i;

/** A phrase of FTS5: the characters as they stand, a quote doubled. */
const phrase = (text: string): string => `"${text.replaceAll('"', '""')}"`;

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
  // Candidates by their three-letter pieces first; what the row itself does not hold is left out again.
  const part = query<[{ readonly what: string; readonly words: string; readonly most: number }], FoundRow>(
    db,
    `WITH found AS MATERIALIZED (SELECT rowid AS code FROM codes WHERE codes MATCH @words LIMIT ${mostCodes})
     SELECT *, (SELECT count(*) FROM found) AS codes FROM units WHERE id IN (SELECT code / 4 FROM found WHERE code % 4 < 2
         UNION SELECT unit_id FROM found JOIN numbers ON numbers.id = code / 4 AND code % 4 = 2
           WHERE unit_id IS NOT NULL AND instr(lower(text), lower(@what)) > 0)
       AND (instr(lower(barcode), lower(@what)) > 0 OR instr(uid, lower(@what)) > 0 OR EXISTS (
         SELECT 1 FROM numbers WHERE unit_id = units.id AND instr(lower(text), lower(@what)) > 0))
     ORDER BY realm, id LIMIT @most`,
  );
  function withPart(what: string): readonly UnitRow[] {
    const end = Array.from(what).slice(-tellingEnd).join("");
    const rows = part.all({ what, words: phrase(end), most: mostCandidates });
    const [first] = rows;
    // An end that too many codes have may have hidden those that have the whole part.
    const whole = end === what || (first !== undefined && first.codes < mostCodes);
    return whole ? rows : part.all({ what, words: phrase(what), most: mostCandidates });
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
    const found = ofLine.length > 0 ? ofLine : rows;
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
