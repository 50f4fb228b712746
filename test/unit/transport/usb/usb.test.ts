import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Fault } from "../../../../src/model/fault.ts";
import { watchUsb, type UsbKind, type UsbPlace } from "../../../../src/transport/usb/usb-bus.ts";
import { deviceName } from "../../../../src/transport/usb/usb-access.ts";
import { dfuSlot } from "../../../../src/transport/usb/usb.ts";
import { fakeDevice, gone, placeOf, silence, stall, type FakeDevice } from "../fake-usb.ts";

const never = new AbortController().signal;
const getStatus = { type: "class", request: 3, value: 0 } as const;
const quiet = (): Disposable => ({ [Symbol.dispose]: () => undefined });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A slot at 1-1, and what lies there. */
function bench(kindOf: (place: UsbPlace) => UsbKind = () => "dfu", driver: string | null = null) {
  let places: readonly UsbPlace[] = [];
  const watch = watchUsb(() => Promise.resolve(places), quiet);
  return {
    slot: dfuSlot("1-1", watch, { kindOf, driverOf: () => driver }),
    plug: (...now: readonly UsbPlace[]) => (places = now),
    lay: ({ device }: FakeDevice, address = 4) => (places = [placeOf("1-1", address, device)]),
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

async function faultOf(opening: Promise<unknown>): Promise<Fault> {
  const caught = opening.then(
    () => new Error("it went well"),
    (error: unknown) => error,
  );
  await vi.advanceTimersByTimeAsync(120_000);
  const error = await caught;
  if (error instanceof Fault) return error;
  throw error;
}

describe("a board in its slot", () => {
  test("is opened, its own descriptors are read, and it answers", async () => {
    using here = bench();
    const fake = fakeDevice();
    here.lay(fake);
    await using link = await here.slot.open(never);
    expect(link.facts).toMatchObject({ vendorId: 0x0483, productId: 0xdf11, transferSize: 2048 });
    expect(link.facts.alternates[0]?.name).toContain("@Internal Flash");
    const answer = await link.controlIn(getStatus, 6, never);
    expect(answer).toMatchObject({ stall: false });
    expect(fake.said).toEqual(["open", "claim 0"]);
  });

  test("its interface is released at the end: the library keeps its file open otherwise", async () => {
    using here = bench();
    const fake = fakeDevice();
    here.lay(fake);
    await (await here.slot.open(never))[Symbol.asyncDispose]();
    expect(fake.said).toEqual(["open", "claim 0", "release 0", "close"]);
  });

  test("a STALL is an answer, in and out", async () => {
    using here = bench();
    let refuses = false;
    here.lay(fakeDevice({ control: () => (refuses ? stall() : undefined) }));
    await using link = await here.slot.open(never);
    refuses = true;
    expect(await link.controlIn(getStatus, 6, never)).toEqual({ stall: true });
    expect(await link.controlOut(getStatus, new Uint8Array(), never)).toEqual({ stall: true });
  });

  test("one that goes in the middle is BOARD_LEFT, and closing it is quiet", async () => {
    using here = bench();
    let isGone = false;
    here.lay(fakeDevice({ control: () => (isGone ? gone() : undefined) }));
    const link = await here.slot.open(never);
    isGone = true;
    await expect(link.controlIn(getStatus, 6, never)).rejects.toMatchObject({ code: "BOARD_LEFT" });
    await link[Symbol.asyncDispose]();
  });

  test("silence lasts until the signal aborts, and ends with its reason", async () => {
    using here = bench();
    let isSilent = false;
    here.lay(fakeDevice({ control: () => (isSilent ? silence() : undefined) }));
    await using link = await here.slot.open(never);
    isSilent = true;
    const stop = new AbortController();
    const asked = link.controlIn(getStatus, 6, stop.signal);
    asked.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(5000);
    stop.abort(new Fault("LINK_SILENT", "too long"));
    await expect(asked).rejects.toThrow("too long");
    await expect(link.controlIn(getStatus, 6, stop.signal)).rejects.toThrow("too long");
  });

  test("the kernel's driver is taken off, and given back at the end", async () => {
    using here = bench(() => "dfu", "dfu-old");
    const fake = fakeDevice({ detach: () => Promise.resolve() });
    here.lay(fake);
    const link = await here.slot.open(never);
    await link[Symbol.asyncDispose]();
    expect(fake.said).toEqual(["open", "detach 0", "claim 0", "release 0", "attach 0", "close"]);
  });

  test("what another program has is ADAPTER_BUSY after a moment's patience, and closed again", async () => {
    using here = bench(() => "dfu", "usbfs");
    const fake = fakeDevice({
      detach: () => Promise.resolve(),
      claim: () => Promise.reject(new Error("interface is busy (errno 16)")),
    });
    here.lay(fake);
    expect((await faultOf(here.slot.open(never))).code).toBe("ADAPTER_BUSY");
    expect(fake.said.filter((word) => word === "open")).toHaveLength(5);
    expect(fake.said.filter((word) => word === "close")).toHaveLength(5);
    expect(fake.said).not.toContain("detach 0");
  });

  test("the kernel's driver is given back where the interface cannot be had, too", async () => {
    using here = bench(() => "dfu", "dfu-old");
    const fake = fakeDevice({
      detach: () => Promise.resolve(),
      claim: () => Promise.reject(new Error("failed to claim interface (errno 5)")),
    });
    here.lay(fake);
    expect((await faultOf(here.slot.open(never))).code).toBe("LINK_NOISE");
    expect(fake.said.slice(0, 4)).toEqual(["open", "detach 0", "attach 0", "close"]);
  });

  test("a device that udev gives us late is waited for", async () => {
    using here = bench();
    let tries = 0;
    here.lay(
      fakeDevice({
        open: () => {
          tries += 1;
          return tries < 3 ? Promise.reject(new Error("permission denied (errno 13)")) : Promise.resolve();
        },
      }),
    );
    const opening = here.slot.open(never);
    await vi.advanceTimersByTimeAsync(1000);
    await using _link = await opening;
    expect(tries).toBe(3);
  });
});

describe("a slot without its board", () => {
  test("empty: NO_BOARD after 10 s", async () => {
    using here = bench();
    expect((await faultOf(here.slot.open(never))).code).toBe("NO_BOARD");
  });

  test("a foreign device is named and never opened", async () => {
    using here = bench(() => "other");
    const fake = fakeDevice();
    here.lay(fake);
    const fault = await faultOf(here.slot.open(never));
    expect(fault.code).toBe("FOREIGN_DEVICE");
    expect(fault.detail).toContain("STM32  BOOTLOADER");
    expect(fake.said).toEqual([]);
  });

  test("a name with control characters comes clean", () => {
    const { device } = fakeDevice();
    const hostile = Object.assign(Object.create(device), {
      manufacturerName: "A\u001b[2J",
      productName: "B\n",
    }) as typeof device;
    expect(deviceName(hostile)).not.toMatch(/\p{Cc}/u);
  });

  test("one that left between the listing and the opening is looked for again", async () => {
    let looks = 0;
    using here = bench(() => ((looks += 1) === 1 ? "gone" : "dfu"));
    here.lay(fakeDevice());
    const opening = here.slot.open(never);
    await vi.advanceTimersByTimeAsync(1000);
    await using _link = await opening;
    expect(looks).toBe(2);
  });

  test("a device with the DFU class but without its functional descriptor is foreign, and closed", async () => {
    using here = bench();
    const fake = fakeDevice({
      control: (setup) =>
        setup.request === 6 && setup.value >> 8 === 2
          ? Promise.resolve(Uint8Array.of(9, 2, 18, 0, 1, 1, 0, 0x80, 50, 9, 4, 0, 0, 0, 0xfe, 1, 2, 0))
          : undefined,
    });
    here.lay(fake);
    expect((await faultOf(here.slot.open(never))).code).toBe("FOREIGN_DEVICE");
    expect(fake.said).toEqual(["open", "close"]);
  });
});

describe("a board that was reset", () => {
  test("is met at its new address, not at the old one that is still listed", async () => {
    using here = bench();
    const [first, second] = [fakeDevice(), fakeDevice()];
    here.lay(first, 4);
    await (await here.slot.open(never))[Symbol.asyncDispose]();
    const opening = here.slot.open(never);
    await vi.advanceTimersByTimeAsync(1000);
    here.plug();
    await vi.advanceTimersByTimeAsync(1000);
    here.lay(second, 5);
    await vi.advanceTimersByTimeAsync(500);
    await using _link = await opening;
    expect(second.said).toContain("open");
    expect(first.said.filter((word) => word === "open")).toHaveLength(1);
  });

  test("that stays at its old address is opened there after 3 s: it was no reset", async () => {
    using here = bench();
    const fake = fakeDevice();
    here.lay(fake, 4);
    await (await here.slot.open(never))[Symbol.asyncDispose]();
    const opening = here.slot.open(never);
    await vi.advanceTimersByTimeAsync(2900);
    expect(fake.said.filter((word) => word === "open")).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(200);
    await using _link = await opening;
    expect(fake.said.filter((word) => word === "open")).toHaveLength(2);
  });

  test("and never comes back: BOARD_NOT_BACK", async () => {
    using here = bench();
    here.lay(fakeDevice());
    await (await here.slot.open(never))[Symbol.asyncDispose]();
    here.plug();
    expect((await faultOf(here.slot.open(never))).code).toBe("BOARD_NOT_BACK");
  });

  test("twins at two paths are each their own", async () => {
    const [one, other] = [fakeDevice(), fakeDevice()];
    using watch = watchUsb(
      () => Promise.resolve([placeOf("1-1", 4, one.device), placeOf("1-2", 5, other.device)]),
      quiet,
    );
    await using _link = await dfuSlot("1-2", watch, { kindOf: () => "dfu", driverOf: () => null }).open(
      never,
    );
    expect([one.said, other.said]).toEqual([[], ["open", "claim 0"]]);
  });

  test("500 times at one path: no timer and no listener stays", async () => {
    using here = bench();
    for (let i = 1; i <= 500; i += 1) {
      here.lay(fakeDevice(), (i % 127) + 1);
      const opening = here.slot.open(never);
      await vi.advanceTimersByTimeAsync(500);
      await (await opening)[Symbol.asyncDispose]();
    }
    await vi.advanceTimersByTimeAsync(1000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
