import type { LabelItem } from "../../model/label.ts";
import type { Label } from "./label.ts";
import type { LabelMark } from "./label-mark.ts";

/**
 * Field data under `^FH`: what is not a plain letter, digit or harmless sign stands as `_` and two hex digits of its
 * UTF-8 bytes (ZPL II Programming Guide, ^FH and ^CI28). No text of a barcode becomes a command.
 */
export const fieldData = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => {
    const char = String.fromCharCode(byte);
    return /[A-Za-z0-9 .,:;/+-]/.test(char) ? char : `_${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  }).join("");

/** A label in ZPL II, UTF-8 once encoded. */
export function toZpl({ definition, items, mark }: Label): string {
  const { width, height, dots, copies } = definition;
  const at = (mm: number): number => Math.round(mm * dots);
  return [
    "^XA",
    "^CI28",
    `^PW${at(width)}`,
    `^LL${at(height)}`,
    "^LH0,0",
    ...items.map((item) => `^FO${at(item.x)},${at(item.y)}${field(item, at)}^FS`),
    ...(mark === null ? [] : bar(mark, at(width), at)),
    `^PQ${copies}`,
    "^XZ",
    "",
  ].join("\n");
}

/** A black box, and letters that turn what they stand on: white (^GB with its height as thickness, ^FR, ^FB centred). */
function bar({ text, y, height, high }: LabelMark, dotsWide: number, at: (mm: number) => number): string[] {
  const tall = at(height);
  return [
    `^FO0,${at(y)}^GB${dotsWide},${tall},${tall}^FS`,
    `^FO0,${at(y + (height - high) / 2)}^FR^A0N,${at(high)}^FB${dotsWide},1,0,C^FH^FD${fieldData(text)}^FS`,
  ];
}

function field(item: LabelItem, at: (mm: number) => number): string {
  if (item.kind === "text") return `^A0N,${at(item.high)}^FH^FD${fieldData(item.text)}`;
  const module = Math.max(1, at(item.module));
  switch (item.code) {
    case "datamatrix":
      // ECC 200; the escape sign of ^BX is one that the text does not have.
      return `^BXN,${module},200,,,,${unused(item.text)}^FH^FD${fieldData(item.text)}`;
    case "qr":
      // "MA,": error correction M, the printer chooses the mode of the characters.
      return `^BQN,2,${module}^FH^FDMA,${fieldData(item.text)}`;
    case "code128":
      // ">" begins a code of ^BC, and stands for itself as ">0".
      return `^BY${module}^BCN,${at(item.high)},N,N,N^FH^FD${fieldData(item.text.replaceAll(">", ">0"))}`;
    default:
      return item.code satisfies never;
  }
}

function unused(text: string): string {
  const free = ["!", "$", "&", "(", ")", "*", "?", "@", "#", "%"].find((char) => !text.includes(char));
  if (free === undefined) throw new RangeError(`no sign is left for the escape of ${JSON.stringify(text)}`);
  return free;
}
