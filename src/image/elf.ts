import { hex32 } from "../lib/bytes.ts";
import type { Parsed } from "../model/image-complaint.ts";
import type { Image } from "../model/memory.ts";
import { createPieces } from "./pieces.ts";
import { emptyFile, refuseOffset, type Refusal } from "./refuse.ts";
import { joinPieces } from "./segments.ts";

const headerBytes = 52;
const segmentHeaderBytes = 32;
const loadable = 1;
/** e_phnum of a file that keeps its true count elsewhere, for it is larger still. */
const uncounted = 0xffff;

const types: Readonly<Record<number, string>> = {
  0: "of no type",
  1: "an object file that is not linked yet",
  3: "a shared or position-independent file",
  4: "a core dump",
};

const machines: Readonly<Record<number, string>> = {
  3: "x86",
  8: "MIPS",
  20: "PowerPC",
  62: "x86-64",
  83: "AVR",
  94: "Xtensa",
  105: "MSP430",
  183: "AArch64",
  243: "RISC-V",
};

interface SegmentHeader {
  /** Where the header itself lies in the file. */
  readonly place: number;
  readonly type: number;
  readonly from: number;
  readonly virtual: number;
  readonly physical: number;
  readonly fileBytes: number;
  readonly memoryBytes: number;
}

/**
 * ELF of an STM32 (protocols/image-formats.md, section 6): the loadable segments that have bytes in the file, at their
 * load address. What only grows in RAM (.bss) is not in the image. Sections are not needed and not looked at.
 */
export function parseElf(bytes: Uint8Array): Parsed<Image> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const refusal = checkHeader(view) ?? checkTable(view);
  if (refusal !== null) return refusal;
  const headers = readTable(view);
  const warnings: string[] = [];
  const byVirtual = lacksLoadAddresses(headers);
  if (byVirtual) warnings.push("No segment has a load address; their run addresses are used.");
  const pieces = createPieces();
  let holdsHeader: number | null = null;
  for (const header of headers) {
    if (header.type !== loadable || header.fileBytes === 0) continue;
    const outside = checkSegment(header, bytes.length);
    if (outside !== null) return outside;
    const address = byVirtual ? header.virtual : header.physical;
    if (header.from < headerBytes) holdsHeader ??= address;
    pieces.add(address, header.from, header.fileBytes, header.place);
  }
  if (pieces.size === 0)
    return refuseOffset(tableOffset(view), "No segment has bytes in the file: there is nothing to program.");
  if (holdsHeader !== null)
    warnings.push(`The segment at ${hex32(holdsHeader)} holds the header of the ELF file itself.`);
  const joined = joinPieces(bytes, pieces, "offset");
  if (!joined.ok) return joined;
  const entry = view.getUint32(24, true);
  return {
    ok: true,
    value: {
      format: "elf",
      segments: joined.value.segments,
      entry: entry === 0 ? null : entry,
      warnings: [...warnings, ...joined.value.warnings],
      dfu: null,
    },
  };
}

function checkHeader(view: DataView): Refusal | null {
  if (view.byteLength === 0) return refuseOffset(0, emptyFile);
  if (view.byteLength < 4 || view.getUint32(0) !== 0x7f454c46)
    return refuseOffset(0, "The file does not begin as an ELF file does.");
  if (view.byteLength < headerBytes)
    return refuseOffset(view.byteLength, "The file ends inside the ELF header: it was cut short.");
  const width = view.getUint8(4);
  if (width !== 1) {
    const found = width === 2 ? "a 64-bit ELF file" : `an ELF file of the unknown class ${width}`;
    return refuseOffset(4, `This is ${found}; an STM32 needs 32-bit.`);
  }
  const order = view.getUint8(5);
  if (order !== 1) {
    const found = order === 2 ? "big-endian" : `of the unknown byte order ${order}`;
    return refuseOffset(5, `The ELF file is ${found}; an STM32 needs little-endian.`);
  }
  if (view.getUint8(6) !== 1)
    return refuseOffset(6, `The ELF version is ${view.getUint8(6)}; there is only 1.`);
  const type = view.getUint16(16, true);
  if (type !== 2)
    return refuseOffset(
      16,
      `The ELF file is ${types[type] ?? `of the unknown type ${type}`}; a linked program is needed.`,
    );
  const machine = view.getUint16(18, true);
  if (machine !== 40)
    return refuseOffset(18, `The ELF file is for ${machines[machine] ?? `machine ${machine}`}, not for ARM.`);
  return null;
}

function tableOffset(view: DataView): number {
  return view.getUint32(28, true);
}

function segmentCount(view: DataView): number {
  return view.getUint16(44, true);
}

function checkTable(view: DataView): Refusal | null {
  const segments = segmentCount(view);
  if (segments === 0) return refuseOffset(44, "The ELF file has no segments: it is not linked for loading.");
  if (segments === uncounted) return refuseOffset(44, "The ELF file claims 65535 segments or more.");
  const size = view.getUint16(42, true);
  if (size !== segmentHeaderBytes)
    return refuseOffset(42, `A segment header has ${size} bytes; 32-bit ELF has ${segmentHeaderBytes}.`);
  const end = tableOffset(view) + segments * segmentHeaderBytes;
  return end <= view.byteLength
    ? null
    : refuseOffset(
        28,
        `The segment headers end at byte ${end}, the file at ${view.byteLength}: it was cut short.`,
      );
}

function readTable(view: DataView): SegmentHeader[] {
  return Array.from({ length: segmentCount(view) }, (_, index) => {
    const place = tableOffset(view) + index * segmentHeaderBytes;
    const word = (field: number): number => view.getUint32(place + 4 * field, true);
    return {
      place,
      type: word(0),
      from: word(1),
      virtual: word(2),
      physical: word(3),
      fileBytes: word(4),
      memoryBytes: word(5),
    };
  });
}

/** OpenOCD's rule for old linkers: no load address anywhere, and more than one segment that would need it. */
function lacksLoadAddresses(headers: readonly SegmentHeader[]): boolean {
  if (headers.some((header) => header.physical !== 0)) return false;
  return headers.filter((header) => header.type === loadable && header.memoryBytes > 0).length > 1;
}

function checkSegment(header: SegmentHeader, fileLength: number): Refusal | null {
  const end = header.from + header.fileBytes;
  if (end > fileLength)
    return refuseOffset(
      header.place,
      `The segment's bytes end at ${end}, the file at ${fileLength}: it was cut short.`,
    );
  if (header.memoryBytes < header.fileBytes)
    return refuseOffset(header.place, "The segment has more bytes in the file than in memory.");
  return null;
}
