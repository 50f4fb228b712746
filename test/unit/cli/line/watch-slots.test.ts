import { expect, test } from "vitest";
import { watchSlots } from "../../../../src/cli/line/watch-slots.ts";
import { checkStation } from "../../../../src/config/station-file.ts";
import { chipChoice } from "../../../../src/family/table.ts";
import type { UsbPlace } from "../../../../src/transport/usb/usb-bus.ts";
import { watchUsb } from "../../../../src/transport/usb/usb-bus.ts";

const read = checkStation(
  "b.yaml",
  'station: b\nslots:\n  - { name: A1, port: "usb:1-1" }\n  - { name: A2, port: "usb:1-2" }\n  - { name: A3, port: "uart:COM7" }\n',
  chipChoice,
);
const slots = read.ok ? read.value.slots : [];
const at = (path: string, productName: string): UsbPlace => ({
  path,
  enumeration: `${path} ${productName}`,
  // A listed device is only looked at for its name.
  device: { productName } as UsbPlace["device"],
});

/** A bus whose devices the test plugs in; `nudge` looks at once. */
async function bench(first: readonly UsbPlace[], entersItself: boolean) {
  let plugged = first;
  let look = (): void => {};
  const seen: string[] = [];
  const bus = watchUsb(
    async () => await Promise.resolve(plugged),
    (nudge) => {
      look = nudge;
      return { [Symbol.dispose]: () => {} };
    },
  );
  const watch = watchSlots(
    slots,
    bus,
    (slot, presence) => seen.push(`${slot} ${presence.kind}${"name" in presence ? ` ${presence.name}` : ""}`),
    () => entersItself,
    ({ device }) => (device.productName === "STM32 BOOTLOADER" ? "dfu" : "other"),
  );
  const turn = async (): Promise<void> => await new Promise((done) => setTimeout(done, 20));
  await turn();
  const now = async (places: readonly UsbPlace[]): Promise<string[]> => {
    seen.length = 0;
    plugged = places;
    look();
    await turn();
    return [...seen];
  };
  const end = (): void => {
    watch[Symbol.dispose]();
    bus[Symbol.dispose]();
  };
  return { seen: [...new Set(seen)], now, end };
}

test("USB slots tell what lies there at the start and after each change; serial ones tell nothing", async () => {
  const it = await bench([at("1-2", "Audio\u001b[2J"), at("9-9", "STM32 BOOTLOADER")], false);
  expect(it.seen.toSorted()).toEqual(["A1 none", "A2 foreign Audio[2J"]);
  expect(await it.now([at("1-1", "STM32 BOOTLOADER")])).toEqual(["A2 none", "A1 looking"]);
  expect(await it.now([])).toEqual(["A1 none"]);
  it.end();
});

test("where boards come out of their own program, that program is no foreign device", async () => {
  const it = await bench([at("1-1", "VESC")], true);
  expect(it.seen.toSorted()).toEqual(["A1 board", "A2 none"]);
  it.end();
});
