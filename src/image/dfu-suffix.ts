import { count } from "../lib/count.ts";
import { crc32Dfu } from "../lib/crc.ts";
import { hex32, hexShort } from "../lib/bytes.ts";
import type { Parsed } from "../model/image-complaint.ts";
import { emptyFile, refuseOffset } from "./refuse.ts";

export const plainDfu = 0x0100;
export const dfuSe = 0x011a;

const suffixBytes = 16;
const signature = [0x55, 0x46, 0x44];

/** The last bytes of a .dfu file (protocols/image-formats.md, section 2). */
export interface DfuSuffix {
  readonly version: number;
  readonly productId: number;
  readonly vendorId: number;
  readonly specification: number;
  /** Where the suffix begins: what lies before is the payload. */
  readonly offset: number;
}

/**
 * Reads and proves the suffix. dfu-util takes a file with a wrong suffix for bare payload; here it is refused, for a
 * wrong checksum has no switch (section 1).
 */
export function readSuffix(bytes: Uint8Array): Parsed<DfuSuffix> {
  if (bytes.length === 0) return refuseOffset(0, emptyFile);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length;
  if (!hasSignature(bytes))
    return refuseOffset(Math.max(end - suffixBytes, 0), "The file does not end in a DFU suffix.");
  const length = view.getUint8(end - 5);
  if (length < suffixBytes || length > end)
    return refuseOffset(end - 5, `The DFU suffix claims ${count(length, "byte")}; it has 16 or more.`);
  const found = view.getUint32(end - 4, true);
  const expected = crc32Dfu(bytes.subarray(0, end - 4));
  if (found !== expected)
    return refuseOffset(end - 4, `The DFU checksum is ${hex32(found)}; the file gives ${hex32(expected)}.`);
  const specification = view.getUint16(end - 10, true);
  if (specification !== plainDfu && specification !== dfuSe)
    return refuseOffset(
      end - 10,
      `The DFU suffix names specification ${hexShort(specification)}; 0x100 and 0x11A are known.`,
    );
  return {
    ok: true,
    value: {
      version: view.getUint16(end - 16, true),
      productId: view.getUint16(end - 14, true),
      vendorId: view.getUint16(end - 12, true),
      specification,
      offset: end - length,
    },
  };
}

function hasSignature(bytes: Uint8Array): boolean {
  if (bytes.length < suffixBytes) return false;
  return signature.every((byte, index) => bytes[bytes.length - 8 + index] === byte);
}

/**
 * True when the end of a file is meant as a suffix, damaged or not: its signature is there, and then either its
 * checksum is right or its other fixed fields are. Three bytes alone could be chance in a raw binary.
 */
export function endsInSuffix(bytes: Uint8Array): boolean {
  if (!hasSignature(bytes)) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const specification = view.getUint16(bytes.length - 10, true);
  const usual = specification === plainDfu || specification === dfuSe;
  if (usual && view.getUint8(bytes.length - 5) === suffixBytes) return true;
  return view.getUint32(bytes.length - 4, true) === crc32Dfu(bytes.subarray(0, -4));
}
