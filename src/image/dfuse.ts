import { count } from "../lib/count.ts";
import { cleanText } from "../lib/clean-text.ts";
import type { Parsed } from "../model/image-complaint.ts";
import type { DfuFacts, Image } from "../model/memory.ts";
import { parseBin } from "./bin.ts";
import { dfuSe, type DfuSuffix, plainDfu, readSuffix } from "./dfu-suffix.ts";
import { createPieces, type Pieces } from "./pieces.ts";
import { baseAddressBesideOwn, refuse, refuseOffset, type Refusal } from "./refuse.ts";
import { joinPieces } from "./segments.ts";

const prefixBytes = 11;
const targetBytes = 274;
const nameBytes = 255;
const elementHeaderBytes = 8;

type Target = DfuFacts["targets"][number];

export interface DfuOptions {
  /** Where a plain DFU file goes: it carries no address. */
  readonly at?: number | undefined;
}

/** A .dfu file of either kind, told apart by its suffix (protocols/image-formats.md, sections 2 and 3). */
export function parseDfu(bytes: Uint8Array, options: DfuOptions = {}): Parsed<Image> {
  const suffix = readSuffix(bytes);
  if (!suffix.ok) return suffix;
  if (beginsAsDfuSe(bytes) !== (suffix.value.specification === dfuSe)) {
    const message =
      suffix.value.specification === plainDfu
        ? "The file begins as DfuSe, its suffix says plain DFU."
        : "The suffix says DfuSe, the file does not begin so.";
    return refuseOffset(0, message);
  }
  return suffix.value.specification === plainDfu
    ? parsePlain(bytes, suffix.value, options.at)
    : parseDfuSe(bytes, suffix.value, options.at);
}

export function beginsAsDfuSe(bytes: Uint8Array): boolean {
  return textAt(bytes, 0, 5) === "DfuSe";
}

function textAt(bytes: Uint8Array, from: number, length: number): string {
  return Buffer.from(bytes.subarray(from, from + length)).toString("latin1");
}

function facts(suffix: DfuSuffix, targets: readonly Target[]): DfuFacts {
  const { vendorId, productId, version, specification } = suffix;
  return { vendorId, productId, version, specification, targets };
}

function parsePlain(bytes: Uint8Array, suffix: DfuSuffix, at: number | undefined): Parsed<Image> {
  if (suffix.offset === 0)
    return refuseOffset(0, "The file is a DFU suffix and nothing else: there is nothing to program.");
  if (at === undefined) return refuse("A plain DFU file carries no address; it needs a base address.");
  const raw = parseBin(bytes.subarray(0, suffix.offset), at);
  if (!raw.ok) return raw;
  const left = `The file ends in a DFU suffix; its ${bytes.length - suffix.offset} bytes are not programmed.`;
  return { ok: true, value: { ...raw.value, format: "dfu", warnings: [left], dfu: facts(suffix, []) } };
}

function parseDfuSe(bytes: Uint8Array, suffix: DfuSuffix, at: number | undefined): Parsed<Image> {
  if (at !== undefined) return refuse(baseAddressBesideOwn);
  const content = bytes.subarray(0, suffix.offset);
  if (content.length < prefixBytes) return refuseOffset(0, "The file ends inside the DfuSe prefix.");
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  const version = view.getUint8(5);
  if (version !== 1) return refuseOffset(5, `The DfuSe version is ${version}; there is only 1.`);
  const warnings: string[] = [];
  const size = view.getUint32(6, true);
  // UM0391 counts the suffix, ST's own writer does not (3.1): both are right.
  if (size !== bytes.length && size !== bytes.length - 16)
    warnings.push(`The DfuSe prefix claims ${count(size, "byte")}; the file has ${bytes.length}.`);
  const pieces = createPieces();
  const targets: Target[] = [];
  let from = prefixBytes;
  for (let left = view.getUint8(10); left > 0; left--) {
    const walked = walkTarget(view, from, pieces);
    if (!walked.ok) return walked;
    targets.push(walked.value.target);
    from = walked.value.end;
  }
  if (from !== content.length)
    return refuseOffset(
      from,
      `The targets end here, ${count(content.length - from, "byte")} before the suffix.`,
    );
  if (pieces.size === 0) return refuseOffset(10, "No element has bytes: there is nothing to program.");
  const joined = joinPieces(bytes, pieces, "offset");
  if (!joined.ok) return joined;
  return {
    ok: true,
    value: {
      format: "dfuse",
      segments: joined.value.segments,
      entry: null,
      warnings: [...warnings, ...joined.value.warnings],
      dfu: facts(suffix, targets),
    },
  };
}

/** One target and its elements; each length is checked against what is left before it is believed (3.2). */
function walkTarget(
  content: DataView,
  from: number,
  pieces: Pieces,
): Parsed<{ readonly target: Target; readonly end: number }> {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  if (from + targetBytes > bytes.length)
    return refuseOffset(from, "A target was to begin here, but the suffix comes first.");
  if (textAt(bytes, from, 6) !== "Target")
    return refuseOffset(from, `A target was to begin here, but "Target" is not found.`);
  const size = content.getUint32(from + 266, true);
  const elements = content.getUint32(from + 270, true);
  const start = from + targetBytes;
  const end = start + size;
  if (end > bytes.length)
    return refuseOffset(
      from + 266,
      `The target claims ${count(size, "byte")}; ${bytes.length - start} are left.`,
    );
  const walked = walkElements(content, start, end, elements, pieces);
  if (walked !== null) return walked;
  const named = content.getUint32(from + 7, true) !== 0;
  const target = { alternate: content.getUint8(from + 6), name: named ? nameAt(bytes, from + 11) : null };
  return { ok: true, value: { target, end } };
}

function walkElements(
  content: DataView,
  start: number,
  end: number,
  elements: number,
  pieces: Pieces,
): Refusal | null {
  let at = start;
  for (let index = 0; index < elements; index++) {
    if (at + elementHeaderBytes > end)
      return refuseOffset(at, `The target claims ${count(elements, "element")} and ends after ${index}.`);
    const address = content.getUint32(at, true);
    const length = content.getUint32(at + 4, true);
    const from = at + elementHeaderBytes;
    if (from + length > end)
      return refuseOffset(
        at,
        `The element claims ${count(length, "byte")}; its target has ${end - from} left.`,
      );
    pieces.add(address, from, length, at);
    at = from + length;
  }
  return at === end
    ? null
    : refuseOffset(at, `The elements end here, ${count(end - at, "byte")} before the end of their target.`);
}

/** ST's writer leaves whatever was in memory after the NUL: only what comes before it is a name. */
function nameAt(bytes: Uint8Array, from: number): string | null {
  const [name = ""] = textAt(bytes, from, nameBytes).split("\0", 1);
  return cleanText(name, nameBytes) || null;
}
