import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { chainStart, recordHash } from "../../../src/model/chain.ts";

describe("the hash of a record", () => {
  test("is SHA-256 over 0x01, the hash before, the number as 8 bytes big endian, and the text as UTF-8", () => {
    const previous = "ab".repeat(32);
    const bytes = Buffer.concat([
      Buffer.from([0x01]),
      Buffer.from(previous, "hex"),
      Buffer.from([0, 0, 0, 0, 0, 1, 0xe2, 0x40]),
      Buffer.from('{"barcode":"Ü-1"}', "utf8"),
    ]);
    const wanted = createHash("sha256").update(bytes).digest("hex");
    expect(recordHash(previous, 123_456, '{"barcode":"Ü-1"}')).toBe(wanted);
  });

  test("of the first record follows 64 zeros", () => {
    expect(chainStart).toMatch(/^0{64}$/);
    // printf '\1' + 32 zero bytes + 7 zero bytes, 1, '{}' | sha256sum
    expect(recordHash(chainStart, 1, "{}")).toBe(
      createHash("sha256")
        .update(
          Buffer.concat([
            Buffer.of(1),
            Buffer.alloc(32),
            Buffer.of(0, 0, 0, 0, 0, 0, 0, 1),
            Buffer.from("{}"),
          ]),
        )
        .digest("hex"),
    );
  });

  test("holds numbers beyond 32 bits", () => {
    expect(recordHash(chainStart, 2 ** 32 + 1, "{}")).not.toBe(recordHash(chainStart, 1, "{}"));
  });

  test("changes with each of the three", () => {
    const hash = fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString("hex"));
    const link = fc.tuple(hash, fc.integer({ min: 1, max: 1_000_000 }), fc.string({ unit: "grapheme" }));
    const property = fc.property(link, link, (one, other) => {
      const same = JSON.stringify(one) === JSON.stringify(other);
      expect(recordHash(...one) === recordHash(...other)).toBe(same);
    });
    fc.assert(property, { numRuns: 1000 });
  });
});
