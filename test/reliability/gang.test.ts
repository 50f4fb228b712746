import { expect, test } from "vitest";
import { benchClock } from "../../src/lib/bench-clock.ts";
import type { Mishap } from "../../src/model/mishap.ts";
import { lineOf } from "./line.ts";
import { recipe } from "./recipe.ts";
import { seat, type Tamper } from "./seat.ts";

const one = recipe("STM32F103C6", { options: new Map([["nRST_STOP", 0]]) });
const good = Array.from({ length: 7 }, (_, i) => `UNIT-000${i + 1}`);

/** All boards of the bench on one clock, as on a real one: whoever holds it up holds up the others. */
function onOneClock(mishapOf: (barcode: string) => Mishap) {
  const clock = benchClock();
  let boards = 0;
  return lineOf(one, {
    seatOf(barcode) {
      boards += 1;
      return seat(one.chip, "uart", {
        clock,
        mishap: mishapOf(barcode),
        uid: new Uint8Array(12).fill(boards),
      });
    },
  });
}

test("seven good boards take no longer beside a mute and a slowly erasing one: at most 1.05 of their time", async () => {
  const alone = await onOneClock(() => ({})).run(good);
  expect(alone.map(({ word }) => word)).toEqual(good.map(() => "PASS"));
  const trouble: Readonly<Record<string, Mishap>> = {
    "UNIT-MUTE": { muteAfter: 1000 },
    "UNIT-SLOW": { slowErase: 4 },
  };
  const line = onOneClock((barcode) => trouble[barcode] ?? {});
  const beside = await line.run(["UNIT-MUTE", ...good, "UNIT-SLOW"]);
  expect(beside.map(({ word }) => word)).toEqual(["LINK_SILENT", ...good.map(() => "PASS"), "PASS"]);
  for (const barcode of good) {
    const before = alone.find((end) => end.barcode === barcode)?.ms ?? 0;
    const now = beside.find((end) => end.barcode === barcode)?.ms ?? Number.NaN;
    expect(before).toBeGreaterThan(500);
    expect(now / before).toBeLessThanOrEqual(1.05);
  }
  const slow = beside.find(({ barcode }) => barcode === "UNIT-SLOW")?.ms ?? 0;
  expect(slow).toBeGreaterThan(1.2 * (alone[0]?.ms ?? Number.NaN));
});

const broken = "UNIT-0004";
const bug = new TypeError("cannot read properties of undefined");

/** Where an exception may come from: the wire at any of its calls, and the place itself. */
const exceptions: readonly { readonly name: string; readonly tamper: Tamper }[] = [
  {
    name: "the opening of its port",
    tamper: {
      opening() {
        throw bug;
      },
    },
  },
  {
    name: "a send",
    tamper: {
      uart: (link) => afterSome(30, (fail) => ({ ...link, send: (bytes) => (fail(), link.send(bytes)) })),
    },
  },
  {
    name: "a receive",
    tamper: {
      uart: (link) =>
        afterSome(30, (fail) => ({ ...link, receive: (n, signal) => (fail(), link.receive(n, signal)) })),
    },
  },
  {
    name: "a drain",
    tamper: { uart: (link) => afterSome(30, (fail) => ({ ...link, drain: () => (fail(), link.drain()) })) },
  },
  {
    name: "the close of its port",
    tamper: { uart: (link) => ({ ...link, [Symbol.asyncDispose]: () => Promise.reject(bug) }) },
  },
];

function afterSome<T>(calls: number, make: (fail: () => void) => T): T {
  let left = calls;
  return make(() => {
    left -= 1;
    if (left < 0) throw bug;
  });
}

test.each(exceptions)(
  "an exception in $name ends as the station's fault, in its slot only",
  async ({ tamper }) => {
    const line = lineOf(one, { tamperOf: (barcode) => (barcode === broken ? tamper : {}) });
    const ends = await line.run(good);
    expect(ends.map(({ word }) => word)).toEqual(
      good.map((barcode) => (barcode === broken ? "STATION_BUG" : "PASS")),
    );
    expect(ends.every(({ record }) => record !== null)).toBe(true);
    expect(good.map((barcode) => line.seatOf(barcode).openLinks())).toEqual(good.map(() => 0));
    expect(line.store.running()).toEqual([]);
  },
);

test("a port that cannot be closed when all is done spoils the pass", async () => {
  const tamper: Tamper = {
    uart: (link) => ({ ...link, [Symbol.asyncDispose]: () => Promise.reject(bug) }),
  };
  // Without option bytes to change a port is closed once, at the end.
  const line = lineOf(recipe("STM32F103C6"), {
    tamperOf: (barcode) => (barcode === "UNIT-0002" ? tamper : {}),
  });
  const ends = await line.run(["UNIT-0001", "UNIT-0002"]);
  expect(ends.map(({ word }) => word)).toEqual(["PASS", "STATION_BUG"]);
});

test("a place that cannot be made ends as the station's fault, in its slot only", async () => {
  const line = lineOf(one, {
    placeOf: (inner) => (slot, barcode) => {
      if (barcode === broken) throw bug;
      return inner(slot, barcode);
    },
  });
  const ends = await line.run(good);
  expect(ends.map(({ word }) => word)).toEqual(
    good.map((barcode) => (barcode === broken ? "STATION_BUG" : "PASS")),
  );
  expect(line.store.running()).toEqual([]);
});

test("a view that breaks takes no attempt with it", async () => {
  const line = lineOf(one, {
    show: () => {
      throw bug;
    },
  });
  const ends = await line.run(good);
  expect(ends.map(({ word }) => word)).toEqual(good.map(() => "PASS"));
  expect(good.map((barcode) => line.seatOf(barcode).openLinks())).toEqual(good.map(() => 0));
});
