import { z } from "zod";
import { hex32 } from "../lib/bytes.ts";
import { fieldKinds, type DataField } from "../model/profile.ts";
import { parseFormat, usesToken } from "../model/serial.ts";
import { address, shownText } from "./schema-pieces.ts";

/** One entry of a profile's `data`. */
export const dataSchema = z
  .strictObject({
    name: shownText(40).meta({
      description: "Name of the field in records and messages. Each field has its own.",
      examples: ["serial"],
    }),
    at: address.meta({
      description:
        "Address of its first byte, such as 0x0800BF00. Outside of the image it extends what is programmed.",
    }),
    as: z.enum([...fieldKinds.text, ...fieldKinds.integer, ...fieldKinds.crc]).meta({
      description:
        "How its value becomes bytes. Text: ascii, utf16le (both padded with 0x00), bcd, hex (both padded with zeros in front), eui48 (6 bytes), eui64 (8 bytes). Whole numbers: u8 to u64, le or be. Checks, stored little endian: crc32 (of zip), crc32-stm32 (of the chip's CRC unit over 32-bit words; a last word that is not full is filled with 0xFF).",
    }),
    length: z
      .int()
      .min(1)
      .max(4096)
      .optional()
      .meta({
        description:
          "Bytes of an ascii, utf16le, bcd or hex field. A value that is too long is a mistake, never cut. The others know their own length.",
        examples: [16],
      }),
    value: z
      .union([z.string(), z.int().min(0)])
      .optional()
      .meta({
        description:
          "What goes into it. Text with tokens: {serial} {n} {n:05} {mac} {uid} {barcode} {yyyy} {yy} {mm} {dd} {ww} (ISO week; beside it, without {mm} and {dd}, {yy} and {yyyy} are the year that the week belongs to) {unix} (seconds since 1970). {mac} has 12 hex digits. In quotes; a number without quotes is for the u fields. A CRC has no value.",
        examples: ["{serial}", "{unix}", "{mac}"],
      }),
    over: z
      .tuple([
        address.meta({ description: "First address." }),
        address.meta({ description: "Last address, itself included." }),
      ])
      .optional()
      .meta({
        description:
          "First and last address that a CRC covers, both included; gaps count as erased flash. A CRC that covers another one stands below it. Such as [0x0800BF00, 0x0800BF13].",
      }),
  })
  .meta({ description: "One field: a name, an address, a kind, and a value (or what a CRC is over)." });

type DataYaml = z.infer<typeof dataSchema>;
type Kinds = typeof fieldKinds;

const isText = (as: string): as is Kinds["text"][number] =>
  (fieldKinds.text as readonly string[]).includes(as);
const isInteger = (as: string): as is Kinds["integer"][number] =>
  (fieldKinds.integer as readonly string[]).includes(as);

/** The fields of the model; each mistake goes to `complain`, at a key of the field or at the field itself. */
export function toDataFields(
  data: readonly DataYaml[],
  known: { readonly serial: boolean; readonly mac: boolean },
  complain: (i: number, key: string | null, message: string) => void,
): DataField[] {
  const names = new Set<string>();
  return data.flatMap((field, i): DataField[] => {
    if (names.has(field.name))
      complain(i, "name", `"${field.name}" found a second time, each field needs its own name`);
    names.add(field.name);
    const { name, at } = field;
    if (isText(field.as) || isInteger(field.as)) {
      const value = valueOf(field, i, known, complain);
      if (field.over !== undefined)
        complain(i, "over", `found beside as: ${field.as}, only a CRC covers a range`);
      if (value === null) return [];
      if (isInteger(field.as)) {
        if (field.length !== undefined)
          complain(i, "length", `${field.length} found, ${field.as} has its own length`);
        return [{ kind: "integer", name, at, as: field.as, length: integerBytes(field.as), value }];
      }
      const length = textBytes(field, i, complain);
      return length === null ? [] : [{ kind: "text", name, at, as: field.as, length, value }];
    }
    if (field.value !== undefined)
      complain(i, "value", `found beside as: ${field.as}, a CRC is computed and has no value`);
    if (field.length !== undefined)
      complain(i, "length", `${field.length} found, ${field.as} has its own length`);
    if (field.over === undefined) {
      complain(i, null, `over is missing, "over: [FIRST, LAST]" was expected beside as: ${field.as}`);
      return [];
    }
    const [from, to] = field.over;
    if (to < from)
      complain(
        i,
        "over",
        `${hex32(from)} to ${hex32(to)} found, the first address was expected to come first`,
      );
    return [{ kind: "crc", name, at, as: field.as, length: 4, over: [from, to] }];
  });
}

function valueOf(
  field: DataYaml,
  i: number,
  known: { readonly serial: boolean; readonly mac: boolean },
  complain: (i: number, key: string | null, message: string) => void,
): string | null {
  if (field.value === undefined) {
    complain(i, null, `value is missing, it was expected beside as: ${field.as}`);
    return null;
  }
  if (typeof field.value === "number") {
    if (isInteger(field.as)) return String(field.value);
    complain(
      i,
      "value",
      `${field.value} found, text was expected: put it in quotes, which keep the zeros in front`,
    );
    return null;
  }
  const format = parseFormat(field.value);
  if (typeof format === "string") {
    complain(i, "value", `"${field.value}" found, ${format}`);
    return null;
  }
  if (!known.serial && (usesToken(format, "serial") || usesToken(format, "n")))
    complain(i, "value", `"${field.value}" found, and this profile has no serial block`);
  if (!known.mac && usesToken(format, "mac"))
    complain(i, "value", `"${field.value}" found, and this profile has no mac block`);
  return field.value;
}

function textBytes(
  field: DataYaml,
  i: number,
  complain: (i: number, key: string | null, message: string) => void,
): number | null {
  const own = field.as === "eui48" ? 6 : field.as === "eui64" ? 8 : null;
  if (own !== null) {
    if (field.length !== undefined && field.length !== own)
      complain(i, "length", `${field.length} found, ${field.as} has ${own} bytes`);
    return own;
  }
  if (field.length === undefined) {
    complain(i, null, `length is missing, it was expected beside as: ${field.as}`);
    return null;
  }
  return field.length;
}

/** `u32le` has 4 bytes. */
const integerBytes = (as: Kinds["integer"][number]): number => Number(/[0-9]+/.exec(as)?.[0] ?? 8) / 8;
