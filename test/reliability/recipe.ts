import { crc32 } from "node:zlib";
import { chipChoice } from "../../src/family/table.ts";
import type { DataField, Profile } from "../../src/model/profile.ts";
import { parseFormat, type SerialFormat } from "../../src/model/serial.ts";
import type { SimBoard } from "../../src/sim/board.ts";

/** What a unit shall have in the end, in plain words: the profile is made of it, and so is the judge's memory. */
export interface Recipe {
  readonly chip: string;
  readonly image: Uint8Array;
  /** Offset of the unit's data from the start of flash: serial number, its number, CRC; `null`: no data. */
  readonly dataAt: number | null;
  readonly options: ReadonlyMap<string, number>;
  readonly more?: Partial<Profile>;
}

/** The unit's number, as its data holds it. */
export interface UnitNumber {
  readonly number: number;
  readonly text: string;
}

const start = 0x0800_0000;
const serialBytes = 16;

function serialFormat(text: string): SerialFormat {
  const format = parseFormat(text);
  if (typeof format === "string") throw new Error(format);
  return format;
}

/** Bytes that differ from each other and from erased flash, behind a vector table that starts something. */
export function imageOf(length: number): Uint8Array {
  const bytes = Uint8Array.from({ length }, (_, i) => 1 + ((i * 7 + (i >> 8)) % 250));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, 0x2000_1000, true);
  view.setUint32(4, start + 0x101, true);
  return bytes;
}

export function recipe(chip: string, more: Partial<Omit<Recipe, "chip">> = {}): Recipe {
  return { chip, image: imageOf(4096), dataAt: 0x1800, options: new Map(), ...more };
}

function fieldsAt(at: number): DataField[] {
  const text = { kind: "text", as: "ascii", length: serialBytes, value: "{serial}" } as const;
  return [
    { ...text, name: "serial", at },
    { kind: "integer", name: "number", at: at + serialBytes, as: "u32le", length: 4, value: "{n}" },
    { kind: "crc", name: "check", at: at + 20, as: "crc32", length: 4, over: [at, at + 19] },
  ];
}

export function profileOf(one: Recipe): Profile {
  const choice = chipChoice(one.chip);
  if ("nearest" in choice) throw new Error(`no chip ${one.chip}`);
  const segments = [{ address: start, bytes: one.image }];
  return {
    name: "vesc-60",
    revision: "C",
    product: { name: "VESC 60", part: null },
    chip: choice,
    images: [
      {
        file: "fw.bin",
        sha256: "ef".repeat(32),
        image: { format: "bin", segments, entry: null, warnings: [], dfu: null },
      },
    ],
    serial:
      one.dataAt === null
        ? null
        : {
            series: "vesc-60",
            format: serialFormat("V60-{n:05}"),
            start: 1,
            end: 99_999,
            policy: "consume-on-success",
          },
    mac: null,
    data: one.dataAt === null ? [] : fieldsAt(start + one.dataAt),
    optionBytes: one.options,
    irreversible: [],
    onProtected: "refuse",
    erase: "needed",
    verify: "readback",
    after: "run",
    firstArticle: false,
    limit: null,
    from: null,
    until: null,
    entry: { kind: "none" },
    barcode: null,
    hash: "ab".repeat(32),
    text: "profile: vesc-60\nrevision: C\n",
    ...one.more,
  };
}

/** The unit's data, byte for byte, made without the code under test. */
export function dataBytes({ number, text }: UnitNumber): Uint8Array {
  const bytes = Buffer.alloc(24);
  bytes.write(text, "ascii");
  bytes.writeUInt32LE(number, serialBytes);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 20)), 20);
  return bytes;
}

/** Every stretch of flash that the recipe speaks of, by offset: touched sectors whole, their gaps erased. */
export function wantedFlash(board: SimBoard, one: Recipe, unit: UnitNumber): readonly Stretch[] {
  const known = made.get(one);
  if (known?.unit === unit) return known.wanted;
  const wanted = makeFlash(board, one, unit);
  made.set(one, { unit, wanted });
  return wanted;
}

interface Stretch {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** Thousands of boards get the same. */
const made = new WeakMap<Recipe, { readonly unit: UnitNumber; readonly wanted: readonly Stretch[] }>();

function makeFlash(board: SimBoard, one: Recipe, unit: UnitNumber): Stretch[] {
  const chip = board.chip();
  const parts = [{ at: 0, bytes: one.image }];
  if (one.dataAt !== null) parts.push({ at: one.dataAt, bytes: dataBytes(unit) });
  return chip
    .map()
    .sectors.map(({ address, size }) => ({ at: address - start, size }))
    .filter(({ at, size }) => parts.some((part) => part.at < at + size && part.at + part.bytes.length > at))
    .map(({ at, size }) => {
      const bytes = new Uint8Array(size).fill(chip.spec.family.erasedByte);
      for (const part of parts)
        for (const [i, byte] of part.bytes.entries())
          if (part.at + i >= at && part.at + i < at + size) bytes[part.at + i - at] = byte;
      return { at, bytes };
    });
}

/** Raw value of each named option field in the chip, taken out of its words bit by bit. */
export function optionFields(board: SimBoard): Map<string, number> {
  const chip = board.chip();
  const values = new Map<string, number>();
  for (const field of chip.spec.optionLayout?.fields ?? []) {
    const bytes = chip.read(field.address, 4);
    if (bytes === null) continue;
    let value = 0;
    for (let bit = 0; bit < field.width; bit += 1) {
      const at = field.bit + bit;
      if ((((bytes[at >> 3] ?? 0) >> (at & 7)) & 1) === 1) value += 2 ** bit;
    }
    values.set(field.name, value);
  }
  return values;
}

/** The judge: what is wrong in the chip's memory, or `null`. `before`: option fields at the start of the attempt. */
export function wrongInMemory(
  board: SimBoard,
  one: Recipe,
  unit: UnitNumber,
  before: ReadonlyMap<string, number>,
): string | null {
  const { flash } = board.chip();
  for (const { at, bytes } of wantedFlash(board, one, unit)) {
    if (Buffer.compare(flash.subarray(at, at + bytes.length), bytes) === 0) continue;
    const i = bytes.findIndex((byte, n) => flash[at + n] !== byte);
    return `flash at offset ${at + i}: ${flash[at + i]} instead of ${bytes[i]}`;
  }
  const found = optionFields(board);
  for (const [name, value] of before) {
    const wanted = one.options.get(name) ?? value;
    if (found.get(name) !== wanted) return `option ${name}: ${found.get(name)} instead of ${wanted}`;
  }
  return null;
}
