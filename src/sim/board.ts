import type { ChipSpec } from "../model/family.ts";
import type { Mishap } from "../model/mishap.ts";
import { simChip, type FlashWork, type SimChip } from "./chip.ts";

/** What became of a write: done, refused by the flash or by plan, or nobody is there to answer any more. */
export type BoardWrite = FlashWork & { readonly answer: "ack" | "nack" | "none" };

/** One simulated board in a slot: a chip, and the trouble that is planned for it. Every wire stands in front of one. */
export interface SimBoard {
  /** The chip that lies there now; another one after a swap. */
  chip(): SimChip;
  /** False once it was pulled. */
  present(): boolean;
  /** True once it answers nothing any more, although it lies there. */
  silent(): boolean;
  /** Image data to flash or RAM; counts bytes and lets planned trouble happen. */
  write(address: number, bytes: Uint8Array): BoardWrite;
  read(address: number, length: number): Uint8Array | null;
  /** What the loader answers to Get ID. */
  productId(): number;
  /** The board lies in its slot again: what was planned to happen once is over. */
  putBack(): void;
}

/** `spare` makes the board that is swapped in. */
export function simBoard(spec: ChipSpec, mishap: Mishap = {}, spare?: () => ChipSpec): SimBoard {
  const trouble = {
    ...(mishap.protected === true ? { protected: true } : {}),
    ...(mishap.slowErase === undefined ? {} : { slowErase: mishap.slowErase }),
    ...(mishap.optionsStick === true ? { optionsStick: true } : {}),
  };
  let chip = simChip(spec, trouble);
  let written = 0;
  let blocksWritten = 0;
  let blocksRead = 0;
  let pulled = false;
  let mute = mishap.muteAfter === 0;
  let again = false;

  // Counts up to a planned byte; true when this block reaches it.
  const reaches = (plan: number | undefined, from: number, length: number): boolean =>
    !again && plan !== undefined && from + length > plan && from <= plan;

  return {
    chip: () => chip,
    present: () => !pulled,
    silent: () => mute || pulled,
    putBack() {
      again ||= pulled || written > 0;
      pulled = false;
      mute = mishap.muteAfter === 0;
      written = 0;
    },
    productId: () => (mishap.wrongChip === true ? otherProduct(spec) : spec.family.productId),
    write(address, bytes) {
      const from = written;
      const area = chip.area(address);
      // Only flash holds image data; what a host tries out in RAM is none.
      if (area === "flash") blocksWritten += 1;
      if (!again && mishap.nackWrite !== undefined && area === "flash") {
        const hit =
          mishap.nackWrite > 0 ? blocksWritten === mishap.nackWrite : blocksWritten >= -mishap.nackWrite;
        if (hit) return { ms: 0, refused: null, answer: "nack" };
      }
      if (area === "flash") written += bytes.length;
      if (reaches(mishap.pullAt, from, bytes.length)) {
        chip.write(address, bytes.subarray(0, alignedPart(spec, (mishap.pullAt ?? 0) - from)));
        pulled = true;
        return { ms: 0, refused: null, answer: "none" };
      }
      if (mishap.swapAt !== undefined && reaches(mishap.swapAt, from, bytes.length) && spare !== undefined)
        chip = simChip(spare());
      const work = chip.write(address, bytes);
      // A bad cell stays bad, however often the board is tried.
      if (mishap.flipBit !== undefined && from + bytes.length > mishap.flipBit && from <= mishap.flipBit) {
        const at = address - spec.family.flashStart + (mishap.flipBit - from);
        chip.flash[at] = (chip.flash[at] ?? 0) ^ 1;
      }
      if (!again && mishap.muteAfter !== undefined && written >= mishap.muteAfter) mute = true;
      if (mute) return { ...work, answer: "none" };
      return { ...work, answer: work.refused === null ? "ack" : "nack" };
    },
    read(address, length) {
      const bytes = chip.read(address, length);
      if (bytes === null || chip.area(address) !== "flash") return bytes;
      blocksRead += 1;
      if (blocksRead === mishap.noiseRead) bytes[0] = (bytes[0] ?? 0) ^ 0x10;
      return bytes;
    },
  };
}

const alignedPart = (spec: ChipSpec, bytes: number): number => bytes - (bytes % spec.family.writeAlignBytes);

// A product id that no profile for this chip accepts, yet one that the table knows.
function otherProduct(spec: ChipSpec): number {
  return spec.family.productId === 0x410 ? 0x413 : 0x410;
}
