import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseHub } from "../../../src/protocol/hub-class.ts";
import { cyclePower, hubFacts, hubOf } from "../../../src/transport/hub-power.ts";
import type { UsbDevice, UsbPlace } from "../../../src/transport/usb-bus.ts";
import { stall } from "./fake-usb.ts";

const never = new AbortController().signal;
/** wHubCharacteristics of each way to switch (USB 2.0, table 11-13). */
const modes = { ganged: 0x00, individual: 0x01, none: 0x02, noneOfOld: 0x03 } as const;
const descriptor = (sockets: number, mode: number): Uint8Array =>
  Uint8Array.of(9, 0x29, sockets, mode | 0xe8, 0x00, 50, 100, 0x00, 0xff);

let sys = "";
beforeEach(() => {
  sys = mkdtempSync(join(tmpdir(), "gangflash-hub-"));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(sys, { recursive: true, force: true });
});

/** A simulated hub of four sockets that keeps which have power. */
function hubAt(path: string, mode: number, refuses = false) {
  const powered = new Set([1, 2, 3, 4]);
  const said: string[] = [];
  const device = {
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
    nativeControlTransferIn: ({ requestType, recipient, request, value }: USBControlTransferParameters) => {
      expect({ requestType, recipient, request, value }).toEqual({
        requestType: "class",
        recipient: "device",
        request: 6,
        value: 0x2900,
      });
      return Promise.resolve(descriptor(4, mode));
    },
    nativeControlTransferOut({
      requestType,
      recipient,
      request,
      value,
      index,
    }: USBControlTransferParameters) {
      expect({ requestType, recipient, value }).toEqual({
        requestType: "class",
        recipient: "other",
        value: 8,
      });
      if (refuses) return stall();
      if (request === 1) powered.delete(index);
      else if (request === 3) powered.add(index);
      said.push(`${request === 3 ? "on" : "off"} ${index} at ${Math.round(Date.now() - begin)}`);
      return Promise.resolve(0);
    },
  } as unknown as UsbDevice;
  const begin = Date.now();
  const place: UsbPlace = { path, enumeration: "001:2", device };
  return { place, powered, said };
}

const board = (path: string): UsbPlace => ({ path, enumeration: "001:9", device: {} as UsbDevice });

async function cycled(socket: string, places: readonly UsbPlace[], signal = never) {
  const result = cyclePower(socket, signal, { devices: () => Promise.resolve(places), sys });
  result.catch(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  return await result;
}

test("a socket is one of a hub, or of the computer itself", () => {
  expect(hubOf("1-4.2")).toEqual({ hub: "1-4", number: 2 });
  expect(hubOf("2-1.3.12")).toEqual({ hub: "2-1.3", number: 12 });
  expect(hubOf("1-4")).toEqual({ hub: "usb1", number: 4 });
});

test.each<[string, number, string]>([
  ["each", modes.individual, "each"],
  ["all together", modes.ganged, "all together"],
  ["not at all", modes.none, "not at all"],
  ["not at all, as old hubs say it", modes.noneOfOld, "not at all"],
])("a hub that switches %s says so", async (_, mode, switching) => {
  const facts = { sockets: 4, switching, goodMs: 100 };
  expect(parseHub(descriptor(4, mode))).toEqual(facts);
  const devices = (): Promise<UsbPlace[]> => Promise.resolve([hubAt("1-4", mode).place]);
  expect(await hubFacts("1-4", never, { devices, sys })).toEqual(facts);
  expect(await hubFacts("1-5", never, { devices, sys })).toBeNull();
});

test("bytes that are no hub's descriptor are none", () => {
  expect(parseHub(new Uint8Array())).toBeNull();
  expect(parseHub(Uint8Array.of(9, 0x2a, 4, 1, 0, 50, 100))).toBeNull();
});

describe("by requests to the hub", () => {
  test("one socket goes off, and on again a second and a half later; its neighbours keep their power", async () => {
    const hub = hubAt("1-4", modes.individual);
    const end = await cycled("1-4.2", [hub.place, board("1-4.1"), board("1-4.2")]);
    expect(end).toEqual({
      done: true,
      text: "the power of usb:1-4.2 was off for 1.5 s, by requests to the hub",
    });
    expect(hub.said).toEqual(["off 2 at 0", "on 2 at 1500"]);
  });

  test("a hub that switches all together is left alone while a neighbour is plugged in, on it or behind it", async () => {
    const hub = hubAt("1-4", modes.ganged);
    const end = await cycled("1-4.2", [hub.place, board("1-4.2"), board("1-4.3.1"), board("1-5")]);
    expect(end.done).toBe(false);
    expect(end.text).toContain("and 1-4.3.1 would lose it, too");
    expect(hub.said).toEqual([]);
  });

  test("and all of its sockets are switched where the board is alone", async () => {
    const hub = hubAt("1-4", modes.ganged);
    expect((await cycled("1-4.2", [hub.place, board("1-4.2"), board("1-40.1")])).done).toBe(true);
    expect(hub.said.map((line) => line.replace(/ at .*/, ""))).toEqual([
      ...[1, 2, 3, 4].map((n) => `off ${n}`),
      ...[1, 2, 3, 4].map((n) => `on ${n}`),
    ]);
  });

  test.each<[string, readonly UsbPlace[], string]>([
    ["cannot switch", [hubAt("1-4", modes.none).place], "the hub at 1-4 cannot switch it"],
    ["is not there", [], "there is no hub at 1-4"],
    ["refuses", [hubAt("1-4", modes.individual, true).place], "the hub at 1-4 refused PORT_POWER off"],
  ])("a hub that %s changes nothing", async (_, places, why) => {
    expect(await cycled("1-4.2", places)).toEqual({
      done: false,
      text: `the power of usb:1-4.2 was not cycled: ${why}`,
    });
  });

  test("an attempt that is stopped meanwhile leaves the power on", async () => {
    const hub = hubAt("1-4", modes.individual);
    const stop = new AbortController();
    const ways = { devices: () => Promise.resolve([hub.place]), sys };
    const end = cyclePower("1-4.2", stop.signal, ways);
    end.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(500);
    expect(hub.powered.has(2)).toBe(false);
    stop.abort(new Error("stopped by hand"));
    await expect(end).rejects.toThrow("stopped by hand");
    expect(hub.powered.has(2)).toBe(true);
  });
});

describe.skipIf(process.platform !== "linux")("by the port's file of newer kernels", () => {
  function portFile(interfaceFolder: string, port: string): string {
    const folder = join(sys, "bus", "usb", "devices", interfaceFolder, port);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, "disable");
    writeFileSync(file, "0\n");
    return file;
  }

  test.each<[string, string, string, string]>([
    ["1-4.2", "1-4", "1-4:1.0", "1-4-port2"],
    ["1-3", "usb1", "1-0:1.0", "usb1-port3"],
  ])(
    "the socket %s goes off and on, and the hub itself is asked for nothing but its facts",
    async (socket, at, ...names) => {
      const file = portFile(...names);
      const hub = hubAt(at, modes.individual);
      // Files take their own time.
      vi.useRealTimers();
      const result = cyclePower(socket, never, { devices: () => Promise.resolve([hub.place]), sys });
      await vi.waitFor(() => expect(readFileSync(file, "utf8")).toBe("1"));
      expect((await result).text).toBe(`the power of usb:${socket} was off for 1.5 s, by the port's file`);
      expect(readFileSync(file, "utf8")).toBe("0");
      expect(hub.said).toEqual([]);
    },
  );
});
