import { randomFillSync } from "node:crypto";
import type { SerialPolicy } from "../../src/model/profile.ts";

/** The image, in pages of 1 KiB; the unit's number lies in the page behind it, or in the one after that. */
export const imageBytes = 5 * 1024;
const flashStart = 0x0800_0000;
export const chip = "STM32F103C8";
export const baud = 230_400;

/** What a number of the series looks like, wherever it lies. */
export const numberText = /KR-\d{6}/g;

/** Two profiles with one series: what a chip carried from the one stays when it comes back under the other. */
const places = { a: imageBytes, b: imageBytes + 1024 } as const;
export type Place = keyof typeof places;

export function firmware(): Uint8Array {
  const image = randomFillSync(new Uint8Array(imageBytes));
  image.set([0x00, 0x20, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08]);
  return image;
}

export const profileText = (place: Place, policy: SerialPolicy): string => {
  const at = flashStart + places[place];
  const hex = (address: number): string => `0x${address.toString(16).toUpperCase().padStart(8, "0")}`;
  return `profile: kill-${place}
revision: A
product: { name: Board that is killed }
chip: ${chip}
images:
  - { file: fw.bin, at: ${hex(flashStart)} }
serial: { series: kill, format: "KR-{n:06}", policy: ${policy} }
data:
  - { name: serial, at: ${hex(at)}, as: ascii, length: 16, value: "{serial}" }
  - { name: check, at: ${hex(at + 16)}, as: crc32, over: [${hex(at)}, ${hex(at + 15)}] }
`;
};

export const stationText = (ports: readonly string[]): string =>
  `station: kill\nslots:\n${ports
    .map((port, i) => `  - { name: ${slotName(i)}, port: "uart:${port}", baud: ${baud} }\n`)
    .join("")}`;

export const slotName = (i: number): string => `A${i + 1}`;

/**
 * Boards erase at different speeds, so that some are done while others have not begun to write: what this multiplies is
 * 30 ms a page. The station waits 200 ms a page; what is left is for a machine that is busy.
 */
export const slowErase = (board: number): number => [1, 3, 2, 4][board % 4] ?? 1;
