import { describe, expect, test } from "vitest";
import { smallUnit, usedSeat } from "./mutations.ts";
import { attempt, seat, type Ended } from "./seat.ts";

const benches = [
  { chip: "STM32F103C6", wire: "uart", name: "uart", blocks: 4, reads: 11, looks: 0 },
  { chip: "STM32F401CB", wire: "usb", name: "dfu of an older ROM", blocks: 2, reads: 9, looks: 1 },
  { chip: "STM32G431CB", wire: "usb", name: "dfu of a newer ROM", blocks: 2, reads: 4, looks: 0 },
] as const;

const retriesOf = (end: Ended, step: string): number =>
  end.events.reduce(
    (sum, event) =>
      event.type === "step" && event.step === step && event.state !== "start" ? sum + event.retries : sum,
    0,
  );

test("a good board whose acknowledgement of a block is spoilt to a refusal passes as marginal, whichever block it is", async () => {
  const one = smallUnit("STM32F103C6");
  const words = [];
  for (let n = 1; n <= 4; n += 1) {
    let left = n;
    let afterBlock = false;
    const end = await attempt(seat("STM32F103C6", "uart"), one, {
      tamper: {
        uart: (link) => ({
          ...link,
          send(bytes) {
            // Data frames of a write are longer than any other.
            afterBlock = bytes.length > 12;
            link.send(bytes);
          },
          async receive(count, signal) {
            const bytes = await link.receive(count, signal);
            if (!afterBlock) return bytes;
            afterBlock = false;
            left -= 1;
            return left === 0 ? Uint8Array.of(0x1f) : bytes;
          },
        }),
      },
    });
    words.push(end.word);
  }
  expect(words).toEqual(words.map(() => "PASS marginal"));
});

describe.each(benches)("a good board on $name", ({ chip, wire, blocks, reads, looks }) => {
  const one = smallUnit(chip);

  // A used one: of each sector the first block says whether it must be erased, and it must, noise or not.
  test("with one noisy answer, whichever it is, passes: as marginal, but where the answer only was to save an erase", async () => {
    const words = [];
    for (let n = 1; n <= reads; n += 1) {
      const bench = usedSeat(chip, wire, { noiseRead: n });
      words.push((await attempt(bench, one)).word);
    }
    expect(words.toSorted()).toEqual(words.map((_, i) => (i < looks ? "PASS" : "PASS marginal")));
  });

  test("that refuses one block, whichever it is, passes as marginal after one retry", async () => {
    const ends = [];
    for (let n = 1; n <= blocks; n += 1) {
      const end = await attempt(seat(chip, wire, { mishap: { nackWrite: n } }), one);
      ends.push({ word: end.word, retries: retriesOf(end, "write") });
    }
    expect(ends).toEqual(ends.map(() => ({ word: "PASS marginal", retries: 1 })));
  });

  test("that refuses every block from the k-th on fails as refused, after three repeats of one block", async () => {
    const ends = [];
    for (let n = 1; n <= blocks; n += 1) {
      const end = await attempt(seat(chip, wire, { mishap: { nackWrite: -n } }), one);
      ends.push({ word: end.word, retries: retriesOf(end, "write") });
    }
    expect(ends).toEqual(ends.map(() => ({ word: "CHIP_REFUSED", retries: 3 })));
  });

  test("that erases slowly, but within the table's limit, passes", async () => {
    const quick = await attempt(usedSeat(chip, wire), one);
    const slow = await attempt(usedSeat(chip, wire, { slowErase: 3 }), one);
    expect([quick.word, slow.word]).toEqual(["PASS", "PASS"]);
    expect(slow.at).toBeGreaterThan(quick.at);
  });
});
