import { extractText } from "unpdf";
import { concat } from "../../src/lib/bytes.ts";
import type { BatchFacts } from "../../src/model/facts.ts";
import { batchCover } from "../../src/report/paper/cover.ts";
import { standardReport, type ReportDefinition } from "../../src/report/definition.ts";
import { loadFonts } from "../../src/report/paper/fonts.ts";
import { layout } from "../../src/report/layout.ts";
import type { Page } from "../../src/report/paper/mark.ts";
import { composePages, drawPdfPieces } from "../../src/report/paper/pdf.ts";

/** A report as one PDF. */
export async function drawPdf(...report: Parameters<typeof drawPdfPieces>): Promise<Uint8Array> {
  return concat([...(await drawPdfPieces(...report))]);
}

/** The report of a batch as one PDF. */
export const draw = (facts: BatchFacts, definition: ReportDefinition = standardReport): Promise<Uint8Array> =>
  drawPdf(layout(facts, definition), definition, batchCover(facts, definition));

/** The pages of a batch's report before they are drawn. */
export async function pagesOf(
  facts: BatchFacts,
  definition: ReportDefinition = standardReport,
): Promise<Page[]> {
  const fonts = await loadFonts(definition.font);
  return [...composePages(layout(facts, definition), definition, batchCover(facts, definition), fonts)];
}

/** The texts of a PDF, a page each. unpdf hands the bytes to a worker and would leave them empty here. */
export const textOf = async (pdf: Uint8Array): Promise<string[]> => (await extractText(pdf.slice())).text;
