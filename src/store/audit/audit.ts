import { auditDeeds } from "./audit-deeds.ts";
import { auditImports } from "./audit-imports.ts";
import { auditLedger } from "./audit-ledger.ts";
import { auditRecords } from "./audit-records.ts";
import { auditSignatures } from "./audit-signatures.ts";
import { auditTables } from "./audit-tables.ts";
import type { Connection } from "../file/connection.ts";
import { versionOf } from "../file/migrate.ts";
import { openFile } from "../file/open-read-only.ts";
import { complaining, lostPart } from "../file/sqlite-complaint.ts";
import { StoreError } from "../store-error.ts";
import type { AuditOptions, AuditReport, BrokenRow } from "../terms.ts";

/**
 * Walks the chains of a file, which may be a copy of `gangflash.db` on its own; nothing is written beside it. What no
 * chain can find alone: a tail that was cut off everywhere, an older copy, and books written anew from some row on. Those
 * need a head that somebody else kept, or the station's public key. Throws StoreError when there is no such file, or it
 * is not a readable database.
 */
export function audit(file: string, options: AuditOptions = {}): AuditReport {
  return complaining(file, () => {
    using opened = openFile(file);
    if (versionOf(opened.db, file) === 0) throw new StoreError("damaged", `${file}: the database is empty`);
    return auditConnection(opened.db, options);
  });
}

/** The first form of the books knew no deeds, and nothing to hold the other tables against. */
const firstFormWithDeeds = 2;
const firstFormWithImports = 4;

/**
 * The same over an open connection. Records that come meanwhile are walked too. Each question about the ledger is a snapshot
 * of its own, and so is the rest, taken behind them: beside a running line nothing holds its log for the whole audit.
 */
export function auditConnection(db: Connection, options: AuditOptions = {}): AuditReport {
  try {
    return walk(db, options);
  } catch (error) {
    const why = lostPart(error);
    if (why === null) throw error;
    // Who took a table away took its first row, too.
    return { kind: "broken", rows: 0, broken: { table: "records", seq: 1, barcode: null, why } };
  }
}

function walk(db: Connection, options: AuditOptions): AuditReport {
  const records = auditRecords(db, options);
  if (records.broken !== null) return { kind: "broken", rows: records.rows, broken: records.broken };
  const { rows, head } = records;
  const broken = (row: BrokenRow): AuditReport => ({ kind: "broken", rows, broken: row });

  const ledger = auditLedger(db);
  if (ledger !== null) return broken(ledger);
  const rest = db.transaction((): AuditReport => {
    const form = Number(db.pragma("user_version", { simple: true }));
    if (form < firstFormWithDeeds)
      return { kind: "whole", rows, head, deeds: 0, deedHead: null, signatures: 0, keys: [] };
    const deeds = auditDeeds(db, options);
    if (deeds.broken !== null) return broken(deeds.broken);
    const tables =
      auditTables(db, deeds.told) ?? (form < firstFormWithImports ? null : auditImports(db, deeds.told));
    if (tables !== null) return broken(tables);
    const signed = auditSignatures(db, options.keys ?? null);
    if (signed.broken !== null) return broken(signed.broken);
    return {
      kind: "whole",
      rows,
      head,
      deeds: deeds.rows,
      deedHead: deeds.head,
      signatures: signed.count,
      keys: signed.keys,
    };
  });
  return rest.deferred();
}
