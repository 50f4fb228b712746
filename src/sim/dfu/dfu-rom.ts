import { assertNever } from "../../lib/assert-never.ts";
import type { DeviceFamily } from "../../model/family.ts";

/** A poll time that a ROM tells: what the work will take, or a number that it tells whatever the work is, ms. */
export type ToldMs = "true" | number;

/**
 * The DFU code of one ROM as data: two generations and the deviations seen in the field
 * (protocols/usb-dfu-an3156.md, sections 2, 4.4, 8, 10, 11 and 17).
 */
export interface DfuRom {
  readonly usbVersion: number;
  readonly deviceVersion: number;
  readonly product: string;
  readonly transferSize: number;
  /** Blanks between a memory's name and its first `/`, of flash and option bytes. */
  readonly nameBlanks: number;
  /** The unit of a flash page in bytes: a blank, or nothing at all (L0). */
  readonly byteUnit: " " | "";
  /** Most bytes of a string descriptor that come, whatever its length says; F42x sends 112 of 166. */
  readonly stringCut: number | null;
  /** Equal flash alternates; with three of them there is no other alternate (G0). */
  readonly flashAlternates: 1 | 3;
  readonly serial: SerialRule;
  /** dfuERROR with errFIRMWARE at power-up, or dfuIDLE. */
  readonly start: "error" | "idle";
  /** What CLRSTATUS does outside dfuERROR. */
  readonly clearOutsideError: "idle" | "error" | "stall";
  /** GETSTATUS while the flash works: answered dfuDNBUSY, held by NAKs until the work ends, or STALLed. */
  readonly busy: "reply" | "hold" | "stall";
  readonly told: { readonly write: ToldMs; readonly erase: ToldMs; readonly massErase: ToldMs };
  /** An erase at or above this address stays dfuDNBUSY until CLRSTATUS, although it is done (H743 rev V). */
  readonly wedgeFrom: number | null;
  /** Where read protection shows: at Set Address, at UPLOAD as a STALL, or as an empty answer to UPLOAD. */
  readonly locked: "set-address" | "upload-stall" | "upload-empty";
  /** A refused UPLOAD: empty answer and dfuERROR, or a STALL with 15 in the field of the state. */
  readonly refusedUpload: "empty" | "state-15";
  /** Status of a write or an erase that failed. */
  readonly failedStatus: number;
  /** System memory, and the UID in it, can be uploaded. */
  readonly readsSystem: boolean;
  /** GET_DESCRIPTOR of the functional descriptor alone is answered; C5 hangs. */
  readonly functionalAlone: boolean;
  /** Program width that the ROM works with on F2, F4, F7, bytes. */
  readonly programWidth: number;
  /** Trouble for tests: the n-th data DNLOAD (from 1) is STALLed once; a negative number STALLs all from there on. */
  readonly stallDownload: number | null;
}

export type SerialRule =
  | { readonly kind: "digest"; readonly tail: 1 | 2 }
  | { readonly kind: "constant"; readonly text: string };

/** F1, F0, F2, F3, F4, F7, L0, L1, L4: as F405 has it. */
export const oldRom: DfuRom = {
  usbVersion: 0x0100,
  deviceVersion: 0x2200,
  product: "STM32  BOOTLOADER",
  transferSize: 2048,
  nameBlanks: 2,
  byteUnit: " ",
  stringCut: null,
  flashAlternates: 1,
  serial: { kind: "digest", tail: 1 },
  start: "error",
  clearOutsideError: "idle",
  busy: "reply",
  told: { write: "true", erase: "true", massErase: 100 },
  wedgeFrom: null,
  locked: "upload-stall",
  refusedUpload: "empty",
  failedStatus: 3,
  readsSystem: true,
  functionalAlone: true,
  programWidth: 4,
  stallDownload: null,
};

/** G0, G4, H7, L5, U5, H5, C0 and later: what descends from ST's published DFU class. */
export const newRom: DfuRom = {
  ...oldRom,
  usbVersion: 0x0200,
  deviceVersion: 0x0200,
  product: "DFU in FS Mode",
  transferSize: 1024,
  nameBlanks: 3,
  start: "idle",
  clearOutsideError: "error",
  busy: "hold",
  told: { write: "true", erase: "true", massErase: "true" },
  locked: "upload-empty",
  refusedUpload: "state-15",
  failedStatus: 11,
};

const oldFamilies: ReadonlySet<string> = new Set([
  "F0",
  "F1",
  "F2",
  "F3",
  "F4",
  "F7",
  "L0",
  "L1",
  "L4",
  "L4+",
]);

/** The ROM that a chip of this family has. Where the sheet knows nothing of a family, its generation speaks. */
export function dfuRom(family: DeviceFamily): DfuRom {
  if (!oldFamilies.has(family.family)) {
    switch (family.family) {
      case "G0":
        return { ...newRom, flashAlternates: 3 };
      case "C5":
        return { ...newRom, clearOutsideError: "stall", functionalAlone: false };
      default:
        return newRom;
    }
  }
  switch (family.family) {
    case "F1":
      return { ...oldRom, start: "idle", serial: { kind: "constant", text: "STM32" } };
    case "F3":
      return { ...oldRom, serial: { kind: "digest", tail: 2 } };
    case "F2":
    case "F4":
      // The UID can be pointed at and not be uploaded (section 4.5).
      return { ...oldRom, readsSystem: false };
    case "F7":
      return family.productId === 0x452
        ? { ...oldRom, readsSystem: false, serial: { kind: "constant", text: "STM32FxSTM32" } }
        : { ...oldRom, readsSystem: false };
    case "L0":
      return { ...oldRom, byteUnit: "", told: { ...oldRom.told, erase: 10 } };
    case "L1":
      return { ...oldRom, told: { ...oldRom.told, erase: 5 } };
    case "L4":
    case "L4+":
      return { ...oldRom, busy: "stall", told: { write: "true", erase: 10, massErase: 10 } };
    default:
      return oldRom;
  }
}

/** Serial number string: a digest of the UID that is no identity (section 4.4), or a constant. */
export function usbSerial(rule: SerialRule, uid: Uint8Array): string {
  switch (rule.kind) {
    case "constant":
      return rule.text;
    case "digest": {
      const view = new DataView(uid.buffer, uid.byteOffset, uid.byteLength);
      const sum = (view.getUint32(0, true) + view.getUint32(8, true)) >>> 0;
      const tail = view.getUint16(4 * rule.tail + 2, true);
      const hex = (value: number, digits: number): string =>
        value.toString(16).toUpperCase().padStart(digits, "0");
      return hex(sum, 8) + hex(tail, 4);
    }
    default:
      return assertNever(rule);
  }
}
