import { expect, test } from "vitest";
import { poweredConnect } from "../../src/station/powered-connect.ts";
import type { PlaceOf } from "../../src/station/order.ts";
import { lineOf } from "./line.ts";
import { smallUnit } from "./mutations.ts";
import { attempt, seat, type Seat } from "./seat.ts";

/** A board that is stuck in silence until its power was off, where `helps`. */
function stuckBoard(wire: "uart" | "usb", { helps = true, done = true } = {}) {
  const good = seat("STM32F401CB", wire);
  const mute = seat("STM32F401CB", wire, { mishap: { muteAfter: 0 } });
  let cycles = 0;
  const placeOf = (): PlaceOf => () => {
    const [healthy, silent] = [good.place(), mute.place()];
    const power = poweredConnect(
      (signal) => (helps && cycles > 0 ? healthy : silent).connect(signal),
      () => {
        cycles += 1;
        return Promise.resolve({ done, text: "the power was off" });
      },
    );
    return { ...healthy, connect: power.connect, notes: () => power.notes() };
  };
  const seatOf = (): Seat => good;
  return { line: lineOf(smallUnit("STM32F401CB"), { wire, seatOf, placeOf }), cycles: () => cycles };
}

test.each(["uart", "usb"] as const)(
  "a board that is stuck loses its power once and passes as marginal over %s; the record says why",
  async (wire) => {
    const { line, cycles } = stuckBoard(wire);
    const [end] = await line.run(["UNIT-1"]);
    expect(end?.word).toBe("PASS marginal");
    expect(cycles()).toBe(1);
    expect(end?.record?.notes).toContain("LINK_SILENT: the power was off");
  },
);

test("one that stays silent is given up after one cycle, and the record has both", async () => {
  const { line, cycles } = stuckBoard("uart", { helps: false });
  const [end] = await line.run(["UNIT-1"]);
  expect(end?.word).toBe("LINK_SILENT");
  expect(cycles()).toBe(1);
  expect(end?.record?.notes).toEqual(["LINK_SILENT: the power was off"]);
});

test("where the hub cannot switch, the board is given up at once", async () => {
  const { line, cycles } = stuckBoard("uart", { done: false });
  const [end] = await line.run(["UNIT-1"]);
  expect(end?.word).toBe("LINK_SILENT");
  expect(cycles()).toBe(1);
});

// The slowest loader listens 2.6 s after its reset; a host that asks twice as long has asked enough.
test.each(["uart", "usb"] as const)(
  "a board that says nothing from the start is given up within 6 s over %s",
  async (wire) => {
    const mute = seat("STM32F401CB", wire, { mishap: { muteAfter: 0 } });
    const end = await attempt(mute, smallUnit("STM32F401CB"));
    expect(end.word).toBe("LINK_SILENT");
    expect(end.at).toBeLessThan(6000);
  },
);
