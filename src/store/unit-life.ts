import type { Realm } from "../model/ledger.ts";
import type { UnitLife } from "../model/facts.ts";
import type { Connection } from "./connection.ts";
import { deedReads } from "./deeds.ts";
import { query } from "./query.ts";
import { recordReads } from "./records.ts";
import type { UnitSearch } from "./store.ts";

interface UnitRow {
  readonly id: number;
  readonly realm: Realm;
  readonly barcode: string;
  readonly uid: string | null;
  readonly first_seen: string;
}

/** Shorter parts would find half the factory. */
const shortestPart = 4;
const mostCandidates = 50;

/**
 * Finds a unit by barcode, UID or any number that it has or had (void ones too), exactly, else by a part of one of them
 * in any case of letters. A unit of the line goes before a simulated one.
 */
export function unitLives(db: Connection): (what: string) => UnitSearch {
  const exact = query<[{ readonly what: string }], UnitRow>(
    db,
    `SELECT * FROM units WHERE barcode = @what OR uid = lower(@what)
       OR id IN (SELECT unit_id FROM numbers WHERE text = @what AND unit_id IS NOT NULL)
     ORDER BY id`,
  );
  const part = query<[{ readonly what: string; readonly most: number }], UnitRow>(
    db,
    `SELECT * FROM units WHERE instr(lower(barcode), lower(@what)) > 0 OR instr(uid, lower(@what)) > 0
       OR id IN (SELECT unit_id FROM numbers WHERE instr(lower(text), lower(@what)) > 0 AND unit_id IS NOT NULL)
     ORDER BY realm, id LIMIT @most`,
  );
  const numbersOf = query<[number], UnitLife["serials"][number]>(
    db,
    "SELECT series, text, state FROM numbers WHERE unit_id = ? ORDER BY series, number",
  );
  const records = recordReads(db);
  const log = deedReads(db);

  const life = ({ id, realm, barcode, uid, first_seen }: UnitRow): UnitLife => ({
    barcode,
    realm,
    uid,
    serials: numbersOf.all(id),
    firstSeen: new Date(first_seen),
    attempts: records.attemptsOf(barcode, realm),
    deeds: log.deeds({ barcode }).filter((deed) => deed.realm === null || deed.realm === realm),
  });

  return (what) => {
    const text = what.trim();
    if (text === "") return { kind: "none" };
    const whole = exact.all({ what: text });
    const rows =
      whole.length > 0 || text.length < shortestPart ? whole : part.all({ what: text, most: mostCandidates });
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
        serials: numbersOf.all(id).map((number) => number.text),
      })),
    };
  };
}
