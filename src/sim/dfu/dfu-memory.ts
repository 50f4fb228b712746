import { firstDataBlock, statusCodes } from "../../protocol/dfu/requests.ts";
import type { SimBoard } from "../board.ts";
import type { Layout } from "../../protocol/dfu/layout-string.ts";
import type { DfuRom } from "./dfu-rom.ts";

/** Work of the flash: the time it takes, the status at its end, and what else comes of it. */
export interface Done {
  readonly ms: number;
  readonly status: number;
  readonly after?: "reset" | "wedge";
}

/** What the loader's commands do to the chip: address pointer, block numbers, and the rules of its memories. */
export interface DfuMemory {
  /** Pointer and block numbers as after power-up. */
  reset(): void;
  /** True under read protection: nothing is read, written or erased. */
  locked(): boolean;
  /** Set Address Pointer; gives a status. `alternate` is the one that the host has selected. */
  pointTo(address: number, alternate: number, alternates: readonly Layout[]): number;
  /** The pointer that a host has set and that no erase has moved since; `null` without one. */
  leaveAddress(): number | null;
  /** Where a leave jumps to, set or not. */
  pointer(): number;
  write(block: number, bytes: Uint8Array): Done;
  /** `null` where the loader refuses; cut at the end of a memory. */
  read(block: number, length: number): Uint8Array | null;
  erase(address: number): Done;
  eraseAll(): Done;
  unprotect(): Done;
}

/** Before a host has set one (section 7.3). */
const defaultPointer = 0x0800_0000;

export function dfuMemory(board: SimBoard, rom: DfuRom): DfuMemory {
  let pointer = defaultPointer;
  let trusted = false;
  /** The block that may come next under the pointer; `null` after a short one. */
  let nextBlock: number | null = firstDataBlock;

  const complain = (why: string): void => void board.chip().complaints.push(why);
  const locked = (): boolean => board.chip().protection() !== 0;
  const hex = (address: number): string => address.toString(16);

  /** Checks that blocks count up under one pointer, and that only the last of them is short. */
  function addressOf(block: number, length: number, what: string): number {
    if (nextBlock === null) complain(`${what} of block ${block} behind a short block or an erase`);
    else if (block !== nextBlock) complain(`${what} of block ${block} where ${nextBlock} comes next`);
    nextBlock = length < rom.transferSize ? null : block + 1;
    return pointer + (block - firstDataBlock) * rom.transferSize;
  }

  function writeOptions(address: number, bytes: Uint8Array): Done {
    const chip = board.chip();
    const offset = chip.spec.optionLayout?.writeOffset ?? 0;
    const { ms, refused } = chip.writeOptions(address - offset, bytes);
    return refused === null
      ? { ms, status: statusCodes.ok, after: "reset" }
      : { ms: 0, status: rom.failedStatus };
  }

  return {
    locked,
    pointer: () => pointer,
    leaveAddress: () => (trusted ? pointer : null),
    reset() {
      pointer = defaultPointer;
      trusted = false;
      nextBlock = firstDataBlock;
    },
    pointTo(address, alternate, alternates) {
      if (locked() && rom.locked === "set-address") return statusCodes.vendor;
      const { spec } = board.chip();
      if (board.chip().area(address) === "none" && address !== spec.family.deviceFeature)
        return statusCodes.target;
      const homes = alternates.flatMap(({ regions }, i) =>
        regions.some((region) => address >= region.address && address < region.end) ? [i] : [],
      );
      if (homes.length > 0 && !homes.includes(alternate))
        complain(`address ${hex(address)} is not in the alternate setting ${alternate} that is selected`);
      pointer = address;
      trusted = true;
      nextBlock = firstDataBlock;
      return statusCodes.ok;
    },
    write(block, bytes) {
      if (locked()) return { ms: 0, status: statusCodes.vendor };
      const address = addressOf(block, bytes.length, "DNLOAD");
      const area = board.chip().area(address);
      if (area === "options") return writeOptions(address, bytes);
      if (area !== "flash" && area !== "ram") {
        complain(`DNLOAD to ${hex(address)}, which cannot be written`);
        return { ms: 0, status: statusCodes.target };
      }
      const { ms, answer } = board.write(address, bytes);
      return { ms, status: answer === "nack" ? rom.failedStatus : statusCodes.ok };
    },
    read(block, length) {
      const address = addressOf(block, length, "UPLOAD");
      const chip = board.chip();
      const area = chip.area(address);
      if (area === "none" || (area === "system" && !rom.readsSystem)) return null;
      let rest = length;
      while (chip.area(address + rest - 1) !== area) rest -= 1;
      return board.read(address, rest);
    },
    erase(address) {
      if (locked()) return { ms: 0, status: statusCodes.vendor };
      // An erase may move the pointer (section 7.1): who does not set it again writes elsewhere.
      pointer = address;
      trusted = false;
      nextBlock = null;
      const { sectors } = board.chip().map();
      const sector = sectors.find((one) => address >= one.address && address < one.address + one.size);
      if (sector === undefined) {
        complain(`erase at ${hex(address)}, where no sector is`);
        return { ms: 0, status: statusCodes.target };
      }
      if (sector.address !== address) complain(`erase at ${hex(address)}, in the middle of a sector`);
      const { ms } = board.chip().erase(sector);
      const wedge = rom.wedgeFrom !== null && address >= rom.wedgeFrom;
      return { ms, status: statusCodes.ok, ...(wedge ? { after: "wedge" } : {}) };
    },
    eraseAll() {
      if (locked()) return { ms: 0, status: statusCodes.vendor };
      nextBlock = null;
      if (!board.chip().spec.family.loaderMassErase) {
        complain("mass erase, which this loader has not");
        return { ms: 0, status: statusCodes.stalledPacket };
      }
      return { ms: board.chip().eraseAll().ms, status: statusCodes.ok };
    },
    unprotect: () => ({ ms: board.chip().unprotect().ms, status: statusCodes.ok, after: "reset" }),
  };
}
