import { expect, test } from "vitest";
import type { Slot } from "../../../src/model/station.ts";
import { realmOf } from "../../../src/station/order.ts";
import { slotOf } from "../../reliability/line.ts";

test("a unit on a simulated port is never the line's, whatever bus, wire or pace its slot has", () => {
  const plain = slotOf("A1", "STM32F405RG", "uart");
  const slots: readonly Slot[] = [
    plain,
    { ...plain, bus: "can1", port: { kind: "sim", chip: "STM32F405RG", wire: "can" } },
    { ...plain, port: { kind: "sim", chip: "STM32F405RG", wire: "usb" } },
    { ...plain, boot0: "dtr", reset: "rts" },
    { ...plain, pace: "real" },
  ];
  expect(slots.map(realmOf)).toEqual(slots.map(() => "sim"));
});
