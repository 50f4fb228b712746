import type { Parsed } from "../model/image-complaint.ts";

/** The half of `Parsed` that says no: it fits every result. */
export type Refusal = Extract<Parsed<never>, { readonly ok: false }>;

/** Text formats count lines from 1, binary formats bytes from 0. */
export type PlaceKind = "line" | "offset";

export function refuseAt(kind: PlaceKind, place: number, message: string): Refusal {
  return {
    ok: false,
    complaint: { line: kind === "line" ? place : null, offset: kind === "offset" ? place : null, message },
  };
}

export function refuseLine(line: number, message: string): Refusal {
  return refuseAt("line", line, message);
}

export function refuseOffset(offset: number, message: string): Refusal {
  return refuseAt("offset", offset, message);
}

/** What is wrong lies beside the file: in what was asked of it, or in getting it at all. */
export function refuse(message: string): Refusal {
  return { ok: false, complaint: { line: null, offset: null, message } };
}

/** A byte as people read it: `0x0A`. */
export function hexByte(value: number): string {
  return `0x${value.toString(16).toUpperCase().padStart(2, "0")}`;
}

export const noSuchFile = "There is no such file.";
export const emptyFile = "The file is empty.";
export const baseAddressBesideOwn =
  "A base address belongs to .bin only; this file carries its own addresses.";
