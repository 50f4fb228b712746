import type { Block } from "../block.ts";
import { piecesOf } from "./compose.ts";
import type { Cover } from "./cover.ts";
import type { ReportDefinition } from "../definition.ts";
import { drawMark } from "./draw-mark.ts";
import { isPlain, loadFonts, type Fonts } from "./fonts.ts";
import { gather, type Gathered } from "./gather.ts";
import { furniture, type Furniture } from "./furniture.ts";
import { plainTexts } from "./plain-text.ts";
import { sheets, type Mark, type Page, type Setter } from "./mark.ts";
import { paginate } from "./strip.ts";
import { structure } from "./structure.ts";

/** A character that the report's fonts cannot show. Nothing was written. */
export class GlyphError extends Error {
  readonly char: string;
  readonly page: number;

  constructor(char: string, page: number, text: string, bold: boolean) {
    const code = `U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
    super(
      `page ${page}, in "${text}": the ${bold ? "bold" : "regular"} font has no "${char}" (${code}). ` +
        `Name fonts that have it in the report definition: font: { regular: FILE, bold: FILE }`,
    );
    this.name = "GlyphError";
    this.char = char;
    this.page = page;
  }
}

const pointsPerMm = 72 / 25.4;

/**
 * Draws a report as PDF/A-2b (ISO 19005-2): fonts inside, an sRGB output intent, XMP metadata, no encryption. The same
 * blocks, definition and cover give the same bytes: the document's date is the cover's, and its streams are not
 * compressed, since zlib's bytes differ between machines. It comes in pieces, which are drawn as they are asked for, once:
 * 100 000 units are 284 MB. What cannot be set is known before the first of them. Throws a `GlyphError` or a `FontError`.
 */
export async function drawPdfPieces(
  blocks: readonly Block[],
  definition: ReportDefinition,
  cover: Cover,
): Promise<Iterable<Uint8Array>> {
  const fonts = await loadFonts(definition.font, isPlain(definition));
  const { default: PDFDocument } = await import("pdfkit");
  const document = new PDFDocument({
    pdfVersion: "1.7",
    autoFirstPage: false,
    compress: false,
    fontLayoutCache: !isPlain(definition),
    lang: definition.language,
    displayTitle: true,
    tagged: true,
    subset: "PDF/A-2b",
    info: information(cover),
  });
  escapeMetadata(document);
  const gathered = await gather(document);
  document.registerFont("regular", Buffer.from(fonts.regular));
  document.registerFont("bold", Buffer.from(fonts.bold));
  keepOpen(document);
  return drawn(document, gathered, definition, composePages(blocks, definition, cover, fonts));
}

function* drawn(
  document: PDFKit.PDFDocument,
  gathered: Gathered,
  definition: ReportDefinition,
  pages: Iterable<Page>,
): Generator<Uint8Array> {
  const { width, height } = sheets[definition.paper];
  const plain = isPlain(definition) ? plainTexts(document) : null;
  const tags = structure(document);
  for (const page of pages) {
    document.addPage({ size: [width * pointsPerMm, height * pointsPerMm], margin: 0 });
    tags.beginPage();
    for (const mark of page.marks) {
      tags.mark(mark.tag ?? null);
      drawMark(document, mark, plain);
    }
    tags.endPage();
    for (const { text, y } of page.bookmarks) bookmark(document, text, y);
    yield* gathered.full();
  }
  tags.end();
  document.end();
  yield* gathered.rest();
}

/** Pages with everything on them but ink. Throws a `GlyphError` before the first of them. */
export function composePages(
  blocks: readonly Block[],
  definition: ReportDefinition,
  cover: Cover,
  fonts: Fonts,
): Generator<Page> {
  const setter: Setter = { measure: fonts.measure, sheet: sheets[definition.paper] };
  const still = furniture(cover, definition, setter);
  return furnished(blocks, still, setter, countPages(blocks, still, setter, fonts));
}

function* furnished(
  blocks: readonly Block[],
  still: Furniture,
  setter: Setter,
  count: number,
): Generator<Page> {
  for (const { page, number } of numbered(blocks, setter))
    yield { ...page, marks: [...still(number, count), ...page.marks] };
}

function* numbered(
  blocks: readonly Block[],
  setter: Setter,
): Generator<{ readonly page: Page; readonly number: number }> {
  let number = 0;
  for (const page of paginate(piecesOf(blocks, setter), setter.sheet)) {
    number += 1;
    yield { page, number };
  }
}

/** Sets every page without drawing: how many there are, and that each character has a glyph. */
function countPages(blocks: readonly Block[], still: Furniture, setter: Setter, fonts: Fonts): number {
  let pages = 0;
  for (const { page, number } of numbered(blocks, setter)) {
    pages = number;
    for (const mark of page.marks) requireGlyphs(mark, number, fonts);
  }
  for (const mark of still(1, pages)) requireGlyphs(mark, 1, fonts);
  return pages;
}

function requireGlyphs(mark: Mark, page: number, fonts: Fonts): void {
  if (mark.type !== "text") return;
  const char = fonts.missing(mark.text, mark.bold);
  if (char !== null) throw new GlyphError(char, page, mark.text, mark.bold);
}

/**
 * pdfkit 0.20 remembers a font by its own name: where one file is both regular and bold it would open the second again for
 * each text.
 */
function keepOpen(document: PDFKit.PDFDocument): void {
  const open = document as unknown as { _font: unknown; _fontFamilies: Record<string, unknown> };
  for (const name of ["regular", "bold"]) {
    document.font(name);
    open._fontFamilies[name] ??= open._font;
  }
}

/**
 * pdfkit 0.20 puts the properties into the XMP packet as they are: a title with `&` or `<` would make it no XML. They
 * are escaped between the two places where it reads them: the Info dictionary, then the packet.
 */
function escapeMetadata(document: PDFKit.PDFDocument): void {
  const open = document as unknown as { info: Record<string, unknown>; endSubset: () => void };
  const endSubset = open.endSubset.bind(document);
  open.endSubset = () => {
    for (const [key, value] of Object.entries(open.info))
      if (typeof value === "string") open.info[key] = xmlText(value);
    endSubset();
  };
}

const xmlText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function information({ title, keywords, date }: Cover): PDFKit.DocumentInfo {
  return {
    Title: title,
    Creator: "gangflash",
    Producer: "pdfkit",
    Keywords: keywords,
    CreationDate: date,
    ModDate: date,
  };
}

function bookmark(document: PDFKit.PDFDocument, text: string, y: number): void {
  // Its typings lag behind pdfkit 0.20, which takes the place on the page as `top`.
  const place = { top: y * pointsPerMm } as { expanded?: boolean };
  document.outline.addItem(text, place);
}
