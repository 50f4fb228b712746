import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { databaseName } from "../../store/open-store.ts";
import type { AuditReport } from "../../store/terms.ts";
import { check, noComplaints, same, type Checks } from "./check.ts";
import type { SelftestBench } from "./bench.ts";
import { papers } from "./papers.ts";
import { readBooks } from "./read-books.ts";
import { imageOf, unitName } from "./recipe.ts";
import { openStand, standBatch } from "./stand.ts";
import { tampering } from "./tampering.ts";

const chip = "STM32F103C8";

/** Books of one closed work order: their audit, what was done to copies of them, backup, reports, pack, signature. */
export async function* records(given: SelftestBench): Checks {
  const folder = join(given.folder, "records");
  mkdirSync(folder, { mode: 0o750 });
  const bench = { ...given, folder };
  const { dice, io, seams, commands } = bench;
  const recipe = {
    chip,
    wire: "uart",
    image: imageOf(dice),
    policy: "consume-on-success",
    more: "",
  } as const;
  using stand = await openStand({ folder: join(folder, "books"), recipe, slots: 6, seams, io });
  const first = await stand.run([
    ...[1, 2, 3, 4].map((n) => ({ barcode: unitName(n) })),
    { barcode: unitName(5), mishap: { flipBit: 3000 } },
    { barcode: unitName(6), mishap: { pullAt: 4096 } },
  ]);
  const second = await stand.run([{ barcode: unitName(5) }, { barcode: unitName(6) }]);
  stand.store.closeBatch(standBatch, "selftest", new Date());
  const head = stand.store.head();
  const ends = [...first, ...second];
  const file = join(stand.data, databaseName);
  const raw = readBooks(file);
  const failed = raw.records.find(({ outcome }) => outcome === "FAIL")?.seq;

  yield await same(
    "The books of a work order that was run and closed",
    `audit whole: ${ends.length} records of ${ends.length} attempts, signed once`,
    () => auditWords(commands.audit(file), ends.length),
  );
  const copy = join(folder, "backup.db");
  yield await check(
    "A backup, taken while the books are open",
    `audit whole, head ${headWords(head)}`,
    async () => {
      await stand.store.backup(copy);
      const report = commands.audit(copy, head === null ? {} : { head });
      const seen =
        report.kind === "whole" ? `audit whole, head ${headWords(report.head)}` : report.broken.why;
      return { seen, passed: seen === `audit whole, head ${headWords(head)}` };
    },
  );
  if (head === null || failed === undefined)
    yield await noComplaints("Records to tamper with", "a head, and one that failed", () => [
      "there are none",
    ]);
  else yield* tampering(copy, { head, failed }, bench);
  yield* papers({ data: stand.data, batch: standBatch, raw }, bench);
}

const headWords = (head: { readonly seq: number; readonly hash: string } | null): string =>
  head === null ? "none" : `${head.seq}:${head.hash.slice(0, 16)}`;

function auditWords(report: AuditReport, attempts: number): string {
  if (report.kind === "broken") return `broken at row ${report.broken.seq}: ${report.broken.why}`;
  const signed = report.signatures === 1 ? "signed once" : `${report.signatures} signatures`;
  return `audit whole: ${report.rows} records of ${attempts} attempts, ${signed}`;
}
