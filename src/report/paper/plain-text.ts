import type { Mark } from "./mark.ts";

type TextMark = Extract<Mark, { type: "text" }>;

/** What pdfkit's typings leave out: the font in use, the fonts of the page, and words into its content. */
interface OpenDocument {
  readonly _font: {
    readonly id: string;
    readonly ref: () => unknown;
    /** Four hex digits for each glyph; the font's subset has them from then on. */
    readonly encode: (text: string) => readonly [readonly string[], unknown];
  };
  readonly page: { readonly fonts: Record<string, unknown> };
  readonly addContent: (words: string) => void;
}

const points = 72 / 25.4;
/** Letters, digits and signs that stand for themselves; what joins to the letter before is the font's affair. */
const standsAlone = /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]*$/u;

const three = (value: number): string => String(Math.round(value * 1000) / 1000);

/**
 * Writes texts into pages where letters stand side by side as they are: one line of content each. pdfkit's own way shapes
 * every text anew and measures it again, which takes most of the time of a long report. Answers false for a text that
 * needs it; nothing is written then.
 */
export function plainTexts(document: PDFKit.PDFDocument): (mark: TextMark) => boolean {
  const open = document as unknown as OpenDocument;
  const glyphs = { regular: new Map<string, string>(), bold: new Map<string, string>() };

  return ({ text, x, y, size, bold }) => {
    if (!standsAlone.test(text)) return false;
    const name = bold ? "bold" : "regular";
    document.font(name);
    const font = open._font;
    let codes = "";
    for (const char of text) {
      let code = glyphs[name].get(char);
      if (code === undefined) {
        code = font.encode(char)[0].join("");
        glyphs[name].set(char, code);
      }
      codes += code;
    }
    open.page.fonts[font.id] ??= font.ref();
    // The page's own coordinates run downwards, as ours do; the letters must not stand on their heads.
    const place = `1 0 0 -1 ${three(x * points)} ${three(y * points)} Tm`;
    open.addContent(`BT /${font.id} ${size} Tf ${place} <${codes}> Tj ET`);
    return true;
  };
}
