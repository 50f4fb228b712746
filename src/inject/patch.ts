import { createHash } from "node:crypto";
import { hex32 } from "../lib/bytes.ts";
import { endOf, flatten, type Segment } from "../model/memory.ts";
import type { DataField } from "../model/profile.ts";
import { crcBytes, fieldBytes, type FieldValues } from "./fields.ts";

/** An image with one unit's data laid over it. */
export interface Patched {
  readonly segments: readonly Segment[];
  /** The fields alone, as they must be read back. */
  readonly fields: readonly (Segment & { readonly name: string })[];
  /** SHA-256 of the fields' bytes in order of address. */
  readonly fieldsHash: string;
}

/** Bytes of both, `over` on top; sorted and joined. */
export function layOver(base: readonly Segment[], over: readonly Segment[]): Segment[] {
  const cuts = [...base];
  for (const top of over) {
    const next: Segment[] = [];
    for (const low of cuts) {
      if (endOf(low) <= top.address || low.address >= endOf(top)) {
        next.push(low);
        continue;
      }
      if (low.address < top.address)
        next.push({ address: low.address, bytes: low.bytes.subarray(0, top.address - low.address) });
      if (endOf(low) > endOf(top))
        next.push({ address: endOf(top), bytes: low.bytes.subarray(endOf(top) - low.address) });
    }
    next.push(top);
    cuts.splice(0, cuts.length, ...next);
  }
  return join(cuts.toSorted((a, b) => a.address - b.address));
}

function join(sorted: readonly Segment[]): Segment[] {
  const runs: Segment[][] = [];
  for (const segment of sorted) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && endOf(last) === segment.address) run.push(segment);
    else runs.push([segment]);
  }
  return runs.map((run) => {
    const [first] = run;
    if (run.length === 1 && first !== undefined) return first;
    const address = first?.address ?? 0;
    const length = run.reduce((sum, part) => sum + part.bytes.length, 0);
    return { address, bytes: flatten(run, address, length, 0) };
  });
}

/**
 * Lays a unit's fields over the image: texts and integers first, CRC fields last and in the order of the profile, so
 * that one CRC may cover another. Gaps inside a CRC's range count as erased. A string is the complaint.
 */
export function patch(
  base: readonly Segment[],
  fields: readonly DataField[],
  values: FieldValues,
  erasedByte: number,
): Patched | string {
  const placed: (Segment & { readonly name: string })[] = [];
  for (const field of fields) {
    if (field.kind === "crc") continue;
    const bytes = fieldBytes(field, values);
    if (typeof bytes === "string") return `data field "${field.name}": ${bytes}`;
    placed.push({ name: field.name, address: field.at, bytes });
  }
  let segments = layOver(base, placed);
  for (const field of fields) {
    if (field.kind !== "crc") continue;
    const [from, to] = field.over;
    const bytes = crcBytes(field.as, flatten(segments, from, to - from + 1, erasedByte));
    placed.push({ name: field.name, address: field.at, bytes });
    segments = layOver(segments, [{ address: field.at, bytes }]);
  }
  const ordered = placed.toSorted((a, b) => a.address - b.address);
  const hash = createHash("sha256");
  for (const field of ordered) hash.update(field.bytes);
  return { segments, fields: ordered, fieldsHash: hash.digest("hex") };
}

/** A field that cannot stand where it does, by its index, and why. */
export interface FieldConflict {
  readonly field: number;
  readonly message: string;
}

/**
 * Fields that lie on each other, CRCs that cover themselves, and CRCs that cover one which is computed after them and
 * would be wrong at once; `null` when there are none.
 */
export function fieldConflict(fields: readonly DataField[]): FieldConflict | null {
  const sorted = [...fields.entries()].toSorted(([, a], [, b]) => a.at - b.at);
  for (const [i, [, field]] of sorted.entries()) {
    const [index, next] = sorted[i + 1] ?? [];
    if (index === undefined || next === undefined || field.at + field.length <= next.at) continue;
    const end = hex32(field.at + field.length - 1);
    return {
      field: index,
      message: `"${next.name}" at ${hex32(next.at)} found, and "${field.name}" lies there, ${hex32(field.at)} to ${end}`,
    };
  }
  for (const [i, field] of fields.entries()) {
    if (field.kind !== "crc") continue;
    const covered = fields.findIndex((one, k) => k >= i && one.kind === "crc" && isOver(field.over, one));
    if (covered === i) return { field: i, message: `"${field.name}" covers itself` };
    const later = fields[covered];
    if (later !== undefined)
      return {
        field: i,
        message: `"${field.name}" covers "${later.name}", which was expected above it: it is computed first`,
      };
  }
  return null;
}

const isOver = ([first, last]: readonly [number, number], { at, length }: DataField): boolean =>
  first < at + length && last >= at;

/** The places that the fields of a profile take, before any unit is known. */
export function fieldSpan(fields: readonly DataField[]): Segment[] {
  return fields.map((field) => ({ address: field.at, bytes: new Uint8Array(field.length) }));
}
