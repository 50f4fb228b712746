import { assertNever } from "../lib/assert-never.ts";
import type { Parsed } from "../model/image-complaint.ts";
import type { Image, ImageFormat } from "../model/memory.ts";
import { parseBin } from "./bin.ts";
import { endsInSuffix } from "./dfu-suffix.ts";
import { beginsAsDfuSe, parseDfu } from "./dfuse.ts";
import { parseElf } from "./elf.ts";
import { parseHex } from "./hex.ts";
import { baseAddressBesideOwn, emptyFile, refuse, refuseOffset } from "./refuse.ts";
import { parseSrec } from "./srec.ts";
import type { TextOptions } from "./text-records.ts";

export interface ImageOptions extends TextOptions {
  /** Base address, for the formats that carry none: raw binary and plain DFU. */
  readonly at?: number | undefined;
}

const headBytes = 4096;

/**
 * Which format a file is, by its content: a name can lie (protocols/image-formats.md, section 7). A damaged file is
 * still the format that it was meant as, so that its parser can say what is wrong with it.
 */
export function detectFormat(bytes: Uint8Array): ImageFormat {
  if (beginsAsDfuSe(bytes)) return "dfuse";
  if (latin1(bytes.subarray(0, 4)) === "\x7FELF") return "elf";
  const text = headAsText(bytes)?.trimStart() ?? "";
  if (/^:|[\r\n][ \t]*:[0-9A-Fa-f]{8}/.test(text)) return "hex";
  if (/^S[0-9]|[\r\n][ \t]*S[0-9][0-9A-Fa-f]{6}/.test(text)) return "srec";
  return endsInSuffix(bytes) ? "dfu" : "bin";
}

/** Reads a file of any known format. */
export function parseImage(bytes: Uint8Array, options: ImageOptions = {}): Parsed<Image> {
  if (bytes.length === 0) return refuseOffset(0, emptyFile);
  const { at } = options;
  const format = detectFormat(bytes);
  switch (format) {
    case "bin":
      return at === undefined
        ? refuse("A .bin carries no address; it needs a base address.")
        : bin(bytes, at);
    case "dfu":
    case "dfuse":
      return parseDfu(bytes, { at });
    case "hex":
      return at === undefined ? parseHex(bytes, options) : refuse(baseAddressBesideOwn);
    case "srec":
      return at === undefined ? parseSrec(bytes, options) : refuse(baseAddressBesideOwn);
    case "elf":
      return at === undefined ? parseElf(bytes) : refuse(baseAddressBesideOwn);
    default:
      return assertNever(format);
  }
}

/** A web page or a note of a download that failed looks like this; firmware does not. */
function bin(bytes: Uint8Array, at: number): Parsed<Image> {
  const parsed = parseBin(bytes, at);
  if (!parsed.ok || headAsText(bytes) === null) return parsed;
  return { ok: true, value: { ...parsed.value, warnings: ["The file is plain text, not firmware."] } };
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("latin1");
}

/** The beginning of the file when it is text, UTF-16 included; null when more than a tenth of it is not. */
function headAsText(bytes: Uint8Array): string | null {
  const head = latin1(bytes.subarray(0, headBytes)).replace(/^(?:\xFF\xFE|\xFE\xFF|\xEF\xBB\xBF)/, "");
  const wide = /^(?:[\t\r\n\x20-\x7E]\0|\0[\t\r\n\x20-\x7E]){2}/.test(head);
  const text = wide ? head.replaceAll("\0", "") : head;
  const strange = text.replaceAll(/[\t\r\n\x20-\x7E]/g, "").length;
  return text !== "" && strange * 10 <= text.length ? text : null;
}
