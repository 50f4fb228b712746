import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { hex32, toHex } from "../../lib/bytes.ts";
import type { Wire } from "../../model/family.ts";
import type { SerialPolicy } from "../../model/profile.ts";
import type { Dice } from "./dice.ts";

/** The image, and behind it the unit's own data: its number as text, its number, a CRC over both. */
export const imageBytes = 12 * 1024;
const dataAt = 0x3f00;
const textBytes = 16;
const flashStart = 0x0800_0000;

/** What numbers of the qualification look like, wherever they lie. */
export const numberText = /ST-\d{6}/g;

/** A board that is made on the bench of the qualification. */
export interface Recipe {
  readonly chip: string;
  readonly wire: Wire;
  readonly image: Uint8Array;
  readonly policy: SerialPolicy;
  /** Further lines of the profile. */
  readonly more: string;
}

/** Bytes that no pattern can stand in for, behind a vector table that a chip would start. */
export function imageOf(dice: Dice): Uint8Array {
  const image = dice.bytes(imageBytes);
  const view = new DataView(image.buffer);
  view.setUint32(0, 0x2000_1000, true);
  view.setUint32(4, flashStart + 0x101, true);
  return image;
}

const hex = (offset: number): string => hex32(flashStart + offset);

export const profileText = ({
  chip,
  policy,
  more,
}: Pick<Recipe, "chip" | "policy" | "more">): string => `profile: selftest
revision: A
product: { name: Selftest board }
chip: ${chip}
images:
  - { file: selftest.bin, at: ${hex(0)} }
serial: { series: selftest, format: "ST-{n:06}", policy: ${policy} }
data:
  - { name: serial, at: ${hex(dataAt)}, as: ascii, length: ${textBytes}, value: "{serial}" }
  - { name: number, at: ${hex(dataAt + textBytes)}, as: u32le, value: "{n}" }
  - { name: check, at: ${hex(dataAt + textBytes + 4)}, as: crc32, over: [${hex(dataAt)}, ${hex(dataAt + textBytes + 3)}] }
barcode: "^ST-UNIT-[0-9]{1,6}$"
${more}`;

export const unitName = (n: number): string => `ST-UNIT-${n}`;

/** Station, profile and image as an engineer would lay them out; one slot a port. */
export function layFiles(
  folder: string,
  recipe: Omit<Recipe, "wire">,
  ports: readonly string[],
  beside = "",
): BenchFiles {
  const station = join(folder, "station.yaml");
  const profile = join(folder, "profile.yaml");
  const slots = ports.map((port, i) => `  - { name: ${slotName(i)}, port: "${port}"${beside} }\n`);
  writeFileSync(station, `station: selftest\nsupply: 3.3\nslots:\n${slots.join("")}`);
  writeFileSync(profile, profileText(recipe));
  writeFileSync(join(folder, "selftest.bin"), recipe.image);
  return { station, profile };
}

export interface BenchFiles {
  readonly station: string;
  readonly profile: string;
}

export const slotName = (i: number): string => `A${i + 1}`;

/**
 * The flash that a unit must have in the end, made without the code that makes it for the engine. `flashBytes`: the size
 * of the chip's; all that is neither image nor data is erased, 0xFF on every chip of the qualification.
 */
export function wantedFlash(image: Uint8Array, serial: string, flashBytes: number): Uint8Array {
  const flash = new Uint8Array(flashBytes).fill(0xff);
  flash.set(image);
  const own = new Uint8Array(textBytes + 8);
  own.set(Buffer.from(serial, "latin1"));
  const view = new DataView(own.buffer);
  view.setUint32(textBytes, Number(serial.replace(/^ST-/, "")), true);
  view.setUint32(textBytes + 4, crc32(own.subarray(0, textBytes + 4)), true);
  flash.set(own, dataAt);
  return flash;
}

/** A number put into the data of a chip, as another station might have left it. */
export const putNumber = (flash: Uint8Array, serial: string): void => {
  flash.set(wantedFlash(new Uint8Array(), serial, dataAt + textBytes + 8).subarray(dataAt), dataAt);
};

/** Numbers of the series in a memory, each once. */
export const numbersIn = (flash: Uint8Array): string[] => [
  ...new Set(
    Buffer.from(flash.buffer, flash.byteOffset, flash.length).toString("latin1").match(numberText) ?? [],
  ),
];

/** Where a flash differs from the wanted one first, in a sentence; `null`: nowhere. */
export function firstDifference(flash: Uint8Array, wanted: Uint8Array): string | null {
  if (flash.length !== wanted.length) return `${flash.length} bytes of flash, ${wanted.length} were expected`;
  const at = wanted.findIndex((byte, i) => byte !== flash[i]);
  if (at < 0) return null;
  const shown = (bytes: Uint8Array): string => toHex(bytes.subarray(at, at + 1));
  return `flash has ${shown(flash)} at ${hex(at)}, ${shown(wanted)} was expected`;
}
