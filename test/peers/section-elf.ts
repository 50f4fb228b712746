import { ascii, join, u16, u32 } from "../unit/image/vectors.ts";
import type { Drawn } from "./random-image.ts";

const headerBytes = 52;
const segmentHeaderBytes = 32;

/**
 * A linked ARM program in which each piece is a section and a segment, run address in RAM and load address where the
 * piece belongs: tools that work by section, as objcopy does, see what tools that work by segment see.
 */
export function sectionElf({ parts, entry }: Drawn): Uint8Array {
  const names = `\0.shstrtab\0${parts.map((_, index) => `.s${index}\0`).join("")}`;
  const contentStart = headerBytes + segmentHeaderBytes * parts.length;
  const segments: number[] = [];
  const sections: number[][] = [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0]];
  let offset = contentStart;
  let run = 0x2000_0000;
  for (const [index, { address, bytes }] of parts.entries()) {
    segments.push(...[1, offset, run, address, bytes.length, bytes.length, 6, 1].flatMap(u32));
    const name = names.indexOf(`.s${index}\0`);
    sections.push([name, 1, 3, run, offset, bytes.length, 0, 0, 1, 0]);
    offset += bytes.length;
    run += bytes.length + 64;
  }
  sections.push([1, 3, 0, 0, offset, names.length, 0, 0, 1, 0]);
  const tableStart = offset + names.length;
  const ident = [0x7f, 0x45, 0x4c, 0x46, 1, 1, 1, ...new Uint8Array(9)];
  // EABI version 5, without which the tools for ARM take the file for an old one.
  const words = [1, entry, headerBytes, tableStart, 0x0500_0000].flatMap(u32);
  const halves = [headerBytes, segmentHeaderBytes, parts.length, 40, sections.length, sections.length - 1];
  return join(
    ident,
    u16(2),
    u16(40),
    words,
    halves.flatMap(u16),
    segments,
    parts.flatMap(({ bytes }) => bytes),
    ascii(names),
    sections.flat().flatMap(u32),
  );
}
