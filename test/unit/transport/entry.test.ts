import { afterEach, describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../src/family/table.ts";
import type { Entry } from "../../../src/model/entry.ts";
import { Fault } from "../../../src/model/fault.ts";
import { dfuBootloader } from "../../../src/protocol/dfu/dfu-bootloader.ts";
import { simBoard } from "../../../src/sim/board.ts";
import { dfuRom } from "../../../src/sim/dfu/dfu-rom.ts";
import { applicationDevice, type Trigger } from "../../../src/sim/os/application-device.ts";
import { foreignUsbDevice } from "../../../src/sim/os/foreign-usb-device.ts";
import type { UsbDevice as SimDevice } from "../../../src/sim/os/usb-device.ts";
import { simUid } from "../../../src/sim/sim-bench.ts";
import { enterBy, type EntryWays } from "../../../src/transport/entry.ts";
import { watchUsb } from "../../../src/transport/usb/usb-bus.ts";
import { dfuSlot } from "../../../src/transport/usb/usb.ts";
import { simBus } from "./sim-usb-device.ts";

const never = new AbortController().signal;
const byDetach: Entry = { kind: "dfu-detach" };
const byTouch: Entry = { kind: "touch", baud: 1200, serial: null };
const byCommand: Entry = { kind: "command", send: "dfu\r\n", baud: 9600, serial: null };

function application(trigger: Trigger) {
  const spec = chipSpec("STM32F405", simUid("application"));
  const board = simBoard(spec);
  return { board, device: applicationDevice(board, dfuRom(spec.family), trigger, "fast") };
}

/** The slot 1-1 with a simulated device in it, whose serial port is spoken to as a driver would. */
function slotWith(sim: SimDevice, entry: Entry, more: Partial<EntryWays> = {}, busyTimes = 0) {
  const bus = simBus(sim);
  const watch = watchUsb(
    () => Promise.resolve(bus.places()),
    (nudge) => bus.watch(nudge),
  );
  const ports: string[] = [];
  const control = (request: number, value: number, data: Uint8Array): void => {
    const setup = Uint8Array.of(0x21, request, value, 0, 0, 0, data.length, 0);
    sim.submit({ endpoint: 0, direction: "out", setup, length: data.length, data }, () => undefined);
  };
  const ways: EntryWays = {
    driverOf: () => null,
    terminalOf: () => "/dev/ttyACM7",
    hasSerialPort: () => true,
    knock: (device, baud, bytes) => {
      ports.push(device);
      if (ports.length <= busyTimes)
        return Promise.reject(new Fault("ADAPTER_BUSY", `another program has ${device} open`));
      control(0x20, 0, Uint8Array.of(baud & 0xff, baud >>> 8, 0, 0, 0, 0, 8));
      control(0x22, 3, new Uint8Array());
      const setup = new Uint8Array(8);
      if (bytes.length > 0)
        sim.submit(
          { endpoint: 1, direction: "out", setup, length: bytes.length, data: bytes },
          () => undefined,
        );
      control(0x22, 0, new Uint8Array());
      return Promise.resolve();
    },
    ...more,
  };
  const slot = dfuSlot(
    "1-1",
    watch,
    { kindOf: (place) => bus.kindOf(place), driverOf: () => null },
    enterBy(entry, ways),
  );
  return { slot, bus, ports, [Symbol.dispose]: () => watch[Symbol.dispose]() };
}

async function faultOf(opening: Promise<unknown>): Promise<Fault> {
  try {
    await opening;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("it went well");
}

afterEach(() => {
  vi.useRealTimers();
});

describe("a board that runs its application", () => {
  test.each<[string, Trigger, Entry]>([
    ["DETACH, and leaves by itself", { kind: "detach", willDetach: true }, byDetach],
    ["DETACH and a bus reset", { kind: "detach", willDetach: false }, byDetach],
    ["a touch at 1200 baud", { kind: "touch" }, byTouch],
    ["a command", { kind: "command", text: "dfu\r\n" }, byCommand],
  ])("goes into its loader after %s", async (_, trigger, entry) => {
    const { device } = application(trigger);
    using here = slotWith(device, entry);
    expect(here.bus.kindOf(here.bus.places()[0]!)).not.toBe("dfu");
    await using link = await here.slot.open(never);
    expect(link.facts.product).toBe("STM32  BOOTLOADER");
    expect(here.bus.enumerations()).toBe(2);
    expect(here.slot.notes()).toEqual([
      expect.stringMatching(/ran its application, Maker Thing .* entered by/),
    ]);
    expect(here.slot.notes()).toEqual([]);
  });

  test("is left alone where nobody said how it is asked", async () => {
    const { device } = application({ kind: "detach", willDetach: true });
    using here = slotWith(device, { kind: "none" });
    const fault = await faultOf(here.slot.open(never));
    expect(fault.code).toBe("FOREIGN_DEVICE");
    expect(fault.detail).toContain("entry: { by: dfu-detach }");
    expect(here.bus.said).toEqual([]);
  });

  test("is asked again after a reset that ended in its application", async () => {
    const { device, board } = application({ kind: "detach", willDetach: true });
    using here = slotWith(device, byDetach);
    {
      await using loader = await dfuBootloader(await here.slot.open(never), never);
      loader.adopt(board.chip().spec.family);
      await loader.launch(0x0800_0000, never);
    }
    await using link = await here.slot.open(never);
    expect(link.facts.product).toBe("STM32  BOOTLOADER");
    expect(here.bus.enumerations()).toBe(4);
    expect(here.slot.notes()).toHaveLength(2);
  });

  test("of the loader already is not asked anything", async () => {
    const { device, board } = application({ kind: "touch" });
    board.chip().flash.fill(0xff);
    device.reseat();
    using here = slotWith(device, byTouch);
    await using link = await here.slot.open(never);
    expect(link.facts.product).toBe("STM32  BOOTLOADER");
    expect(here.ports).toEqual([]);
  });

  test("that refuses DETACH ends as ENTRY_REFUSED", async () => {
    using here = slotWith(application({ kind: "refuse" }).device, byDetach);
    expect((await faultOf(here.slot.open(never))).code).toBe("ENTRY_REFUSED");
    expect(here.bus.said).toEqual(["open", "claim 1", "release 1", "close"]);
  });

  test("that hears the command and stays ends as ENTRY_IGNORED, within its deadline", async () => {
    vi.useFakeTimers();
    using here = slotWith(application({ kind: "deaf" }).device, byCommand);
    const ending = faultOf(here.slot.open(never));
    await vi.advanceTimersByTimeAsync(19_000);
    expect(here.ports).toEqual(["/dev/ttyACM7"]);
    await vi.advanceTimersByTimeAsync(2000);
    const fault = await ending;
    expect(fault.code).toBe("ENTRY_IGNORED");
    expect(fault.detail).toContain("is still there");
    expect(here.slot.notes()).toHaveLength(1);
  });

  test("that goes and never comes back ends as BOARD_NOT_BACK", async () => {
    vi.useFakeTimers();
    const { device, board } = application({ kind: "touch" });
    using here = slotWith(device, byTouch, {
      knock: () => {
        device.reseat();
        // The operator takes it out meanwhile: nothing comes to the bus any more.
        device[Symbol.dispose]();
        return Promise.resolve();
      },
    });
    const ending = faultOf(here.slot.open(never));
    await vi.advanceTimersByTimeAsync(21_000);
    expect((await ending).code).toBe("BOARD_NOT_BACK");
    expect(board.present()).toBe(true);
  });

  test("has no DFU run-time interface: with dfu-detach it is a foreign device, by name", async () => {
    using here = slotWith(application({ kind: "touch" }).device, byDetach);
    const fault = await faultOf(here.slot.open(never));
    expect(fault).toMatchObject({ code: "FOREIGN_DEVICE" });
    expect(fault.detail).toContain("no DFU run-time interface");
  });
});

describe("the port of an application", () => {
  test("is another one where the station says so", async () => {
    const { device } = application({ kind: "touch" });
    using here = slotWith(device, { ...byTouch, serial: "/dev/console7" }, { terminalOf: () => null });
    await using _link = await here.slot.open(never);
    expect(here.ports).toEqual(["/dev/console7"]);
  });

  test("that the system did not make is ENTRY_NO_PORT, not a fault of the board", async () => {
    vi.useFakeTimers();
    using here = slotWith(application({ kind: "touch" }).device, byTouch, { terminalOf: () => null });
    const ending = faultOf(here.slot.open(never));
    await vi.advanceTimersByTimeAsync(6000);
    expect(await ending).toMatchObject({ code: "ENTRY_NO_PORT", verdict: "ERROR" });
  });

  test("is waited for a moment: the system makes it after the device came", async () => {
    let looks = 0;
    const { device } = application({ kind: "touch" });
    using here = slotWith(device, byTouch, {
      terminalOf: () => ((looks += 1) > 2 ? "/dev/ttyACM9" : null),
    });
    await using _link = await here.slot.open(never);
    expect(here.ports).toEqual(["/dev/ttyACM9"]);
  });

  test("of a device without one makes it a foreign device", async () => {
    using here = slotWith(foreignUsbDevice("Label printer"), byTouch, {
      terminalOf: () => null,
      hasSerialPort: () => false,
    });
    expect(await faultOf(here.slot.open(never))).toMatchObject({ code: "FOREIGN_DEVICE" });
  });

  test("that another program has for a moment is asked for again", async () => {
    using here = slotWith(application({ kind: "touch" }).device, byTouch, {}, 2);
    await using link = await here.slot.open(never);
    expect(link.facts.product).toBe("STM32  BOOTLOADER");
    expect(here.ports).toHaveLength(3);
  });
});
