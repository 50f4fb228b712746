import type { LedgerState } from "../../model/ledger.ts";
import type { Connection } from "../file/connection.ts";
import type { Desk } from "../desk.ts";
import { listed } from "./listed.ts";
import { numbers } from "../ledger/numbers.ts";
import { query } from "../file/query.ts";
import { StoreError } from "../store-error.ts";
import { units } from "../units.ts";

interface ForeignUnit {
  readonly barcode: string;
  readonly uid: string | null;
}

interface ForeignNumber {
  readonly series: string;
  readonly number: number;
  readonly text: string;
  readonly kind: "serial" | "mac";
  readonly state: LedgerState;
  readonly barcode: string;
}

/** More would follow from the first. */
const mostAlarms = 20;

type Alarm = { readonly text: string } | "known" | null;

/** The two stations, as alarms name them. */
interface Sides {
  readonly here: string;
  readonly there: string;
}

export interface ClaimsTaken {
  readonly newUnits: number;
  readonly newNumbers: number;
}

/**
 * Takes the units of another station's books with their chips and numbers, inside the caller's transaction. Throws StoreError
 * `conflict`, a line for each number, chip or barcode that two stations claim.
 */
export function claimTaker(desk: Desk): (theirs: Connection, here: string, there: string) => ClaimsTaken {
  const { db, now } = desk;
  const people = units(db);
  const ledger = numbers(desk);
  const list = listed(db);
  const chipOf = query<[string], { barcode: string }>(
    db,
    "SELECT barcode FROM units WHERE realm = 'line' AND uid = ?",
  );

  /** Why a unit cannot be that of the other station, or `null`. */
  function unitAlarm({ barcode, uid }: ForeignUnit, { here, there }: Sides): string | null {
    const ours = people.find("line", barcode);
    const other = uid === null ? undefined : chipOf.get(uid);
    if (ours !== null && ours.uid !== null && uid !== null && ours.uid !== uid)
      return `unit ${barcode}: ${here} has it with the chip ${ours.uid}, ${there} with ${uid}`;
    if (other !== undefined && other.barcode !== barcode)
      return `chip ${uid ?? ""}: ${here} has it as unit ${other.barcode}, ${there} as ${barcode}`;
    return null;
  }

  /** Why a number cannot be that of a unit of the other station; `known`: it is that one's already. */
  function numberAlarm(one: ForeignNumber, unit: number | undefined, { here, there }: Sides): Alarm {
    const { series, number, text, state, barcode } = one;
    const same = ledger.byNumber(series, "line", number) ?? ledger.byText(series, "line", text);
    const theirsIs = `unit ${barcode} of ${there} (${state})`;
    if (same !== null) {
      const whose = same.unit_id === null ? null : people.byId(same.unit_id).barcode;
      if (whose === barcode && same.number === number && same.text === text) return "known";
      const ours = whose === null ? `free at ${here}` : `of unit ${whose} of ${here} (${same.state})`;
      return {
        text: `series ${series}, number ${number} "${text}" is claimed twice: ${ours}, and of ${theirsIs}`,
      };
    }
    const row = list.at(series, number) ?? list.byText(series, text);
    if (row !== null && row.state === "void")
      return {
        text: `series ${series}, number ${number} "${text}" is void on a list at ${here}, and of ${theirsIs}`,
      };
    const held = unit === undefined || state === "void" ? null : ledger.own(series, "line", unit);
    return held === null
      ? null
      : { text: `unit ${barcode}, series ${series}: ${here} gave it "${held.text}", ${there} "${text}"` };
  }

  function takeNumber(
    { series, number, text, kind, state }: ForeignNumber,
    unit: number,
    there: string,
  ): void {
    const entry = { series, realm: "line", number, text, kind, policy: "consume-on-success" } as const;
    const written = ledger.insert(
      { ...entry, origin: "adopted", state: "written", unit, attempt: null },
      there,
    );
    // What is reserved or written there may be in a chip: it is that unit's.
    if (state === "committed" || state === "void") ledger.move(written, state, there);
  }

  return (theirs, here, there) => {
    const sides = { here, there };
    const alarms: string[] = [];
    let newUnits = 0;
    const unitIds = new Map<string, number>();
    for (const one of rowsOf<ForeignUnit>(theirs, foreignUnits)) {
      if (alarms.length >= mostAlarms) break;
      const alarm = unitAlarm(one, sides);
      if (alarm !== null) {
        alarms.push(alarm);
        continue;
      }
      if (people.find("line", one.barcode) === null) newUnits += 1;
      const unit = people.ensure("line", one.barcode, now());
      if (one.uid !== null) people.bind(unit.id, one.uid);
      unitIds.set(one.barcode, unit.id);
    }
    let newNumbers = 0;
    for (const one of rowsOf<ForeignNumber>(theirs, foreignNumbers)) {
      if (alarms.length >= mostAlarms) break;
      const unit = unitIds.get(one.barcode);
      const alarm = numberAlarm(one, unit, sides);
      if (alarm !== null && alarm !== "known") alarms.push(alarm.text);
      if (alarm !== null || unit === undefined) continue;
      takeNumber(one, unit, there);
      newNumbers += 1;
    }
    if (alarms.length > 0) throw new StoreError("conflict", alarms.join("\n"));
    return { newUnits, newNumbers };
  };
}

const foreignUnits = `SELECT id, barcode, uid FROM units WHERE realm = 'line' AND id > ? ORDER BY id LIMIT 500`;
const foreignNumbers = `SELECT n.id AS id, series, number, text, kind, state, u.barcode AS barcode
  FROM numbers AS n JOIN units AS u ON u.id = n.unit_id
  WHERE n.realm = 'line' AND n.id > ? ORDER BY n.id LIMIT 500`;

function* rowsOf<Row>(db: Connection, sql: string): Generator<Row> {
  const next = query<[number], Row & { readonly id: number }>(db, sql);
  for (let id = 0; ;) {
    const rows = next.all(id);
    yield* rows;
    const end = rows.at(-1);
    if (end === undefined) return;
    id = end.id;
  }
}
