import { concat, equalBytes, isBlank } from "../lib/bytes.ts";
import type { ChipSpec, Range } from "../model/family.ts";
import type { MemoryMap, Sector } from "../model/memory.ts";
import { decodeOptions } from "../model/option-codec.ts";
import { flashMemory } from "./flash-memory.ts";
import { systemMemory } from "./system-memory.ts";
import { protectedRanges, protecting } from "./write-protection.ts";

/** What the flash answers: time it took in ms, and why it refused, if it did. */
export interface FlashWork {
  readonly ms: number;
  readonly refused: string | null;
}

export type Area = "flash" | "ram" | "system" | "options" | "otp" | "none";

/**
 * The memory of one STM32 as its loader sees it: flash with sectors, program granularity and erased value, option
 * bytes that take effect at a reset, read protection, UID. One model behind every wire. It is stricter than the
 * silicon: what a real chip would quietly spoil is refused here and written down in `complaints`.
 */
export interface SimChip {
  readonly spec: ChipSpec;
  readonly flash: Uint8Array;
  /** What a host did that no good host does; empty after a clean run. */
  readonly complaints: string[];
  map(): MemoryMap;
  /** Read protection in force: 0, 1, or 2 (the loader is dead). */
  protection(): 0 | 1 | 2;
  area(address: number): Area;
  /** `null` where the range is not readable as one piece. */
  read(address: number, length: number): Uint8Array | null;
  /** Flash and RAM. */
  write(address: number, bytes: Uint8Array): FlashWork;
  erase(sector: Sector): FlashWork;
  eraseAll(): FlashWork;
  /** A whole option block; what it says takes effect at the next reset. */
  writeOptions(address: number, bytes: Uint8Array): FlashWork;
  /**
   * Write protection of the sectors of these codes and of no others, from the next reset on. What is protected is neither
   * erased nor written, and nobody is told (section 3.6 of the note).
   */
  writeProtect(codes: readonly number[]): FlashWork;
  /** Takes effect at the next reset, too: mass erase, then level 0. */
  unprotect(): FlashWork;
  protect(): void;
  /** Program width in bytes: set through 0xFFFF0000 on F2, F4, F7; back to byte-wise at each reset. */
  setProgramWidth(bytes: number): void;
  reset(): void;
  /** True when the vector table could start an application. */
  bootable(address: number): boolean;
}

const inside = (range: Range, address: number, length: number): boolean =>
  address >= range.start && address + length <= range.end;

export function simChip(spec: ChipSpec, trouble: ChipTrouble = {}): SimChip {
  const { family } = spec;
  const flash = flashMemory(spec.flashKiB * 1024, family.erasedByte);
  const ram = new Uint8Array(Math.max(0, family.ram.end - family.ram.start));
  let ramUsed = false;
  const system = systemMemory(spec);
  const complaints: string[] = [];
  let options: Uint8Array[] = spec.factoryOptions.map((block) => block.slice());
  let pending: Uint8Array[] | null = null;
  let width = family.deviceFeature === null ? family.programBytes : 1;
  let level: 0 | 1 | 2 = trouble.protected === true ? 1 : 0;
  if (trouble.protected === true) options = options.map((block) => lockedBlock(spec, block));
  let wipeAtReset = false;
  let guarded: readonly Range[] = [];

  const flashRange: Range = { start: family.flashStart, end: family.flashStart + flash.size };
  const optionBlocks = spec.optionLayout?.unreachable === null ? spec.optionLayout.blocks : [];

  function refuse(why: string, ms = 0): FlashWork {
    complaints.push(why);
    return { ms, refused: why };
  }

  function rdpLevel(): 0 | 1 | 2 {
    if (spec.optionLayout === null) return level;
    const rdp = decodeOptions(spec.optionLayout, options).get("RDP");
    if (rdp === undefined) return level;
    if (family.family === "F1") return rdp === 0xa5 ? 0 : 1;
    if (rdp === 0xaa) return 0;
    return rdp === 0xcc ? 2 : 1;
  }

  function programTime(bytes: number): number {
    const unit = family.deviceFeature === null ? family.times.programBytes : width;
    return (Math.ceil(bytes / unit) * family.times.programTypUs) / 1000;
  }

  function eraseTime(size: number): number {
    const rows = family.times.erase.filter((row) => row.size === size || row.size === 0);
    const row =
      rows.find((r) => r.widthBytes === width) ?? rows.find((r) => r.widthBytes === null) ?? rows[0];
    return (row?.typMs ?? 20) * (trouble.slowErase ?? 1);
  }

  function programFlash(address: number, bytes: Uint8Array): FlashWork {
    const ms = programTime(bytes.length);
    const unit = family.writeAlignBytes;
    if (address % unit !== 0 || bytes.length % unit !== 0)
      return refuse(`write of ${bytes.length} bytes at ${address.toString(16)} is not in units of ${unit}`);
    const at = address - flashRange.start;
    const cells = flash.cells(at, bytes.length);
    // Byte-programmable flash may clear more bits of the same byte; flash with ECC takes each word once per erase.
    const fits =
      family.programBytes === 1
        ? bytes.every((byte, i) => (byte & (cells[i] ?? 0)) === byte)
        : isBlank(cells, family.erasedByte);
    if (!fits) return refuse(`write over flash that is not erased at ${address.toString(16)}`, ms);
    cells.set(bytes);
    return { ms, refused: null };
  }

  const isGuarded = (address: number, length: number): boolean =>
    guarded.some(({ start, end }) => address < end && address + length > start);

  function eraseSectors(sectors: readonly Sector[]): void {
    for (const sector of sectors) {
      flash.erase(sector.address - flashRange.start, sector.size);
    }
  }

  function guard(): void {
    guarded = protectedRanges(spec.optionLayout, options, chip.map(), flashRange);
  }

  const chip: SimChip = {
    spec,
    get flash() {
      return flash.all();
    },
    complaints,
    map: () => spec.mapOf(spec.optionLayout === null ? new Map() : decodeOptions(spec.optionLayout, options)),
    protection: () => level,
    area(address) {
      if (inside(flashRange, address, 1)) return "flash";
      if (family.usableRam.some((range) => inside(range, address, 1))) return "ram";
      if (optionBlocks.some((b) => address >= b.address && address < b.address + b.size)) return "options";
      if (system.pieces.some((piece) => inside(piece.range, address, 1))) return "system";
      if (family.otp !== null && inside(family.otp, address, 1)) return "otp";
      return "none";
    },
    read(address, length) {
      if (inside(flashRange, address, length)) {
        const at = address - flashRange.start;
        return flash.cells(at, length).slice();
      }
      if (family.usableRam.some((range) => inside(range, address, length)))
        return ram.slice(address - family.ram.start, address - family.ram.start + length);
      for (const [i, block] of optionBlocks.entries())
        if (address >= block.address && address + length <= block.address + block.size)
          return (options[i] ?? new Uint8Array()).slice(
            address - block.address,
            address - block.address + length,
          );
      if (family.otp !== null && inside(family.otp, address, length))
        return new Uint8Array(length).fill(0xff);
      return system.read(address, length);
    },
    write(address, bytes) {
      if (inside(flashRange, address, bytes.length))
        return isGuarded(address, bytes.length) ? { ms: 0, refused: null } : programFlash(address, bytes);
      if (family.usableRam.some((range) => inside(range, address, bytes.length))) {
        ramUsed = true;
        ram.set(bytes, address - family.ram.start);
        return { ms: 0, refused: null };
      }
      return refuse(`write outside every memory at ${address.toString(16)}`);
    },
    erase(sector) {
      if (isGuarded(sector.address, sector.size)) return { ms: 0, refused: null };
      eraseSectors([sector]);
      return { ms: eraseTime(sector.size), refused: null };
    },
    eraseAll() {
      // A mass erase does not begin while one sector is protected.
      if (guarded.length > 0) return { ms: 0, refused: null };
      eraseSectors(chip.map().sectors);
      return { ms: family.times.massTypMs * (trouble.slowErase ?? 1), refused: null };
    },
    writeOptions(address, bytes) {
      const index = optionBlocks.findIndex((block) => block.address === address);
      const block = optionBlocks[index];
      if (block === undefined || bytes.length !== block.size)
        return refuse(
          `option bytes want one whole block, not ${bytes.length} bytes at ${address.toString(16)}`,
        );
      pending = (pending ?? options).map((old, i) => (i === index ? bytes.slice() : old));
      return { ms: 20, refused: null };
    },
    writeProtect(codes) {
      const blocks = protecting(spec.optionLayout, pending ?? options, codes);
      if (blocks === null) return refuse("write protection, which is not simulated for this chip");
      pending = blocks;
      return { ms: 20, refused: null };
    },
    unprotect() {
      wipeAtReset = true;
      return { ms: family.times.massTypMs, refused: null };
    },
    protect() {
      pending = options.map((block) => lockedBlock(spec, block));
    },
    setProgramWidth(bytes) {
      width = bytes;
    },
    reset() {
      width = family.deviceFeature === null ? family.programBytes : 1;
      if (ramUsed) ram.fill(0);
      ramUsed = false;
      const before = level;
      if (wipeAtReset) {
        flash.erase(0, flash.size);
        options = spec.factoryOptions.map((block) => block.slice());
        pending = null;
        level = 0;
        wipeAtReset = false;
        guard();
        return;
      }
      if (pending !== null) {
        if (trouble.optionsStick !== true && !equalBytes(concat(pending), concat(options))) options = pending;
        pending = null;
        level = rdpLevel();
        if (before === 1 && level === 0) flash.erase(0, flash.size);
        guard();
      }
    },
    bootable(address) {
      const at = address - flashRange.start;
      if (at < 0 || at + 8 > flash.size) return false;
      const cells = flash.cells(at, 8);
      const view = new DataView(cells.buffer, cells.byteOffset, 8);
      const stack = view.getUint32(0, true);
      const entry = view.getUint32(4, true);
      const ramTop = Math.max(family.ram.end, 0x2010_0000);
      return stack >= 0x1000_0000 && stack <= ramTop && entry % 2 === 1 && inside(flashRange, entry - 1, 2);
    },
  };
  return chip;
}

/** Trouble that sits in the chip itself. */
export interface ChipTrouble {
  /** Delivered with read protection at level 1. */
  readonly protected?: boolean;
  /** Erases take this many times their typical time. */
  readonly slowErase?: number;
  /** New option bytes are acknowledged and do not hold. */
  readonly optionsStick?: boolean;
}

function lockedBlock(spec: ChipSpec, block: Uint8Array): Uint8Array {
  const layout = spec.optionLayout;
  const rdp = layout?.fields.find((field) => field.name === "RDP");
  const home = layout?.blocks.findIndex(
    (b) => rdp !== undefined && rdp.address >= b.address && rdp.address < b.address + b.size,
  );
  if (layout === undefined || layout === null || rdp === undefined || home === undefined || home < 0)
    return block;
  const base = layout.blocks[home];
  if (base === undefined || block.length !== base.size) return block;
  const out = block.slice();
  out[rdp.address - base.address + Math.floor(rdp.bit / 8)] = 0xff;
  return out;
}
