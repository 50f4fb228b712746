import { patch } from "../inject/patch.ts";
import type { FieldValues } from "../inject/fields.ts";
import type { AttemptRecord } from "../model/attempt.ts";
import type { DataField, Profile } from "../model/profile.ts";
import { dateParts } from "../model/serial.ts";
import type { Segment } from "../model/memory.ts";

/** One field of a unit's data as its record proves it. */
export interface ProvedField {
  readonly field: DataField;
  readonly bytes: Uint8Array;
  /** For people: a text as it reads, numbers and check sums in hex. */
  readonly text: string;
}

/**
 * The unit's own data, field by field. A record keeps one hash of all fields' bytes, taken when they were laid over the
 * image; what is made here again has the same hash, or `null` is the answer: then nobody knows what the fields were.
 */
export function fieldsOf(
  profile: Profile,
  base: readonly Segment[],
  timezone: string | null,
  record: AttemptRecord,
): readonly ProvedField[] | null {
  if (record.injected === null || record.profileHash !== profile.hash) return null;
  const numberOf = (series: string | undefined) => record.serials.find((one) => one.series === series);
  const serial = numberOf(profile.serial?.series);
  const mac = numberOf(profile.mac?.series);
  const values: FieldValues = {
    ...dateParts(record.startedAt, timezone),
    barcode: record.barcode,
    ...(serial === undefined ? {} : { serial: serial.text, n: serial.number }),
    ...(mac === undefined ? {} : { mac: mac.text }),
    ...(record.uid === null ? {} : { uid: record.uid }),
  };
  // Flash erases to ones, on some lines to zeros: gaps under a check sum count as erased.
  for (const erased of [0xff, 0x00]) {
    const patched = patch(base, profile.data, values, erased);
    if (typeof patched === "string") return null;
    if (patched.fieldsHash !== record.injected.hash) continue;
    return profile.data.flatMap((field) => {
      const found = patched.fields.find(({ name }) => name === field.name);
      return found === undefined ? [] : [{ field, bytes: found.bytes, text: fieldText(field, found.bytes) }];
    });
  }
  return null;
}

/** What stands in a field, for people; "" where it is erased. */
export function fieldText(field: DataField, bytes: Uint8Array): string {
  const hex = Buffer.from(bytes).toString("hex").toUpperCase();
  if (bytes.every((byte) => byte === 0xff)) return "";
  if (field.kind !== "text") return `0x${littleFirst(field.as) ? hexReversed(bytes) : hex}`;
  switch (field.as) {
    case "ascii":
      return withoutPadding(Buffer.from(bytes).toString("latin1"));
    case "utf16le":
      return withoutPadding(Buffer.from(bytes).toString("utf16le"));
    case "bcd":
    case "hex":
    case "eui48":
    case "eui64":
      return hex;
    default:
      return field satisfies never;
  }
}

const littleFirst = (as: string): boolean => !as.endsWith("be");

const hexReversed = (bytes: Uint8Array): string =>
  Buffer.from(bytes.toReversed()).toString("hex").toUpperCase();

function withoutPadding(text: string): string {
  const end = text.indexOf("\0");
  return end < 0 ? text : text.slice(0, end);
}
