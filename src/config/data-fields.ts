import { z } from "zod";
import { fieldKinds, type DataField } from "../model/profile.ts";
import { parseFormat, usesToken } from "../model/serial.ts";

const address = z.int().min(0).max(0xffff_ffff);

/** One entry of a profile's `data`. */
export const dataSchema = z.strictObject({
  name: z.string().min(1).max(40),
  at: address,
  as: z.enum([...fieldKinds.text, ...fieldKinds.integer, ...fieldKinds.crc]),
  length: z.int().min(1).max(4096).optional().meta({ description: "bytes of a text field" }),
  value: z
    .union([z.string(), z.int().min(0)])
    .optional()
    .meta({ description: "text with tokens such as {serial}" }),
  over: z
    .tuple([address, address])
    .optional()
    .meta({ description: "first and last address that a CRC covers" }),
});

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
      if (field.over !== undefined) complain(i, "over", "found, only a CRC covers a range");
      if (value === null) return [];
      if (isInteger(field.as)) {
        if (field.length !== undefined) complain(i, "length", `found, ${field.as} has its own`);
        return [{ kind: "integer", name, at, as: field.as, length: integerBytes(field.as), value }];
      }
      const length = textBytes(field, i, complain);
      return length === null ? [] : [{ kind: "text", name, at, as: field.as, length, value }];
    }
    if (field.value !== undefined) complain(i, "value", "found, a CRC is computed");
    if (field.length !== undefined) complain(i, "length", "found, a CRC has 4 bytes");
    if (field.over === undefined) {
      complain(i, null, `"over: [FIRST, LAST]" was expected beside as: ${field.as}`);
      return [];
    }
    const [from, to] = field.over;
    if (to < from) complain(i, "over", "ends before it begins");
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
    complain(i, null, `"value" was expected beside as: ${field.as}`);
    return null;
  }
  if (typeof field.value === "number") {
    if (isInteger(field.as)) return String(field.value);
    complain(
      i,
      "value",
      `a bare number found, text in quotes was expected (${field.as} keeps leading zeros)`,
    );
    return null;
  }
  const format = parseFormat(field.value);
  if (typeof format === "string") {
    complain(i, "value", `"${field.value}" found, ${format}`);
    return null;
  }
  if (!known.serial && (usesToken(format, "serial") || usesToken(format, "n")))
    complain(i, "value", `"${field.value}" found, and this profile has no "serial"`);
  if (!known.mac && usesToken(format, "mac"))
    complain(i, "value", `"${field.value}" found, and this profile has no "mac"`);
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
    complain(i, null, `"length" was expected beside as: ${field.as}`);
    return null;
  }
  return field.length;
}

/** `u32le` has 4 bytes. */
const integerBytes = (as: Kinds["integer"][number]): number => Number(/[0-9]+/.exec(as)?.[0] ?? 8) / 8;
