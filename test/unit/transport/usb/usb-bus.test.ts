import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  hasSerialPort,
  usbKind,
  watchUsb,
  type UsbChange,
  type UsbDevice,
  type UsbPlace,
} from "../../../../src/transport/usb/usb-bus.ts";
import { fakeDevice, placeOf } from "../fake-usb.ts";

const { device } = fakeDevice();
const at = (path: string, address: number): UsbPlace => placeOf(path, address, device);
const never = new AbortController().signal;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A bus whose content the test decides. */
function bus() {
  let places: readonly UsbPlace[] = [];
  let looks = 0;
  let broken = false;
  let nudge = (): void => undefined;
  const list = (): Promise<readonly UsbPlace[]> => {
    looks += 1;
    return broken ? Promise.reject(new Error("no bus")) : Promise.resolve(places);
  };
  return {
    watch: watchUsb(list, (told) => {
      nudge = told;
      return { [Symbol.dispose]: () => (nudge = () => undefined) };
    }),
    event: () => nudge(),
    plug: (...now: readonly UsbPlace[]) => (places = now),
    fail: (now: boolean) => (broken = now),
    looks: () => looks,
  };
}

const words = (change: UsbChange): string =>
  change.kind === "left"
    ? `left ${change.path}`
    : `appeared ${change.place.path} ${change.place.enumeration}`;

describe("the watch of a bus", () => {
  test("gives what is there now", async () => {
    const { watch, plug } = bus();
    using _end = watch;
    plug(at("1-1", 4), at("1-2.3", 5));
    expect((await watch.now()).map(({ path }) => path)).toEqual(["1-1", "1-2.3"]);
  });

  test("tells what came, what left, and a new address at the same place as both", async () => {
    const { watch, plug } = bus();
    using _end = watch;
    plug(at("1-1", 4));
    await watch.now();
    const seen: string[] = [];
    using _told = watch.subscribe((change) => seen.push(words(change)));
    plug(at("1-1", 6), at("1-2", 5));
    await vi.advanceTimersByTimeAsync(500);
    expect(seen).toEqual(["left 1-1", "appeared 1-1 001:6", "appeared 1-2 001:5"]);
    plug(at("1-2", 5));
    await vi.advanceTimersByTimeAsync(500);
    expect(seen.slice(3)).toEqual(["left 1-1"]);
  });

  test("looks twice a second while somebody listens, and not at all after that", async () => {
    const { watch, looks } = bus();
    using _end = watch;
    const told = watch.subscribe(() => undefined);
    await vi.advanceTimersByTimeAsync(5000);
    expect(looks()).toBe(10);
    told[Symbol.dispose]();
    await vi.advanceTimersByTimeAsync(5000);
    expect(looks()).toBeLessThanOrEqual(11);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("looks at once at an event of the system", async () => {
    const { watch, plug, event } = bus();
    using _end = watch;
    const there = watch.whenThere("1-1", () => true, never);
    await vi.advanceTimersByTimeAsync(1);
    plug(at("1-1", 9));
    event();
    await vi.advanceTimersByTimeAsync(1);
    expect((await there).enumeration).toBe("001:9");
  });

  test("looks on after a look that failed", async () => {
    const { watch, plug, fail } = bus();
    using _end = watch;
    const there = watch.whenThere("1-1", () => true, never);
    await vi.advanceTimersByTimeAsync(500);
    fail(true);
    await vi.advanceTimersByTimeAsync(1500);
    fail(false);
    plug(at("1-1", 9));
    await vi.advanceTimersByTimeAsync(500);
    expect((await there).enumeration).toBe("001:9");
  });

  test("a wait ends with the reason of its signal and leaves nothing behind", async () => {
    const { watch } = bus();
    using _end = watch;
    const stop = new AbortController();
    const there = watch.whenThere("1-1", () => true, stop.signal);
    there.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(600);
    stop.abort(new Error("enough"));
    await expect(there).rejects.toThrow("enough");
    await vi.advanceTimersByTimeAsync(600);
    expect(vi.getTimerCount()).toBe(0);
    await expect(watch.whenThere("1-1", () => true, stop.signal)).rejects.toThrow("enough");
  });

  test("500 boards one after another at one place are each met once, and no timer stays", async () => {
    const { watch, plug } = bus();
    using _end = watch;
    let last = "";
    for (let i = 1; i <= 500; i += 1) {
      const there = watch.whenThere("1-1", ({ enumeration }) => enumeration !== last, never);
      plug(at("1-1", (i % 127) + 1));
      await vi.advanceTimersByTimeAsync(500);
      last = (await there).enumeration;
      expect(last).toBe(`001:${(i % 127) + 1}`);
      plug();
      await watch.now();
    }
    await vi.advanceTimersByTimeAsync(500);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe.skipIf(process.platform !== "linux")("what a device is, nobody having opened it", () => {
  let sys = "";
  beforeEach(() => {
    sys = mkdtempSync(join(tmpdir(), "gangflash-sys-"));
  });
  afterEach(() => rmSync(sys, { recursive: true, force: true }));

  function descriptors(path: string, bytes: readonly number[]): void {
    const folder = join(sys, "bus", "usb", "devices", path);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, "descriptors"), Uint8Array.from(bytes));
  }
  const own = [18, 1, ...Array.from({ length: 16 }, () => 0)];
  const inter = (kind: number, subclass: number, protocol = 2): number[] => [
    9,
    4,
    0,
    0,
    0,
    kind,
    subclass,
    protocol,
    0,
  ];

  test("a DFU interface behind another one is found, other classes are not ours", () => {
    const configuration = [9, 2, 0, 0, 2, 1, 0, 0x80, 50];
    descriptors("1-1", [
      ...own,
      ...configuration,
      ...inter(3, 0),
      9,
      0x21,
      0,
      1,
      0,
      1,
      34,
      0,
      0,
      ...inter(0xfe, 1),
    ]);
    descriptors("1-2", [...own, ...configuration, ...inter(0xff, 0)]);
    expect(usbKind(at("1-1", 2), sys)).toBe("dfu");
    expect(usbKind(at("1-2", 3), sys)).toBe("other");
  });

  test("a CAN adapter with a run-time interface of the DFU class is an adapter, and no loader", () => {
    descriptors("1-1", [...own, 9, 2, 0, 0, 2, 1, 0, 0x80, 50, ...inter(0xff, 0xff), ...inter(0xfe, 1)]);
    const { path, enumeration } = at("1-1", 2);
    const device = { vendorId: 0x1d50, productId: 0x606f } as unknown as UsbDevice;
    expect(usbKind({ path, enumeration, device }, sys)).toBe("gs_usb");
  });

  test("an application is told from a loader by the protocol of its DFU interface, and its serial port by its class", () => {
    descriptors("1-1", [...own, ...inter(0xfe, 1, 1)]);
    descriptors("1-2", [...own, ...inter(2, 2, 0), ...inter(0xfe, 1, 1)]);
    // A loader of DfuSe 1.0 shape, and one that shows both: in its loader already.
    descriptors("1-3", [...own, ...inter(0xfe, 1, 0)]);
    descriptors("1-4", [...own, ...inter(0xfe, 1, 1), ...inter(0xfe, 1, 2)]);
    expect(["1-1", "1-2", "1-3", "1-4"].map((path) => usbKind(at(path, 2), sys))).toEqual([
      "runtime",
      "runtime",
      "dfu",
      "dfu",
    ]);
    expect(["1-1", "1-2", "1-9"].map((path) => hasSerialPort(at(path, 2), sys))).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("broken descriptors are nothing of ours, and end", () => {
    descriptors("1-1", [...own, 0, 4, 0xfe, 1]);
    descriptors("1-2", [...own, 9, 4, 0, 0]);
    descriptors("1-3", []);
    for (const path of ["1-1", "1-2", "1-3"]) expect(usbKind(at(path, 2), sys)).toBe("other");
  });

  test("one that left meanwhile is gone", () => {
    expect(usbKind(at("1-9", 2), sys)).toBe("gone");
  });
});
