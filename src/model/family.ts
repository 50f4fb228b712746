import type { MemoryMap } from "./memory.ts";
import type { OptionLayout } from "./option-bytes.ts";

/** A half-open range of addresses. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Which wires a loader listens on (AN2606, by the device table). */
export type Wire = "uart" | "usb" | "can";

/**
 * A deviation of a ROM that the program acts on. Each is handled by name where the compiler asks for it; texts
 * for people stand in the table's `issues`.
 */
export type Quirk =
  /** Read or Write under RDP answers two NACKs: drain before each command (AN2606). */
  | "double-nack-rdp"
  /** Bad address is dropped without NACK and the next two bytes are a command: send only addresses of the table. */
  | "silent-abort"
  /** Sync byte answered with two ACKs (L412). */
  | "double-ack-sync"
  /** Mass erase by 0xFFFF is NACKed: page lists only (L0, L1). */
  | "no-mass-erase"
  /** More than one page per erase command fails or erases only the first (G07, G0B, U375). */
  | "one-page-per-erase"
  /** Reports the end of an erase too early: wait the worst case (H74 V9.1, G07 V11.3). */
  | "early-erase-ack"
  /** USB DFU cannot erase the second bank in dual-bank mode (F42, F76). */
  | "dfu-bank2-erase-broken"
  /** Highest rate of the UART loader is 57600. */
  | "max-57600"
  /** UID is read as a large block around it, never 12 bytes (F4, L0). */
  | "uid-as-large-block"
  /** Option bytes take effect only after an option launch the loader does not do. */
  | "option-launch-missing"
  /** The loader clears the flash-empty flag at its start. */
  | "clears-empty-flag"
  /** A chip that was blank starts its loader again after a plain reset, until a power cycle (F09, F030xC, L45). */
  | "stale-empty-flag"
  /** DFU writes longer than 256 bytes and no multiple of 8 corrupt flash: pad (L4). */
  | "dfu-pad-8"
  /** Erase over CAN counts units of two pages each (F105, F107). */
  | "can-erases-page-pairs";

/** A fault of the ROM that AN2606 or the field knows, in words for the engineer. */
export interface LoaderIssue {
  readonly id: string;
  readonly severity: "low" | "medium" | "high";
  readonly text: string;
  /** What gangflash does about it. Each issue of severity high has one that is not `note`. */
  readonly handling: "worked-around" | "refused" | "warned" | "note";
  /** The wires that show it; none: only a wire that this program does not speak. */
  readonly wires: readonly Wire[];
  /** The jobs that can meet it: all of them, or those that do the named thing. */
  readonly concerns: IssueConcern;
}

/** What a job must do to meet an issue. `launch` is Go; `unprotect` is Readout Unprotect. */
export type IssueConcern = "every job" | "option bytes" | "launch" | "unprotect";

export interface Deadlines {
  /** Limit for a command that erases one unit, ms; a further unit adds `nextUnitMs`. */
  readonly eraseUnitMs: number;
  readonly nextUnitMs: number;
  readonly massEraseMs: number;
  readonly writeBlockMs: number;
  readonly unprotectMs: number;
}

/** Time the flash itself takes; what a simulated chip spends and a plan expects. Microseconds, milliseconds. */
export interface FlashTimes {
  /** Typical and worst erase time by unit size in bytes. */
  readonly erase: readonly {
    readonly size: number;
    readonly typMs: number;
    readonly maxMs: number;
    readonly widthBytes: number | null;
  }[];
  readonly massTypMs: number;
  readonly massMaxMs: number;
  readonly programBytes: number;
  readonly programTypUs: number;
}

/** How a chip's loader stands on its CAN bus before anybody has changed that (AN2606). */
export interface CanLoader {
  /** Bit rate; of FD frames the one of their arbitration. */
  readonly bitrate: number;
  /** Rate of the data phase of FD frames; `null`: the classic loader (AN3154), else FDCAN (AN5405). */
  readonly dataBitrate: number | null;
  /** Protocol version as a byte: 0x20 is 2.0. */
  readonly version: number;
}

/** One loader variant of one product: everything that a protocol, a plan or a simulated chip asks about it. */
export interface DeviceFamily {
  /** Product id and loader id: `0x413/0x91`. */
  readonly key: string;
  readonly productId: number;
  readonly bootloaderId: number | null;
  readonly bootloaderIdAddress: number | null;
  readonly name: string;
  /** `F4`, `L4+`, … as the table calls it. */
  readonly family: string;
  readonly flashStart: number;
  readonly maxFlashBytes: number;
  readonly knownSizesKiB: readonly number[];
  readonly flashSizeRegister: { readonly address: number; readonly mask: number };
  readonly erasedByte: number;
  /** Flash word: what the hardware programs at once. */
  readonly programBytes: number;
  /** Alignment and padding of every write through the loader. */
  readonly writeAlignBytes: number;
  readonly ram: Range;
  /** RAM that the loader leaves to the host; empty where it gives none. */
  readonly usableRam: readonly Range[];
  readonly systemMemory: readonly Range[];
  readonly optionRanges: readonly Range[];
  readonly optionLayout: string;
  readonly otp: Range | null;
  readonly uid: { readonly address: number; readonly wordOffsets: readonly [number, number, number] };
  /** F2, F4, F7: 0xFFFF0000 sets the program width (AN2606, section 4.4). */
  readonly deviceFeature: number | null;
  readonly wires: readonly Wire[];
  /** `null` where the loader is on no CAN bus. */
  readonly can: CanLoader | null;
  readonly loaderMassErase: boolean;
  readonly bootMs: number;
  readonly deadlines: Deadlines;
  readonly times: FlashTimes;
  readonly quirks: ReadonlySet<Quirk>;
  readonly issues: readonly LoaderIssue[];
  /** Memory strings seen in the field, or made by the table's rules. */
  readonly dfuStrings: readonly string[];
  readonly unconfirmed: readonly string[];
}

/** What a profile's `chip` accepts. */
export interface ChipChoice {
  /** The spelling of the profile: `STM32F405RG` or `STM32F405`. */
  readonly name: string;
  readonly kind: "part" | "line";
  readonly productIds: readonly number[];
  /** Flash of the part; of a line the smallest and largest on sale, KiB. */
  readonly flashKiB: { readonly least: number; readonly most: number };
}

/** All that a simulated chip is made of: the table's facts about one chip, and its own identity. */
export interface ChipSpec {
  readonly family: DeviceFamily;
  readonly flashKiB: number;
  /** The 12 bytes of the UID: L0, L1, L2 words as they lie in memory. */
  readonly uid: Uint8Array;
  readonly mapOf: (optionBits: ReadonlyMap<string, number>) => MemoryMap;
  readonly optionLayout: OptionLayout | null;
  /** Content of the layout's blocks at delivery. */
  readonly factoryOptions: readonly Uint8Array[];
}
