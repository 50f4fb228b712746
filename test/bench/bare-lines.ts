import { loadFonts } from "../../src/report/paper/fonts.ts";
import { gather } from "../../src/report/paper/gather.ts";
import type { Mark } from "../../src/report/paper/mark.ts";

type TextMark = Extract<Mark, { type: "text" }>;

const points = 72 / 25.4;

/**
 * The bare cost of a PDF: pdfkit alone writes the texts of a report at their places, which are known already, in the same
 * fonts.
 */
export async function bareLines(pages: readonly (readonly TextMark[])[]): Promise<readonly Uint8Array[]> {
  const { default: PDFDocument } = await import("pdfkit");
  const { regular, bold } = await loadFonts(null);
  const document = new PDFDocument({ autoFirstPage: false, compress: false, fontLayoutCache: false });
  const gathered = await gather(document);
  document.registerFont("regular", Buffer.from(regular));
  document.registerFont("bold", Buffer.from(bold));
  for (const texts of pages) {
    document.addPage({ size: "A4", margin: 0 });
    for (const { text, x, y, size, bold: heavy } of texts)
      document
        .font(heavy ? "bold" : "regular")
        .fontSize(size)
        .fillColor("#000000")
        .text(text, x * points, y * points, { lineBreak: false, baseline: "alphabetic" });
  }
  document.end();
  return gathered.rest();
}

/** The texts of pages without everything else on them. */
export const textsOf = (pages: Iterable<{ readonly marks: readonly Mark[] }>): TextMark[][] =>
  Array.from(pages, ({ marks }) => marks.filter((mark) => mark.type === "text"));
