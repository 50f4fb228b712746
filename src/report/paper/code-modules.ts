import bwip from "bwip-js/node";
import type { LabelCode } from "../../model/label.ts";

// Its function `raw` gives modules; the module's named export `raw` is a symbology of that name.
const encoder = bwip;

/** Dark modules row by row, without the quiet zone; a Data Matrix is ECC 200; the bars of a code128 are one row. */
export function codeModules(code: LabelCode, text: string): readonly (readonly boolean[])[] {
  const bcid = { datamatrix: "datamatrix", qr: "qrcode", code128: "code128" }[code];
  const [symbol] = encoder.raw({ bcid, text });
  if (symbol === undefined) throw new Error("bwip-js gave no symbol");
  if ("pixs" in symbol) {
    const { pixs, pixx, pixy } = symbol;
    return Array.from({ length: pixy }, (_, y) =>
      Array.from(pixs.slice(y * pixx, (y + 1) * pixx), (pixel) => pixel === 1),
    );
  }
  // Widths of bar, space, bar, and so on.
  return [Array.from(symbol.sbs).flatMap((width, i) => Array.from({ length: width }, () => i % 2 === 0))];
}
