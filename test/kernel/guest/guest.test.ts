import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import Database from "better-sqlite3";
import { SerialPort } from "serialport";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { usbPlaces, type UsbPlace } from "../../../src/transport/usb/usb-bus.ts";

const say = (program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** The middle of `times` calls, ms. */
async function middle(times: number, call: () => unknown): Promise<number> {
  const took: number[] = [];
  for (let i = 0; i < times; i += 1) {
    const from = performance.now();
    await call();
    took.push(performance.now() - from);
  }
  return took.sort((a, b) => a - b)[times >> 1] ?? Number.NaN;
}

const figure = (what: string, ms: number): void => console.log(`${what}: ${ms.toFixed(1)} ms`);

describe("the guest", () => {
  test("runs the project's Node on a kernel of its own", async () => {
    const { version } = createRequire(import.meta.url)("node/package.json") as { version: string };
    expect(process.versions.node).toBe(version);
    expect(say("hostname").trim()).toBe("bench");
    figure("a node starts and ends", await middle(5, () => say("node", "-e", "0")));
  });

  test("reads the checkout, and forgets what is written there", () => {
    const mark = resolve(import.meta.dirname, "written-by-the-guest");
    writeFileSync(mark, "gone with the guest");
    expect(readFileSync(mark, "utf8")).toBe("gone with the guest");
    rmSync(mark);
  });

  test("has room for boards over USB/IP: usbip sees vhci_hcd and its free ports", () => {
    expect(say("usbip", "port")).toContain("Imported USB devices");
    const free = readFileSync("/sys/devices/platform/vhci_hcd.0/status", "utf8").match(/^hs .* 004 /gm) ?? [];
    expect(free.length).toBeGreaterThanOrEqual(8);
  });

  test("opens a database with better-sqlite3", () => {
    const database = new Database(":memory:");
    expect(database.pragma("user_version", { simple: true })).toBe(0);
    database.close();
  });

  test("names devices with udevd", () => {
    expect(say("pidof", "systemd-udevd").trim()).toMatch(/^\d+/);
    expect(spawnSync("udevadm", ["settle", "--timeout=30"]).status).toBe(0);
  });

  test("makes vcan0, and it comes up", () => {
    say("ip", "link", "add", "vcan0", "type", "vcan");
    try {
      say("ip", "link", "set", "vcan0", "up");
      expect(say("ip", "-br", "link", "show", "vcan0")).toContain("UP");
      say("cansend", "vcan0", "079#00");
    } finally {
      say("ip", "link", "delete", "vcan0");
    }
  });

  test.each(["dfu-util", "stm32flash", "candump"])("has the stranger %s", (program) => {
    expect(spawnSync(program, ["-h"]).error).toBeUndefined();
  });
});

/** Linux's own simulated serial adapter, so that this file needs none of ours. */
describe("a USB device of the kernel's", () => {
  beforeAll(() => {
    say("modprobe", "dummy_hcd");
    say("modprobe", "g_serial");
  });
  afterAll(() => {
    say("modprobe", "-r", "g_serial");
    say("modprobe", "-r", "dummy_hcd");
  });

  const gadget = async (): Promise<UsbPlace> => {
    const place = (await usbPlaces()).find(({ device }) => device.vendorId === 0x0525);
    if (place === undefined) throw new Error("not there yet");
    return place;
  };
  const soon = { timeout: 30_000, interval: 250 };

  test("is listed by the usb package with its path and its words, and answers control transfers", async () => {
    const { path, device } = await vi.waitFor(gadget, soon);
    expect(path).toMatch(/^\d+-1$/);
    expect(device.productName).toContain("Gadget Serial");
    await device.open();
    try {
      const describeDevice = async (): Promise<void> => {
        const answer = await device.controlTransferIn(
          { requestType: "standard", recipient: "device", request: 6, value: 0x0100, index: 0 },
          18,
        );
        expect(answer.data?.getUint16(8, true)).toBe(0x0525);
      };
      figure("a control transfer", await middle(50, describeDevice));
    } finally {
      await device.close();
    }
  });

  test("becomes a tty by itself, which serialport opens with parity and talks through", async () => {
    const adapter = "/dev/ttyACM0";
    await vi.waitFor(() => expect(existsSync(adapter)).toBe(true), soon);
    expect((await SerialPort.list()).find(({ path }) => path === adapter)).toMatchObject({
      vendorId: "0525",
    });
    const open = (path: string, parity: "even" | "none"): Promise<SerialPort> =>
      new Promise((done, fail) => {
        const port = new SerialPort({ path, baudRate: 115_200, parity }, (error) =>
          error === null ? done(port) : fail(error),
        );
      });
    const here = await open(adapter, "even");
    const there = await open("/dev/ttyGS0", "none");
    try {
      const heard = new Promise<Buffer>((done) => {
        there.once("data", done);
      });
      here.write(Uint8Array.of(0x7f));
      expect([...(await heard)]).toEqual([0x7f]);
    } finally {
      for (const port of [here, there]) {
        await new Promise((done) => {
          port.close(done);
        });
      }
    }
  });

  test("has a name of its place under /dev/serial/by-path", async () => {
    await vi.waitFor(() => expect(readdirSync("/dev/serial/by-path")).toHaveLength(1), soon);
  });
});
