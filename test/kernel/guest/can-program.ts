import { expect } from "vitest";
import { chipSpec } from "../../../src/family/table.ts";
import { blocksToRead, blocksToWrite, wantedContent } from "../../../src/plan/writes.ts";
import { canBootloader } from "../../../src/protocol/can/can-bootloader.ts";
import type { FrameLink } from "../../../src/protocol/links.ts";
import { canLoader } from "../../../src/sim/can/can-rom.ts";
import { simUid } from "../../../src/sim/sim-bench.ts";

const never = new AbortController().signal;

/** Erases what an image needs, writes it, reads it back. */
export async function program(chip: string, link: FrameLink, image: Uint8Array): Promise<void> {
  const spec = chipSpec(chip, simUid("one"));
  const { family } = spec;
  const { bitrate: startBitrate, dataBitrate: fd } = canLoader(family);
  await using loader = await canBootloader(link, { startBitrate, bitrate: startBitrate, fd }, never);
  await loader.identify(never);
  loader.adopt(family);
  const sectors = spec
    .mapOf(new Map())
    .sectors.filter(({ address }) => address < family.flashStart + image.length);
  for (let at = 0; at < sectors.length; at += loader.unitsPerErase)
    await loader.erase(sectors.slice(at, at + loader.unitsPerErase), never);
  const content = [{ address: family.flashStart, bytes: image }];
  for (const { address, bytes } of blocksToWrite(
    wantedContent(sectors, content, family.erasedByte),
    loader.blockBytes,
    family.writeAlignBytes,
    family.erasedByte,
  ))
    await loader.write(address, bytes, never);
  for (const { address, bytes } of blocksToRead(content, loader.blockBytes))
    expect(Buffer.compare(await loader.read(address, bytes.length, never), bytes)).toBe(0);
}
