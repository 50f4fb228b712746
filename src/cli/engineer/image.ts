import { count } from "../../lib/count.ts";
import { hex32, isBlank } from "../../lib/bytes.ts";
import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { loadImage } from "../../image/load.ts";
import type { Image } from "../../model/memory.ts";
import { endOf, imageBytes } from "../../model/memory.ts";
import { grainBytes } from "../../plan/writes.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { sentence } from "../sentence.ts";

export interface ImageOptions {
  readonly files: readonly string[];
  /** Address of a .bin. */
  readonly at: number | null;
}

/** Says what image files hold: format, segments, sizes, hashes, share that is blank. */
export async function imageCommand(options: ImageOptions, io: Io): Promise<number> {
  let code: number = exitCodes.ok;
  for (const file of options.files) {
    const loaded = await load(file, options.at);
    if (!loaded.ok) {
      const { line, offset, message } = loaded.complaint;
      const place = line === null ? "" : `:${line}`;
      const byte = offset === null ? "" : `at byte ${offset}: `;
      io.err(`${cleanText(file, 2000)}${place}: ${byte}${sentence(message)}`);
      code = exitCodes.usage;
      continue;
    }
    if (io.json) io.out(visibleJson(jsonLine(file, loaded.image, loaded.sha256, loaded.fileBytes)));
    else for (const line of textLines(file, loaded.image, loaded.sha256, loaded.fileBytes)) io.out(line);
  }
  return code;
}

// A .bin may be looked at without an address: its own bytes then count from 0.
async function load(file: string, at: number | null): Promise<Awaited<ReturnType<typeof loadImage>>> {
  const loaded = await loadImage(file, at === null ? {} : { at });
  if (loaded.ok || at !== null || !loaded.complaint.message.includes("base address")) return loaded;
  return await loadImage(file, { at: 0 });
}

/** Share of the 256-byte blocks, counted from each segment's start, that are all 0xFF. */
function blankShare(image: Image): number {
  let blocks = 0;
  let blank = 0;
  for (const { bytes } of image.segments)
    for (let at = 0; at < bytes.length; at += grainBytes) {
      blocks += 1;
      if (isBlank(bytes.subarray(at, at + grainBytes), 0xff)) blank += 1;
    }
  return blocks === 0 ? 0 : blank / blocks;
}

function jsonLine(file: string, image: Image, sha256: string, fileBytes: number): object {
  return {
    type: "image",
    file,
    format: image.format,
    fileBytes,
    sha256,
    bytes: imageBytes(image),
    blankShare: Math.round(blankShare(image) * 10_000) / 10_000,
    entry: image.entry,
    segments: image.segments.map((s) => ({ address: s.address, bytes: s.bytes.length })),
    warnings: image.warnings,
    ...(image.dfu === null ? {} : { dfu: image.dfu }),
  };
}

function textLines(file: string, image: Image, sha256: string, fileBytes: number): string[] {
  const blank = (100 * blankShare(image)).toFixed(1);
  return [
    cleanText(file),
    `  format    ${image.format}, ${fileBytes} bytes in the file`,
    `  sha256    ${sha256}`,
    `  content   ${imageBytes(image)} bytes in ${count(image.segments.length, "segment")}, ${blank} % blank`,
    ...image.segments
      .slice(0, 20)
      .map((s) => `  segment   ${hex32(s.address)} to ${hex32(endOf(s) - 1)}  ${s.bytes.length} bytes`),
    ...(image.segments.length > 20 ? [`            and ${image.segments.length - 20} more`] : []),
    ...(image.entry === null ? [] : [`  entry     ${hex32(image.entry)}`]),
    ...image.warnings.map((warning) => `  note      ${warning}`),
  ];
}

/** An address as people type it: 0x08000000 or decimal. Throws CommandError. */
export function addressOption(name: string, text: string): number {
  if (!/^(0x[0-9a-fA-F]{1,8}|[0-9]{1,10})$/.test(text) || Number(text) > 0xffff_ffff)
    throw new CommandError(
      `${name}: "${cleanText(text, 40)}" found, an address such as 0x08000000 was expected`,
    );
  return Number(text);
}
