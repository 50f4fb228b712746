import { statSync } from "node:fs";
import { cleanText, visibleJson } from "../lib/clean-text.ts";
import { audit } from "../store/audit.ts";
import { openStore } from "../store/open-store.ts";
import { StoreError } from "../store/store-error.ts";
import type { AuditReport } from "../store/store.ts";
import { CommandError } from "./complain.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** `audit [--file COPY]`: walks the hash chain of the records; says the first broken row. */
export function auditCommand(file: string | null, data: string, io: Io): number {
  const report = file === null ? auditLive(data) : auditFile(file);
  if (io.json) io.out(visibleJson({ type: "audit", ...report }));
  switch (report.kind) {
    case "whole":
      if (!io.json) {
        io.out(`${report.rows} records, chain whole`);
        if (report.head !== null) io.out(`head: record ${report.head.seq}, ${report.head.hash}`);
        io.out(
          "A tail that was cut off, or an older copy, is found only against a head that somebody else has kept.",
        );
      }
      return exitCodes.ok;
    case "broken":
      if (!io.json)
        io.out(
          cleanText(`row ${report.broken.seq} (${report.broken.barcode ?? "?"}): ${report.broken.why}`, 2000),
        );
      return exitCodes.failed;
    default:
      return report satisfies never;
  }
}

/** A file that cannot be read as our database is a mistake of whoever named it; the station is fit. */
function auditFile(file: string): AuditReport {
  try {
    return audit(file);
  } catch (error) {
    if (error instanceof StoreError) throw new CommandError(error.message);
    throw error;
  }
}

function auditLive(data: string): AuditReport {
  using store = openStore(data, { mode: "reader" });
  return store.audit();
}

/** `backup FILE`: a copy while the line runs, verified by its own audit. */
export async function backupCommand(file: string, data: string, io: Io): Promise<number> {
  using store = openStore(data, { mode: "reader" });
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() === true)
    throw new CommandError(`${file}: a folder found, the name of a file was expected`);
  const report = await store.backup(file);
  io.out(
    io.json
      ? visibleJson({ type: "backup", file, ...report })
      : `${file}: ${report.rows} records, chain whole`,
  );
  return exitCodes.ok;
}
