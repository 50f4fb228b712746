import { hexShort } from "../lib/bytes.ts";
import { decodeOptions } from "./option-codec.ts";
import type { OptionLayout } from "./option-bytes.ts";

/** The word a profile, and its release, must hold for read protection level 2. */
export const levelTwoWord = "RDP_LEVEL_2";

/**
 * One option block on its way to a chip. The only way to make one is `permit`, and the only way to send option bytes
 * is one of these: whatever road leads here, level 2 passes with its word or not at all.
 */
export class OptionWrite {
  readonly address: number;
  readonly bytes: Uint8Array;

  private constructor(address: number, bytes: Uint8Array) {
    this.address = address;
    this.bytes = bytes;
  }

  /**
   * Checks the blocks as they would lie in the chip. `irreversible` holds the words of a released profile. Throws a
   * RangeError that names what is not allowed.
   */
  static permit(
    layout: OptionLayout,
    blocks: readonly Uint8Array[],
    irreversible: readonly string[],
  ): OptionWrite[] {
    const values = decodeOptions(layout, blocks);
    for (const field of layout.fields) {
      const value = values.get(field.name);
      if (value !== undefined && isForEver(field.danger, value) && !irreversible.includes(levelTwoWord))
        throw new RangeError(
          `${field.name} ${hexShort(value)} can never be undone and needs ${levelTwoWord} in the released profile`,
        );
    }
    return layout.blocks.map((block, i) => {
      const bytes = blocks[i];
      if (bytes === undefined || bytes.length !== block.size)
        throw new RangeError(`option block ${i} of ${layout.id} has not ${block.size} bytes`);
      return new OptionWrite(block.address + layout.writeOffset, bytes);
    });
  }
}

/** True for a value that no later step can take back. */
export function isForEver(danger: string | null, value: number): boolean {
  return danger === "irreversible-at-0xCC" && value === 0xcc;
}
