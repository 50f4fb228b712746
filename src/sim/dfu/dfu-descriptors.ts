import type { DeviceFamily } from "../../model/family.ts";
import type { Sector } from "../../model/memory.ts";
import { isFlash, parseLayout, type Layout } from "../../protocol/dfu/layout-string.ts";
import type { SimBoard } from "../board.ts";
import { usbSerial, type DfuRom } from "./dfu-rom.ts";

/** Bytes that a simulated loader answers to GET_DESCRIPTOR, and its alternate settings (sections 3 and 5). */
export interface UsbDescriptors {
  readonly device: Uint8Array;
  readonly configuration: Uint8Array;
  /** The DFU functional descriptor on its own. */
  readonly functional: Uint8Array;
  /** String descriptors by number; number 0 is the list of languages. */
  readonly strings: readonly Uint8Array[];
  readonly alternates: readonly Layout[];
}

const maker = "STMicroelectronics";
const firstNameString = 4;

/** The descriptors as the chip would build them at an enumeration: the map may hang on its option bytes. */
export function usbDescriptors(board: SimBoard, rom: DfuRom): UsbDescriptors {
  const names = alternateNames(board, rom);
  const texts = [maker, rom.product, usbSerial(rom.serial, board.chip().spec.uid), ...names];
  const functional = Uint8Array.of(9, 0x21, 0x0b, 0xff, 0, ...word(rom.transferSize), 0x1a, 0x01);
  const interfaces = names.flatMap((_, alternate) => [
    9,
    4,
    0,
    alternate,
    0,
    0xfe,
    1,
    2,
    firstNameString + alternate,
  ]);
  const ids = [0x0483, 0xdf11, rom.deviceVersion].flatMap(word);
  const total = 9 + interfaces.length + functional.length;
  return {
    device: Uint8Array.from([18, 1, ...word(rom.usbVersion), 0, 0, 0, 64, ...ids, 1, 2, 3, 1]),
    configuration: Uint8Array.from([9, 2, ...word(total), 1, 1, 0, 0xc0, 0x32, ...interfaces, ...functional]),
    functional,
    strings: [Uint8Array.of(4, 3, 0x09, 0x04), ...texts.map((text) => stringDescriptor(text, rom.stringCut))],
    alternates: names.map((name) => {
      const layout = parseLayout(name);
      if (typeof layout === "string") throw new Error(layout);
      return layout;
    }),
  };
}

const word = (value: number): number[] => [value & 0xff, value >>> 8];

/** UTF-16, little endian; a cut one states its whole length and sends a part (F42x, section 3.4). */
function stringDescriptor(text: string, cut: number | null): Uint8Array {
  const bytes = Buffer.from(text, "utf16le");
  const whole = Uint8Array.of(bytes.length + 2, 3, ...bytes);
  return cut === null ? whole : whole.subarray(0, cut);
}

function alternateNames(board: SimBoard, rom: DfuRom): string[] {
  const { family, optionLayout } = board.chip().spec;
  const flash = flashName(board, rom);
  if (rom.flashAlternates === 3) return [flash, flash, flash];
  const blanks = " ".repeat(rom.nameBlanks);
  const names = [flash];
  const blocks = optionLayout?.unreachable === null ? optionLayout.blocks : [];
  if (blocks.length > 0) {
    const zones = blocks.map(({ address, size }) => `/${hex(address)}/${inBytes(size)}`);
    names.push(asSeen(family, `@Option Bytes${blanks}${zones.join("")}`));
  }
  const { otp, deviceFeature } = family;
  if (otp !== null)
    names.push(
      asSeen(family, `@OTP Memory ${blanks.slice(2)}/${hex(otp.start)}/${inBytes(otp.end - otp.start)}`),
    );
  // No data EEPROM: the chip's memory model has none to read.
  if (deviceFeature !== null) names.push(`@Device Feature/${hex(deviceFeature)}/01*004 e`);
  return names;
}

const hex = (address: number): string => `0x${address.toString(16).toUpperCase().padStart(8, "0")}`;
const inBytes = (size: number): string => `01*${String(size).padStart(3, "0")} e`;

/** The spelling seen in the field, where that describes the same memory. */
function asSeen(family: DeviceFamily, made: string): string {
  const wanted = spanOf(made);
  return family.dfuStrings.find((text) => spanOf(text) === wanted) ?? made;
}

function spanOf(text: string): string {
  const layout = parseLayout(text);
  if (typeof layout === "string") return layout;
  const bytes = layout.regions.reduce((sum, region) => sum + region.end - region.address, 0);
  return `${layout.name} ${layout.regions[0]?.address} ${bytes}`;
}

/** The string of this chip's map, in the spelling seen in the field where that has the same sectors. */
function flashName(board: SimBoard, rom: DfuRom): string {
  const chip = board.chip();
  const sectors = foreign(board) ?? chip.map().sectors;
  const seen = chip.spec.family.dfuStrings.find((text) => {
    const layout = parseLayout(text);
    return typeof layout !== "string" && isFlash(layout) && sameSectors(layout, sectors);
  });
  if (seen !== undefined) return seen;
  const zones: string[] = [];
  let end = -1;
  for (const run of runsOf(sectors)) {
    const text = `${String(run.count).padStart(2, "0")}*${flashSize(run.size, rom)}`;
    if (run.address === end) zones.push(`${zones.pop() ?? ""},${text}`);
    else zones.push(`/${hex(run.address)}/${text}`);
    end = run.address + run.count * run.size;
  }
  return `@Internal Flash${" ".repeat(rom.nameBlanks)}${zones.join("")}`;
}

function flashSize(size: number, rom: DfuRom): string {
  if (size % 1024 === 0) return `${String(size / 1024).padStart(3, "0")}Kg`;
  return `${size}${rom.byteUnit}g`;
}

function runsOf(sectors: readonly Sector[]): { address: number; size: number; count: number }[] {
  const runs: { address: number; size: number; count: number }[] = [];
  for (const { address, size } of sectors) {
    const last = runs.at(-1);
    if (last?.size === size && last.address + last.count * size === address) last.count += 1;
    else runs.push({ address, size, count: 1 });
  }
  return runs;
}

function sameSectors(layout: Layout, sectors: readonly Sector[]): boolean {
  let i = 0;
  for (const region of layout.regions)
    for (let at = region.address; at < region.end; at += region.sectorBytes, i += 1)
      if (sectors[i]?.address !== at || sectors[i]?.size !== region.sectorBytes) return false;
  return i === sectors.length;
}

/** Planned trouble `wrongChip`: no product id is told here, so the memory is another one's. */
function foreign(board: SimBoard): Sector[] | null {
  const { family } = board.chip().spec;
  if (board.productId() === family.productId) return null;
  const size = board.chip().map().sectors[0]?.size === 1024 ? 4096 : 1024;
  return Array.from({ length: 96 }, (_, index) => ({
    index,
    address: family.flashStart + index * size,
    size,
  }));
}
