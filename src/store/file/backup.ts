import { chmodSync, realpathSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { auditConnection } from "../audit/audit.ts";
import { fileAt, partOf, syncPath } from "../../lib/write-atomic.ts";
import { brokenText } from "../audit/broken-text.ts";
import { openConnection, type Connection } from "./connection.ts";
import { storeComplaint } from "./sqlite-complaint.ts";
import { StoreError } from "../store-error.ts";
import type { AuditReport } from "../terms.ts";

/** Pages a turn of the event loop: quick against a writer beside us, and the screen still lives. */
const pagesAtOnce = 1000;

/**
 * A copy of open books as one file without a log beside it, verified by its own pages and its own chain before it gets
 * its name. Replaces an older copy. Throws StoreError; nothing half-done stays under the name.
 */
export async function backup(
  db: Connection,
  file: string,
  to: string,
): Promise<AuditReport & { readonly kind: "whole" }> {
  const target = fileAt(resolve(to));
  const books = realpathSync(file);
  if (target === books || target.startsWith(`${books}-`))
    throw new StoreError("conflict", `${target}: a copy cannot take the place of the books themselves`);
  if (!statSync(dirname(target), { throwIfNoEntry: false })?.isDirectory())
    throw new StoreError("missing", `${dirname(target)}: there is no such folder`);
  const part = partOf(target);
  try {
    remove(part);
    await db.backup(part, { progress: () => pagesAtOnce });
    const report = finish(part);
    syncPath(part);
    renameSync(part, target);
    syncPath(dirname(target));
    return report;
  } catch (error) {
    throw storeComplaint(error, target);
  } finally {
    remove(part);
  }
}

function finish(part: string): AuditReport & { readonly kind: "whole" } {
  chmodSync(part, 0o640);
  const copy = openConnection(part);
  try {
    copy.pragma("journal_mode = DELETE");
    const said = copy.pragma("integrity_check(1)", { simple: true });
    if (said !== "ok") throw new StoreError("damaged", `the copy is damaged: ${String(said)}`);
    const report = auditConnection(copy);
    if (report.kind === "whole") return report;
    throw new StoreError("damaged", `the copy is damaged: ${brokenText(report.broken)}`);
  } finally {
    copy.close();
  }
}

function remove(part: string): void {
  for (const end of ["", "-journal", "-wal", "-shm"]) rmSync(`${part}${end}`, { force: true });
}
