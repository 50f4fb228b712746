import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { parseHub } from "../../../../src/protocol/hub-class.ts";
import { cyclePower, hubFacts, hubOf } from "../../../../src/transport/usb/hub-power.ts";
import type { UsbDevice, UsbPlace } from "../../../../src/transport/usb/usb-bus.ts";
import { stall } from "../fake-usb.ts";

const never = new AbortController().signal;
/** wHubCharacteristics of each way to switch (USB 2.0, table 11-13). */
const modes = { ganged: 0x00, individual: 0x01, none: 0x02, noneOfOld: 0x03 } as const;
const descriptor = (sockets: number, mode: number, type = 0x29): Uint8Array =>
  Uint8Array.of(9, type, sockets, mode | 0xe8, 0x00, 50, 100, 0x00, 0xff);

let sys = "";
beforeEach(() => {
  sys = mkdtempSync(join(tmpdir(), "gangflash-hub-"));
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(sys, { recursive: true, force: true });
});

interface HubTrouble {
  /** Refuses to switch. */
  readonly refuses?: boolean;
  /** Says yes, and switches nothing. */
  readonly pretends?: boolean;
  /** Power comes back only when it is asked for so often. */
  readonly hesitates?: number;
}

/** A simulated hub of four sockets that keeps which have power; `usb3`: the half that serves SuperSpeed. */
function hubAt(path: string, mode: number, trouble: HubTrouble = {}, usb3 = false) {
  const powered = new Set([1, 2, 3, 4]);
  const said: string[] = [];
  let asked = 0;
  const type = usb3 ? 0x2a : 0x29;
  const device = {
    usbVersionMajor: usb3 ? 3 : 2,
    deviceClass: 9,
    vendorId: 0x2109,
    open: () => Promise.resolve(),
    close: () => Promise.resolve(),
    nativeControlTransferIn(
      { requestType, recipient, request, value, index }: USBControlTransferParameters,
      _ms: number,
      length: number,
    ) {
      if (request === 0) {
        expect({ requestType, recipient, value, length }).toEqual({
          requestType: "class",
          recipient: "other",
          value: 0,
          length: 4,
        });
        // Power is bit 8 here and bit 9 there; a port without power in SS.Disabled, as uhubctl shows it.
        const [low, high] = usb3
          ? powered.has(index)
            ? [0xa0, 0x02]
            : [0x80, 0x00]
          : [0x00, powered.has(index) ? 0x01 : 0x00];
        return Promise.resolve(Uint8Array.of(low, high, 0, 0));
      }
      expect({ requestType, recipient, request, value }).toEqual({
        requestType: "class",
        recipient: "device",
        request: 6,
        value: type << 8,
      });
      return Promise.resolve(descriptor(4, mode, type));
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
      if (trouble.refuses === true) return stall();
      if (request === 1 && trouble.pretends !== true) powered.delete(index);
      if (request === 3) {
        asked += 1;
        if (asked > (trouble.hesitates ?? 0)) powered.add(index);
      }
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
  const facts = { sockets: 4, switching, unguarded: false, goodMs: 100 };
  expect(parseHub(descriptor(4, mode))).toEqual(facts);
  const devices = (): Promise<UsbPlace[]> => Promise.resolve([hubAt("1-4", mode).place]);
  expect(await hubFacts("1-4", never, { devices, sys })).toEqual(facts);
  expect(await hubFacts("1-5", never, { devices, sys })).toBeNull();
});

test("bytes that are no hub's descriptor are none", () => {
  expect(parseHub(new Uint8Array())).toBeNull();
  expect(parseHub(Uint8Array.of(9, 0x2a, 4, 1, 0, 50, 100))).toBeNull();
  expect(parseHub(Uint8Array.of(9, 0x2a, 4, 1, 0, 50, 100), "usb3")).toMatchObject({ sockets: 4 });
});

test("a hub without over-current protection says that, too", () => {
  expect(parseHub(Uint8Array.of(9, 0x29, 4, 0x11, 0, 50, 100, 0, 0xff))?.unguarded).toBe(true);
});

describe("by requests to the hub", () => {
  test("one socket goes off, and on again a second and a half later; its neighbours keep their power", async () => {
    const hub = hubAt("1-4", modes.individual);
    const end = await cycled("1-4.2", [hub.place, board("1-4.1"), board("1-4.2")]);
    expect(end).toEqual({
      done: true,
      text: "the power of usb:1-4.2 was off for 1.5 s, by requests to the hub",
    });
    expect(hub.said).toEqual(["off 2 at 0", "on 2 at 1650"]);
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
    [
      "refuses",
      [hubAt("1-4", modes.individual, { refuses: true }).place],
      "the hub at 1-4 refused PORT_POWER off",
    ],
  ])("a hub that %s changes nothing", async (_, places, why) => {
    expect(await cycled("1-4.2", places)).toEqual({
      done: false,
      text: `the power of usb:1-4.2 was not cycled: ${why}`,
    });
  });

  test("a hub that claims a switch and has none is found out", async () => {
    const hub = hubAt("1-4", modes.individual, { pretends: true });
    const end = await cycled("1-4.2", [hub.place, board("1-4.2")]);
    expect(end.done).toBe(false);
    expect(end.text).toContain("port 2 of the hub at 1-4 keeps its power");
  });

  test("a port that does not come back at once is asked again", async () => {
    const hub = hubAt("1-4", modes.individual, { hesitates: 2 });
    expect((await cycled("1-4.2", [hub.place, board("1-4.2")])).done).toBe(true);
    expect(hub.said.map((line) => line.replace(/ at .*/, ""))).toEqual(["off 2", "on 2", "on 2", "on 2"]);
    expect(hub.powered.has(2)).toBe(true);
  });

  test("both halves of a USB 3 hub let the socket go, and no hub beside them", async () => {
    const [two, three] = [hubAt("1-4", modes.individual), hubAt("2-4", modes.individual, {}, true)];
    const beside = hubAt("2-3", modes.individual, {}, true);
    const end = await cycled("1-4.2", [two.place, beside.place, three.place, board("1-4.2")]);
    expect(end.done).toBe(true);
    for (const hub of [two, three]) {
      expect(hub.said.map((line) => line.replace(/ at .*/, ""))).toEqual(["off 2", "on 2"]);
      expect(hub.powered.has(2)).toBe(true);
    }
    expect(beside.said).toEqual([]);
  });

  test("what is plugged into the other half of a hub that switches all together counts, too", async () => {
    const [two, three] = [hubAt("1-4", modes.ganged), hubAt("2-4", modes.ganged, {}, true)];
    const end = await cycled("1-4.2", [two.place, three.place, board("1-4.2"), board("2-4.1")]);
    expect(end.text).toContain("and 2-4.1 would lose it, too");
    const alone = await cycled("1-4.2", [two.place, three.place, board("1-4.2")]);
    expect(alone.done).toBe(true);
    expect(three.said).toHaveLength(8);
  });

  test("a half that cannot switch keeps the power on: said, and nothing is switched", async () => {
    const [two, three] = [hubAt("1-4", modes.individual), hubAt("2-4", modes.none, {}, true)];
    const end = await cycled("1-4.2", [two.place, three.place, board("1-4.2")]);
    expect(end.text).toContain("the hub at 2-4 cannot switch it");
    expect(two.said).toEqual([]);
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

  test("and the one of the same socket in the other half of the hub, which Linux links to it", async () => {
    const files = [portFile("1-4:1.0", "1-4-port2"), portFile("2-4:1.0", "2-4-port2")];
    const [own = "", twin = ""] = files;
    symlinkSync(dirname(twin), join(dirname(own), "peer"));
    const hub = hubAt("1-4", modes.individual);
    vi.useRealTimers();
    const result = cyclePower("1-4.2", never, { devices: () => Promise.resolve([hub.place]), sys });
    await vi.waitFor(() => {
      for (const file of files) expect(readFileSync(file, "utf8")).toBe("1");
    });
    expect((await result).done).toBe(true);
    for (const file of files) expect(readFileSync(file, "utf8")).toBe("0");
  });
});
