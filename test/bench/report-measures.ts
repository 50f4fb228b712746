import { createHash } from "node:crypto";
import { reportOn, wholeBatch } from "../../src/cli/papers/report-about.ts";
import { standardReport } from "../../src/report/definition.ts";
import { loadFonts } from "../../src/report/paper/fonts.ts";
import { composePages, drawPdfPieces } from "../../src/report/paper/pdf.ts";
import type { Report } from "../../src/report/report.ts";
import { writeXlsx } from "../../src/report/workbook/xlsx.ts";
import { openConnection } from "../../src/store/file/connection.ts";
import { openStore } from "../../src/store/open-store.ts";
import { bareLines, textsOf } from "./bare-lines.ts";
import { peakMiB, processor, type Measured } from "./measured.ts";

export const reportForms = ["pdf", "xlsx", "csv", "json"] as const;
export type ReportForm = (typeof reportForms)[number];

/**
 * One batch out of the books in one form, facts included, beside its bare cost: a scan of the batch's rows, and for a PDF
 * pdfkit writing the same texts too. The better of two turns each; the peak is that of our first.
 */
export async function reportCost(folder: string, file: string, form: ReportForm): Promise<Measured> {
  const batch = middleBatch(folder);
  const db = openConnection(file, { readonly: true });
  const scan = (): void => {
    const hash = createHash("sha256");
    const rows = db.prepare<[string], { body: string }>("SELECT * FROM records WHERE batch = ? ORDER BY seq");
    for (const { body } of rows.iterate(batch)) hash.update(body, "utf8");
  };
  scan();
  const ours: number[] = [];
  const bare: number[] = [];
  let peak = 0;
  let texts: ReturnType<typeof textsOf> | null = null;
  for (let turn = 0; turn < 2; turn += 1) {
    ours.push((await processor(async () => await write(folder, batch, form))).ms);
    if (turn === 0) peak = peakMiB();
    if (form === "pdf") texts ??= await textsIn(folder, batch);
    bare.push(
      (
        await processor(async () => {
          scan();
          if (texts !== null) await bareLines(texts);
        })
      ).ms,
    );
  }
  db.close();
  const best = { ours: Math.min(...ours), bare: Math.min(...bare) };
  return {
    what: `batch report, ${form}`,
    ...best,
    ratio: best.ours / best.bare,
    goal: form === "pdf" ? 1.5 : null,
    peakMiB: peak,
  };
}

function middleBatch(folder: string): string {
  using store = openStore(folder, { mode: "reader" });
  const all = store.batches();
  const one = all[Math.floor(all.length / 2)];
  if (one === undefined) throw new Error("these books have no batch");
  return one.id;
}

/** As the command does it, but the disk: the bytes are only hashed. */
async function write(folder: string, batch: string, form: ReportForm): Promise<void> {
  using store = openStore(folder, { mode: "reader" });
  const report = reportOn({ kind: "batch", batch }, store, form);
  const hash = createHash("sha256");
  for (const piece of await piecesOf(report, form)) hash.update(piece);
}

async function piecesOf(report: Report, form: ReportForm): Promise<Iterable<string | Uint8Array>> {
  switch (form) {
    case "csv":
      return report.csv();
    case "json":
      return report.json();
    case "xlsx":
      return [writeXlsx(report.sheets())];
    case "pdf": {
      const { blocks, cover } = report.paper(standardReport);
      return await drawPdfPieces(blocks, standardReport, cover);
    }
    default:
      return form satisfies never;
  }
}

async function textsIn(folder: string, batch: string): Promise<ReturnType<typeof textsOf>> {
  using store = openStore(folder, { mode: "reader" });
  const { blocks, cover } = wholeBatch(batch, store).paper(standardReport);
  return textsOf(composePages(blocks, standardReport, cover, await loadFonts(null)));
}
