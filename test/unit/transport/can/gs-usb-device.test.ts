import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  adapterDescriptors,
  gsUsbDescriptors,
  type Identity,
} from "../../../../src/sim/os/plain-descriptors.ts";
import {
  canNets,
  endpointsIn,
  openGsUsbDevice,
  type GsUsbSystem,
} from "../../../../src/transport/can/gs-usb-device.ts";
import type { UsbDevice, UsbKind } from "../../../../src/transport/usb/usb-bus.ts";
import { gone, placeOf, stall } from "../fake-usb.ts";

/** A device of the library that notes its calls; a read ends when the interface is taken away. */
function fake(calls: { open?: () => Promise<void>; out?: () => Promise<number> } = {}) {
  const said: string[] = [];
  const tell = (what: string): Promise<void> => {
    said.push(what);
    return Promise.resolve();
  };
  const reading = Promise.withResolvers<Uint8Array>();
  reading.promise.catch(() => undefined);
  const device = {
    vendorId: 0x1d50,
    productId: 0x606f,
    productName: "canable gs_usb",
    open: () => calls.open?.() ?? tell("open"),
    close: () => tell("close"),
    claimInterface: (n: number) => tell(`claim ${n}`),
    releaseInterface: (n: number) => tell(`release ${n}`),
    detachKernelDriver(n: number) {
      if (said.includes("read")) reading.reject(new Error("transferIn error: Cancelled"));
      return tell(`detach ${n}`);
    },
    attachKernelDriver: (n: number) => tell(`attach ${n}`),
    nativeControlTransferIn: () => Promise.resolve(Uint8Array.of(1)),
    nativeControlTransferOut: calls.out ?? (() => Promise.resolve(0)),
    nativeTransferIn(endpoint: number) {
      said.push("read");
      said.push(`from ${endpoint}`);
      return reading.promise;
    },
    nativeTransferOut: gone,
  };
  return { said, place: placeOf("1-4", 2, device as unknown as UsbDevice) };
}

function system(more: Partial<GsUsbSystem> = {}): GsUsbSystem {
  return {
    kindOf: (): UsbKind => "gs_usb",
    driverOf: () => null,
    endpointsOf: () => ({ in: 1, out: 2 }),
    netsOf: () => [],
    ...more,
  };
}

describe("opening an adapter", () => {
  test("one that nobody has is claimed, and released", async () => {
    const { said, place } = fake();
    const device = await openGsUsbDevice(place, system());
    await device[Symbol.asyncDispose]();
    expect(said.filter((one) => !one.startsWith("detach"))).toEqual([
      "open",
      "claim 0",
      "release 0",
      "close",
    ]);
  });

  test("the kernel's driver is detached, and has it again at the end", async () => {
    const { said, place } = fake();
    const device = await openGsUsbDevice(place, system({ driverOf: () => "gs_usb" }));
    expect(said).toEqual(["open", "detach 0", "claim 0"]);
    const read = device.read(80);
    await device[Symbol.asyncDispose]();
    expect(await read).toBeNull();
    expect(said.slice(-3)).toEqual(["release 0", "attach 0", "close"]);
  });

  test.each<[string, Partial<GsUsbSystem>, string, string]>([
    ["is up in the kernel", { netsOf: () => [{ name: "can3", up: true }] }, "ADAPTER_BUSY", "in use as can3"],
    [
      "another program has",
      { driverOf: () => "usbfs" },
      "ADAPTER_BUSY",
      "another program has can:gs_usb:1-4",
    ],
    ["is none", { kindOf: () => "other" }, "ADAPTER_LOST", "no gs_usb adapter"],
  ])("one that %s is not opened", async (_, says, code, words) => {
    const { said, place } = fake();
    await expect(openGsUsbDevice(place, system(says))).rejects.toMatchObject({
      code,
      detail: expect.stringContaining(words) as string,
    });
    expect(said).toEqual([]);
  });

  test("one that this user may not open says so", async () => {
    const { place } = fake({ open: () => Promise.reject(new Error("open error: permission denied")) });
    await expect(openGsUsbDevice(place, system())).rejects.toMatchObject({
      code: "ADAPTER_BUSY",
      detail: expect.stringContaining("may not open") as string,
    });
  });

  test("a refusal and a leaving are the adapter's faults, never the board's", async () => {
    const { place } = fake({ out: stall });
    const device = await openGsUsbDevice(place, system());
    await expect(device.controlOut(2, 0, new Uint8Array(8))).rejects.toMatchObject({
      code: "ADAPTER_LOST",
      detail: expect.stringContaining("refused request 2") as string,
    });
    await expect(device.write(new Uint8Array(20))).rejects.toMatchObject({ code: "ADAPTER_LOST" });
  });
});

describe("what the descriptors and the kernel say", () => {
  const identity: Identity = { vendorId: 1, productId: 2, maker: "", product: "", serial: "" };

  test("the endpoints are those of the adapter's own interface", () => {
    expect(endpointsIn(gsUsbDescriptors(identity).configuration)).toEqual({ in: 1, out: 2 });
    const other = gsUsbDescriptors(identity).configuration.slice();
    for (const [i, byte] of other.entries()) if (byte === 0x81 && other[i - 1] === 5) other[i] = 0x83;
    expect(endpointsIn(other)).toEqual({ in: 3, out: 2 });
  });

  test("endpoints of other interfaces are not taken for them, and nonsense ends", () => {
    expect(endpointsIn(adapterDescriptors(identity).configuration)).toEqual({ in: 1, out: 2 });
    expect(endpointsIn(Uint8Array.of(0, 5, 0x83, 2))).toEqual({ in: 1, out: 2 });
  });

  let sys = "";
  beforeEach(() => {
    sys = mkdtempSync(join(tmpdir(), "gangflash-sys-"));
  });
  afterEach(() => rmSync(sys, { recursive: true, force: true }));

  test("its interfaces come in the order of the channels, with who is up", () => {
    const put = (name: string, channel: number, flags: string): void => {
      const folder = join(sys, "bus", "usb", "devices", "1-4:1.0", "net", name);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, "dev_port"), `${channel}\n`);
      writeFileSync(join(folder, "flags"), `${flags}\n`);
    };
    put("can0", 1, "0x40081");
    put("can1", 0, "0x40080");
    expect(canNets("1-4", sys)).toEqual([
      { name: "can1", up: false },
      { name: "can0", up: true },
    ]);
    expect(canNets("1-5", sys)).toEqual([]);
  });
});
