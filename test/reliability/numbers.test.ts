import { describe, expect, test } from "vitest";
import type { SerialPolicy } from "../../src/model/profile.ts";
import { lineOf, type Line } from "./line.ts";
import { dataBytes, profileOf, recipe } from "./recipe.ts";
import { onAnswers } from "./mutations.ts";
import { seat, type Tamper } from "./seat.ts";

const one = recipe("STM32F103C6");
const dataAt = one.dataAt ?? 0;

function lineWith(policy: SerialPolicy, options: Parameters<typeof lineOf>[1] = {}): Line {
  const { serial } = profileOf(one);
  if (serial === null) throw new Error("no serial");
  return lineOf(one, { ...options, more: { serial: { ...serial, policy } } });
}

/** The number that lies in a board, as its memory has it; `null` for erased flash. */
function numberIn(line: Line, barcode: string): string | null {
  const { flash } = line.seatOf(barcode).board.chip();
  const bytes = flash.subarray(dataAt, dataAt + 16);
  return bytes[0] === 0xff ? null : Buffer.from(bytes).toString("latin1").replaceAll("\0", "");
}

function put(line: Line, barcode: string, text: string): void {
  line
    .seatOf(barcode)
    .board.chip()
    .flash.set(dataBytes({ number: 1, text }), dataAt);
}

/** State of every number that the ledger knows for a unit, in the order of its attempts. */
const ledgerOf = (line: Line, barcode: string): string[] =>
  line.store
    .attemptsOf(barcode, "sim")
    .map(({ serials }) => serials.map(({ text, state }) => `${text} ${state}`).join());

const word = async (line: Line, barcode: string): Promise<string> =>
  (await line.run([barcode]))[0]?.word ?? "none";

describe("keep-existing", () => {
  test("keeps a well-formed number of the series that is found in the chip", async () => {
    const line = lineWith("keep-existing");
    put(line, "UNIT-1", "V60-00321");
    expect(await word(line, "UNIT-1")).toBe("PASS");
    expect(numberIn(line, "UNIT-1")).toBe("V60-00321");
    expect(ledgerOf(line, "UNIT-1")).toEqual(["V60-00321 committed"]);
    expect(await word(line, "UNIT-2")).toBe("PASS");
    expect(numberIn(line, "UNIT-2")).toBe("V60-00001");
  });

  test("does not take the number of another unit: the chip gets one of its own", async () => {
    const line = lineWith("keep-existing");
    expect(await word(line, "UNIT-1")).toBe("PASS");
    put(line, "UNIT-2", "V60-00001");
    expect(await word(line, "UNIT-2")).toBe("PASS");
    expect([numberIn(line, "UNIT-1"), numberIn(line, "UNIT-2")]).toEqual(["V60-00001", "V60-00002"]);
    expect(ledgerOf(line, "UNIT-2")).toEqual(["V60-00002 committed"]);
  });

  test("of two boards of one gang with the same number only one keeps it", async () => {
    const line = lineWith("keep-existing");
    for (const barcode of ["UNIT-1", "UNIT-2"]) put(line, barcode, "V60-00321");
    expect((await line.run(["UNIT-1", "UNIT-2"])).map((end) => end.word)).toEqual(["PASS", "PASS"]);
    const numbers = [numberIn(line, "UNIT-1"), numberIn(line, "UNIT-2")];
    expect(new Set(numbers).size).toBe(2);
    expect(numbers).toContain("V60-00321");
  });

  test.each([
    ["another series", "X60-00321"],
    ["too few digits", "V60-321"],
    ["a digit too many in front", "V60-000321"],
    ["a number that its format has no room for", "V60-100000"],
    ["rubbish", "\u0001\u0002\u0003"],
  ])("does not keep %s", async (_, text) => {
    const line = lineWith("keep-existing");
    put(line, "UNIT-1", text);
    expect(await word(line, "UNIT-1")).toBe("PASS");
    expect(numberIn(line, "UNIT-1")).toBe("V60-00001");
  });

  test("one noisy answer does not make another number of it", async () => {
    const texts = new Set<string | null>();
    for (let n = 1; n <= 12; n += 1) {
      let left = n;
      const tamper = onAnswers((bytes) => {
        left -= 1;
        if (left === 0) bytes[8] = (bytes[8] ?? 0) ^ 0x02;
        return bytes;
      });
      const line = lineWith("keep-existing", { tamperOf: () => tamper });
      put(line, "UNIT-1", "V60-00321");
      expect(await word(line, "UNIT-1")).toMatch(/^PASS/);
      texts.add(numberIn(line, "UNIT-1"));
    }
    expect([...texts]).toEqual(["V60-00321"]);
  });
});

/** A board whose first attempt breaks off once the block with its number was sent, or before. */
function breakingOff(after: "before" | "after"): Tamper {
  let attempts = 0;
  return {
    uart(link) {
      attempts += 1;
      if (attempts > 1) return link;
      return {
        ...link,
        send(bytes) {
          const holds = Buffer.from(bytes).includes("V60-");
          if (holds && after === "before") throw new Error("broken off");
          link.send(bytes);
          if (holds) throw new Error("broken off");
        },
      };
    },
  };
}

describe("a number whose attempt failed", () => {
  test("burn-on-failure: is void, and the next attempt has a new one in the chip", async () => {
    const line = lineWith("burn-on-failure", { tamperOf: memo(() => breakingOff("after")) });
    expect(await word(line, "UNIT-1")).toBe("STATION_BUG");
    expect(numberIn(line, "UNIT-1")).toBe("V60-00001");
    expect(await word(line, "UNIT-1")).toBe("PASS");
    expect(numberIn(line, "UNIT-1")).toBe("V60-00002");
    expect(ledgerOf(line, "UNIT-1")).toEqual(["V60-00001 void", "V60-00002 committed"]);
    expect(await word(line, "UNIT-2")).toBe("STATION_BUG");
    expect(numberIn(line, "UNIT-2")).toBe("V60-00003");
  });

  test.each(["before", "after"] as const)(
    "consume-on-success: is its unit's for ever once it was written, broken off %s the block",
    async (when) => {
      const line = lineWith("consume-on-success", { tamperOf: memo(() => breakingOff(when)) });
      expect(await word(line, "UNIT-1")).toBe("STATION_BUG");
      expect(numberIn(line, "UNIT-1")).toBe(when === "after" ? "V60-00001" : null);
      const second = await line.run(["UNIT-2"]);
      expect(second[0]?.record?.serials.map(({ text, state }) => `${text} ${state}`)).toEqual([
        "V60-00002 written",
      ]);
      expect(await word(line, "UNIT-1")).toBe("PASS");
      expect(numberIn(line, "UNIT-1")).toBe("V60-00001");
      expect(ledgerOf(line, "UNIT-1")).toEqual(["V60-00001 written", "V60-00001 committed"]);
    },
  );

  test("consume-on-success: goes to the next unit when no byte of it left the station", async () => {
    const silent = seat(one.chip, "uart", { mishap: { muteAfter: 0 } });
    const line = lineWith("consume-on-success", {
      seatOf: (barcode) =>
        barcode === "UNIT-1" ? silent : seat(one.chip, "uart", { uid: new Uint8Array(12).fill(9) }),
    });
    expect(await word(line, "UNIT-1")).toBe("LINK_SILENT");
    expect(await word(line, "UNIT-2")).toBe("PASS");
    expect(numberIn(line, "UNIT-2")).toBe("V60-00001");
    expect(ledgerOf(line, "UNIT-1")).toEqual(["V60-00001 returned"]);
  });
});

/** The same hand for each attempt on a board. */
function memo(make: () => Tamper): (barcode: string) => Tamper {
  const made = new Map<string, Tamper>();
  return (barcode) => {
    const known = made.get(barcode) ?? make();
    made.set(barcode, known);
    return known;
  };
}
