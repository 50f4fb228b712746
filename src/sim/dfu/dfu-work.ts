import { commandAddress, commands, statusCodes } from "../../protocol/dfu/requests.ts";
import type { DfuMemory, Done } from "./dfu-memory.ts";
import type { DfuRom, ToldMs } from "./dfu-rom.ts";

/** Work that a DNLOAD staged, for the next GETSTATUS to start, and what the loader tells of its time. */
export interface Work {
  readonly told: ToldMs;
  readonly run: () => Done;
}
/** What a command needs of the loader that it comes to. */
export interface CommandContext {
  readonly memory: DfuMemory;
  readonly rom: DfuRom;
  /** Set Address Pointer within the alternate setting that the host has selected; gives a status. */
  readonly pointTo: (address: number) => number;
  readonly complain: (why: string) => void;
}

/** The work that a DNLOAD of block 0 asks for (protocols/usb-dfu-an3156.md, section 7). */
export function commandWork(bytes: Uint8Array, { memory, rom, pointTo, complain }: CommandContext): Work {
  const [code] = bytes;
  const quick = (run: () => number): Work => ({ told: 0, run: () => ({ ms: 0, status: run() }) });
  if (bytes.length === 1) {
    switch (code) {
      case commands.get:
        return quick(() => statusCodes.ok);
      case commands.erase:
        return { told: rom.told.massErase, run: () => memory.eraseAll() };
      case commands.readUnprotect:
        return { told: "true", run: () => memory.unprotect() };
      default:
    }
  }
  if (bytes.length === 5 && code === commands.setAddress) return quick(() => pointTo(commandAddress(bytes)));
  if (bytes.length === 5 && code === commands.erase)
    return { told: rom.told.erase, run: () => memory.erase(commandAddress(bytes)) };
  complain(`unknown command of ${bytes.length} bytes, code ${code}`);
  return quick(() => statusCodes.stalledPacket);
}
