import { buffer } from "node:stream/consumers";
import { drawMark } from "../paper/draw-mark.ts";
import { loadFonts } from "../paper/fonts.ts";
import { codeModules } from "../paper/code-modules.ts";
import type { Label } from "./label.ts";
import type { LabelMark } from "./label-mark.ts";
import { GlyphError } from "../paper/pdf.ts";
import { paperText } from "../words.ts";

const points = 72 / 25.4;
/** Height of a capital letter in parts of the type size, Noto Sans: `high` on a label is that of its letters. */
const capital = 0.714;

/** The same label as a PDF of its own size, for a printer without ZPL and for a look. Throws a `GlyphError`. */
export async function labelPdf(label: Label): Promise<Uint8Array> {
  const { width, height } = label.definition;
  const fonts = await loadFonts(null);
  const texts = label.items.map((item) => ({ item, text: paperText(item.text) }));
  for (const { item, text } of texts) {
    const missing = item.kind === "text" ? fonts.missing(text, false) : null;
    if (missing !== null) throw new GlyphError(missing, 1, text, false);
  }
  const { default: PDFDocument } = await import("pdfkit");
  const document = new PDFDocument({
    pdfVersion: "1.7",
    autoFirstPage: false,
    compress: false,
    fontLayoutCache: false,
    info: {
      Title: `${label.mark === null ? "" : `${label.mark.text}: `}Label ${label.record.barcode}`,
      Creator: "gangflash",
      Producer: "pdfkit",
      CreationDate: label.record.endedAt,
    },
  });
  const bytes = buffer(document);
  document.registerFont("regular", Buffer.from(fonts.regular));
  document.registerFont("bold", Buffer.from(fonts.bold));
  document.addPage({ size: [width * points, height * points], margin: 0 });
  for (const { item, text } of texts) {
    if (item.kind === "text")
      document
        .font("regular")
        .fontSize((item.high / capital) * points)
        .fillColor("#000000")
        .text(text, item.x * points, (item.y + item.high) * points, {
          lineBreak: false,
          baseline: "alphabetic",
        });
    else {
      const rows = codeModules(item.code, item.text);
      // The bars are one row of modules, as many times as they are high.
      const high = item.code === "code128" ? Math.max(1, Math.round(item.high / item.module)) : 1;
      const all = rows.flatMap((row) => Array.from({ length: high }, () => row));
      drawMark(document, { type: "modules", x: item.x, y: item.y, side: item.module, rows: all }, null);
    }
  }
  if (label.mark !== null) drawBar(document, label.mark, width);
  document.end();
  return new Uint8Array(await bytes);
}

/** Last of all, so that nothing hides it. */
function drawBar(document: PDFKit.PDFDocument, { text, y, height, high }: LabelMark, width: number): void {
  document.rect(0, y * points, width * points, height * points).fill("#000000");
  document
    .font("bold")
    .fontSize((high / capital) * points)
    .fillColor("#ffffff");
  const left = (width * points - document.widthOfString(text)) / 2;
  const base = (y + (height + high) / 2) * points;
  document.text(text, left, base, { lineBreak: false, baseline: "alphabetic" });
}
