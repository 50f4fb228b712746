import { Fault } from "../model/fault.ts";
import type { Realm } from "../model/ledger.ts";
import type { Connection } from "./file/connection.ts";
import { query } from "./file/query.ts";

export interface Unit {
  readonly id: number;
  readonly realm: Realm;
  readonly barcode: string;
  readonly uid: string | null;
}

const columns = "SELECT id, realm, barcode, uid FROM units";

export interface Units {
  find(realm: Realm, barcode: string): Unit | null;
  byId(id: number): Unit;
  /** The unit of a barcode, made at its first sight. */
  ensure(realm: Realm, barcode: string, now: Date): Unit;
  /** Binds a unit to its chip for ever. Throws Fault UNIT_MISMATCH. */
  bind(id: number, uid: string): void;
}

/** Who is who: in one realm a barcode has one UID, and a UID one barcode. */
export function units(db: Connection): Units {
  const byBarcode = query<[Realm, string], Unit>(db, `${columns} WHERE realm = ? AND barcode = ?`);
  const byUid = query<[Realm, string], Unit>(db, `${columns} WHERE realm = ? AND uid = ?`);
  const byKey = query<[number], Unit>(db, `${columns} WHERE id = ?`);
  const insert = query<[Realm, string, string], Unit>(
    db,
    "INSERT INTO units (realm, barcode, first_seen) VALUES (?, ?, ?) RETURNING id, realm, barcode, uid",
  );
  const setUid = query<[string, number]>(db, "UPDATE units SET uid = ? WHERE id = ?");

  const byId = (id: number): Unit => {
    const row = byKey.get(id);
    if (row === undefined) throw new Error(`there is no unit ${id}`);
    return row;
  };
  return {
    byId,
    find(realm, barcode) {
      return byBarcode.get(realm, barcode) ?? null;
    },
    ensure(realm, barcode, now) {
      const row = byBarcode.get(realm, barcode) ?? insert.get(realm, barcode, now.toISOString());
      if (row === undefined) throw new Error("no unit came back");
      return row;
    },
    bind(id, uid) {
      const unit = byId(id);
      if (unit.uid === uid) return;
      if (unit.uid !== null)
        throw new Fault("UNIT_MISMATCH", `unit ${unit.barcode} has the chip ${unit.uid}, here lies ${uid}`);
      const other = byUid.get(unit.realm, uid);
      if (other !== undefined)
        throw new Fault(
          "UNIT_MISMATCH",
          `the chip ${uid} is unit ${other.barcode}, here it has the label ${unit.barcode}`,
        );
      setUid.run(uid, id);
    },
  };
}
