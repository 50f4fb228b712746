import type { Clock } from "../lib/clock.ts";
import type { DeviceFamily, Wire } from "../model/family.ts";
import type { Sector } from "../model/memory.ts";
import type { OptionWrite } from "../model/option-write.ts";

/** What a loader says of itself before anyone has told it what it should be. */
export interface Identity {
  /** Get ID over UART and CAN; `null` over DFU, which does not tell it. */
  readonly productId: number | null;
  /** Protocol version as a byte (0x31 is 3.1), or bcdDevice over DFU. */
  readonly protocolVersion: number;
  /** Memory strings over DFU; empty elsewhere. */
  readonly memoryStrings: readonly string[];
  /** DFU serial string, for the collision alarm only; `null` elsewhere. */
  readonly usbSerial: string | null;
}

/**
 * The ROM loader of one board, the same verbs on each wire. Each verb has its own deadline inside and throws a
 * Fault; the signal stops it early. After a verb that lets the chip leave, only `[Symbol.asyncDispose]` is left.
 */
export interface Bootloader extends AsyncDisposable {
  readonly wire: Wire;
  readonly clock: Clock;
  /** Most bytes of one write and of one read. */
  readonly blockBytes: number;
  /** What had to be sent again, and was taken then, since this loader was opened. */
  readonly repeats: number;
  identify(signal: AbortSignal): Promise<Identity>;
  /** Tells the loader what the table knows about this chip: quirks, deadlines, alignment. After `identify`. */
  adopt(family: DeviceFamily): void;
  /** One command's worth of erase units, at most `unitsPerErase`. */
  erase(sectors: readonly Sector[], signal: AbortSignal): Promise<void>;
  readonly unitsPerErase: number;
  eraseAll(signal: AbortSignal): Promise<void>;
  /** One block of at most `blockBytes`, padded and aligned by the caller; the target is erased. */
  write(address: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  read(address: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  /** `null` where this wire cannot read that range; a Fault PROTECTED where the chip is locked. */
  tryRead(address: number, length: number, signal: AbortSignal): Promise<Uint8Array | null>;
  /** Writes one whole option block; most chips reset at its end, and the link with them. */
  writeOptions(write: OptionWrite, signal: AbortSignal): Promise<void>;
  /** Takes read protection off: the chip erases itself and resets. */
  unprotect(signal: AbortSignal): Promise<void>;
  /** Resets the board with BOOT0 low through the slot's lines; `false` where it has none. */
  resetToApplication(signal: AbortSignal): Promise<boolean>;
  /** Starts the application at its vector table; the chip leaves the loader. */
  launch(address: number, signal: AbortSignal): Promise<void>;
}

/**
 * Opens the slot's port and brings its loader up; called again after each reset. Waits for the board by place.
 * Disposing the loader closes the port.
 */
export type Connect = (signal: AbortSignal) => Promise<Bootloader>;
