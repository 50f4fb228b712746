import { errorText } from "../lib/thrown.ts";
import { alignUp } from "../lib/bytes.ts";
import { crc32Stm32, crc32Zip } from "../lib/crc.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { CrcKind, DataField } from "../model/profile.ts";
import { fillFormat, parseFormat, type TokenName } from "../model/serial.ts";

/** What the tokens of a field's value stand for, for one unit. */
export type FieldValues = Partial<Record<Exclude<TokenName, "n">, string>> & { readonly n?: number };

/**
 * The bytes of a text or integer field, or the sentence that says why there are none. Texts are padded with 0x00,
 * BCD and hex with leading zeros; too long is a complaint, never a cut.
 */
export function fieldBytes(
  field: Exclude<DataField, { kind: "crc" }>,
  values: FieldValues,
): Uint8Array | string {
  const format = parseFormat(field.value);
  if (typeof format === "string") return format;
  let text: string;
  try {
    text = fillFormat(format, values, values.n ?? null);
  } catch (error) {
    return errorText(error);
  }
  return field.kind === "integer" ? integerBytes(field.as, field.length, text) : textBytes(field, text);
}

function textBytes(field: Extract<DataField, { kind: "text" }>, text: string): Uint8Array | string {
  const room = `the field has ${field.length} bytes`;
  switch (field.as) {
    case "ascii": {
      // oxlint-disable-next-line no-control-regex -- ASCII is what the field is named after, controls excluded
      if (!/^[\x20-\x7e]*$/.test(text)) return `"${text}" is not ASCII`;
      if (text.length > field.length) return `"${text}" has ${text.length} characters, ${room}`;
      return padEnd(Buffer.from(text, "ascii"), field.length);
    }
    case "utf16le": {
      const bytes = Buffer.from(text, "utf16le");
      if (bytes.length > field.length) return `"${text}" has ${bytes.length} bytes in UTF-16, ${room}`;
      return padEnd(bytes, field.length);
    }
    case "bcd": {
      if (!/^[0-9]+$/.test(text)) return `"${text}" is not decimal digits`;
      if (text.length > 2 * field.length) return `"${text}" has ${text.length} digits, ${room}`;
      return Buffer.from(text.padStart(2 * field.length, "0"), "hex");
    }
    case "hex": {
      const digits = text.replaceAll(/[ :-]/g, "");
      if (!/^([0-9a-fA-F]{2})*$/.test(digits)) return `"${text}" is not pairs of hex digits`;
      if (digits.length > 2 * field.length) return `"${text}" has ${digits.length / 2} bytes, ${room}`;
      return Buffer.from(digits.padStart(2 * field.length, "0"), "hex");
    }
    case "eui48":
    case "eui64": {
      const digits = text.replaceAll(/[ :-]/g, "");
      if (!/^[0-9a-fA-F]+$/.test(digits) || digits.length !== 2 * field.length)
        return `"${text}" is not an EUI of ${field.length} bytes`;
      return Buffer.from(digits, "hex");
    }
    default:
      return assertNever(field.as);
  }
}

function padEnd(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes);
  return out;
}

function integerBytes(kind: string, length: number, text: string): Uint8Array | string {
  if (!/^(0x[0-9a-fA-F]+|[0-9]+)$/.test(text)) return `"${text}" is not a whole number`;
  let value = BigInt(text);
  if (value >= 1n << BigInt(8 * length)) return `${text} does not fit ${kind}`;
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) {
    bytes[kind.endsWith("be") ? length - 1 - i : i] = Number(value & 0xffn);
    value >>= 8n;
  }
  return bytes;
}

/**
 * The CRC over a range as the field stores it, little endian. `crc32`: zip's (poly 0x04C11DB7 reflected, init and
 * final XOR 0xFFFFFFFF, check 0xCBF43926). `crc32-stm32`: the chip's CRC unit over little-endian words (poly
 * 0x04C11DB7, init 0xFFFFFFFF, no reflection, no final XOR), a last part of a word filled with 0xFF.
 */
export function crcBytes(kind: CrcKind, over: Uint8Array): Uint8Array {
  const out = new Uint8Array(4);
  const view = new DataView(out.buffer);
  switch (kind) {
    case "crc32":
      view.setUint32(0, crc32Zip(over), true);
      return out;
    case "crc32-stm32": {
      const words = new Uint8Array(alignUp(over.length, 4)).fill(0xff);
      words.set(over);
      view.setUint32(0, crc32Stm32(words), true);
      return out;
    }
    default:
      return assertNever(kind);
  }
}
