import { cutLeft, shown } from "../text.ts";

/** The end of a barcode or number, from a letter or digit on: `04112`. */
export const tailOf = (barcode: string): string =>
  cutLeft(shown(barcode), 6)
    .replace(/^~?[^\p{L}\p{N}]*/u, "")
    .slice(-5);
