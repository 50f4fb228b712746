import { audit } from "../store/audit.ts";
import { openStore } from "../store/open-store.ts";
import type { AuditReport } from "../store/store.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** `audit [--file COPY]`: walks the hash chain of the records; says the first broken row. */
export function auditCommand(file: string | null, data: string, io: Io): number {
  const report = file === null ? auditLive(data) : audit(file);
  if (io.json) io.out(JSON.stringify({ type: "audit", ...report }));
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
        io.out(`row ${report.broken.seq} (${report.broken.barcode ?? "?"}): ${report.broken.why}`);
      return exitCodes.failed;
    default:
      return report satisfies never;
  }
}

function auditLive(data: string): AuditReport {
  using store = openStore(data, { mode: "reader" });
  return store.audit();
}

/** `backup FILE`: a copy while the line runs, verified by its own audit. */
export async function backupCommand(file: string, data: string, io: Io): Promise<number> {
  using store = openStore(data, { mode: "reader" });
  const report = await store.backup(file);
  io.out(
    io.json
      ? JSON.stringify({ type: "backup", file, ...report })
      : `${file}: ${report.rows} records, chain whole`,
  );
  return exitCodes.ok;
}
