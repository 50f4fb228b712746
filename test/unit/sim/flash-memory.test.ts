import fc from "fast-check";
import { expect, test } from "vitest";
import { equalBytes } from "../../../src/lib/bytes.ts";
import { flashMemory } from "../../../src/sim/flash-memory.ts";

const size = 20_000;
const act = fc.oneof(
  fc.record({
    do: fc.constant("write" as const),
    at: fc.nat(size - 300),
    length: fc.integer({ min: 1, max: 300 }),
  }),
  fc.record({ do: fc.constant("erase" as const), at: fc.nat(4), length: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant("piece" as const), at: fc.nat(size - 1000), length: fc.nat(1000) }),
  fc.record({ do: fc.constant("look" as const), at: fc.constant(0), length: fc.constant(0) }),
);

test("flash that is made page by page holds what a whole one would, and who has all of it sees every change", () => {
  fc.assert(
    fc.property(fc.constantFrom(0xff, 0x00), fc.array(act, { maxLength: 30 }), (erasedByte, acts) => {
      const flash = flashMemory(size, erasedByte);
      const whole = new Uint8Array(size).fill(erasedByte);
      let hand: Uint8Array | null = null;
      let same = true;
      for (const { do: what, at, length } of acts) {
        if (what === "write") {
          flash.cells(at, length).fill(0x5a);
          whole.fill(0x5a, at, at + length);
        } else if (what === "erase") {
          const end = Math.min(size, (at + length) * 4096);
          flash.erase(at * 4096, end - at * 4096);
          whole.fill(erasedByte, at * 4096, end);
        } else if (what === "piece")
          same &&= equalBytes(flash.cells(at, length), whole.subarray(at, at + length));
        else hand = flash.all();
        same &&= hand === null || equalBytes(hand, whole);
      }
      expect(same && equalBytes(flash.all(), whole)).toBe(true);
    }),
  );
});
