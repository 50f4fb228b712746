import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../src/family/table.ts";
import { realClock } from "../../../src/lib/clock.ts";
import { simBoard } from "../../../src/sim/board.ts";
import { gsUsbBoards } from "../../../src/sim/os/gs-usb-boards.ts";
import { simUid } from "../../../src/sim/sim-bench.ts";
import { canNets } from "../../../src/transport/can/gs-usb-device.ts";
import { gsUsbAbility, openGsUsb } from "../../../src/transport/can/gs-usb.ts";
import { openSocketCan, socketCanRateComplaint } from "../../../src/transport/can/socketcan.ts";
import { usbDriver } from "../../../src/transport/usb/usb-bus.ts";
import {
  firmware,
  profileText,
  folderOf,
  isFull,
  plugIn,
  program as programFile,
  run,
  shipped,
  timed,
  wantedFlash,
  type Bench,
  type Held,
  type RunEnd,
} from "./boards.ts";
import { program } from "./can-program.ts";
import { heldDevice, type HeldDevice } from "./held-device.ts";

const never = new AbortController().signal;
/** Each 256 bytes are some 170 transfers, and from user space one is under way at a time, up to 50 ms each here. */
const imageOf = (bytes: number): Uint8Array => (isFull ? shipped("f103-boot20.bin") : firmware(bytes));
const longMs = isFull ? 1_800_000 : 400_000;
const rates = [125_000, 1_000_000];

/** The kernel's interfaces of an adapter; its driver is loaded when udev sees it. */
async function netsOf(path: string, count: number): Promise<string[]> {
  return await vi.waitFor(
    () => {
      const nets = canNets(path).map(({ name }) => name);
      if (nets.length < count) throw new Error(`${nets.length} CAN interfaces at ${path}`);
      return nets;
    },
    { timeout: 60_000, interval: 200 },
  );
}

async function ip(...words: readonly string[]): Promise<string> {
  const end = await timed("ip", words);
  if (end.code !== 0) throw new Error(`ip ${words.join(" ")}: ${end.err}`);
  return end.out;
}

async function cansend(net: string, frame: string): Promise<void> {
  const end = await timed("cansend", [net, frame]);
  if (end.code !== 0) throw new Error(end.err);
}

/** What candump sees from `act` on, until a line that `ends`. */
async function dumped(net: string, act: () => Promise<void>, ends: RegExp): Promise<string[]> {
  const lines: string[] = [];
  const child = spawn("candump", ["-L", net], { stdio: ["ignore", "pipe", "inherit"] });
  createInterface(child.stdout).on("line", (line) => lines.push(line.split(" ")[2] ?? ""));
  const ended = new Promise<void>((done) => {
    child.once("close", () => done());
  });
  const limit = { timeout: 30_000, interval: 100 };
  try {
    // It listens as soon as the kernel has its socket.
    await vi.waitFor(() => expect(readFileSync("/proc/net/can/rcvlist_all", "utf8")).toContain(net), limit);
    await act();
    await vi.waitFor(() => expect(lines.join(" ")).toMatch(ends), limit);
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
  return lines;
}

// Pages of 2 KiB: what is erased is read back, and a frame from user space takes 30 to 100 ms here.
const chip = "STM32L476";
const profile = profileText().replace("chip: STM32F405", `chip: ${chip}`);

describe("a gs_usb adapter with two channels, an L476 on each", () => {
  const boards = ["one", "two"].map((name) => simBoard(chipSpec(chip, simUid(name))));
  const device = gsUsbBoards(boards, { pace: "fast", serial: "1" });
  const folder = folderOf();
  let held: HeldDevice;
  let nets: string[] = [];
  beforeAll(async () => {
    held = await heldDevice(device);
    nets = await netsOf(held.path, 2);
  }, longMs);
  afterAll(async () => {
    await held?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  /** One run of both, and what it left in their flash. */
  async function passes(name: string, ports: readonly string[], image: Uint8Array): Promise<RunEnd> {
    // Blank again, so that what one run wrote is not taken for what the next one did.
    for (const board of boards) board.chip().flash.fill(0xff);
    const slots: Held[] = ports.map((port, i) => ({ name: `A${i}`, port, bitrate: rates[i] ?? 0 }));
    const end = await run(join(folder, name), slots, { image, profile });
    for (const [i, slot] of slots.entries()) {
      const unit = end.units.get(slot.name);
      const last = end.lines.findLast((line) => line["type"] === "progress" && line["slot"] === slot.name);
      const seen = `${JSON.stringify(unit?.failure)} behind ${JSON.stringify(last)} ${end.err}`;
      expect(unit, seen).toMatchObject({ outcome: "PASS", failure: null });
      console.log(
        `${slot.port}: ${image.length} bytes at ${slot.bitrate}, the unit ${((unit?.ms ?? 0) / 1000).toFixed(1)} s`,
      );
      const flash = boards[i]?.chip().flash ?? new Uint8Array();
      expect(Buffer.compare(flash, wantedFlash(flash.length, image, unit?.serial ?? ""))).toBe(0);
    }
    return end;
  }

  test(
    "talks with can-utils over the kernel's driver, at 125 and at 500 kbit/s",
    { timeout: longMs },
    async () => {
      const [net = ""] = nets;
      const send = (frame: string): Promise<void> => cansend(net, frame);
      const up = async (bitrate: number): Promise<void> => {
        await ip("link", "set", net, "type", "can", "bitrate", String(bitrate));
        await ip("link", "set", net, "up");
      };
      await up(125_000);
      const details = await ip("-details", "link", "show", net);
      expect(details).toContain("gs_usb: tseg1 1..16 tseg2 1..8");
      expect(details).toContain("clock 48000000");
      expect(details).toMatch(/bitrate 125000 sample-point 0\.875/);
      // The loader's answer to the synchronisation, then to Speed.
      const woken = await dumped(net, () => send("079#"), /079#79/);
      expect(woken.toSorted()).toEqual(["079#", "079#79"]);
      await dumped(net, () => send("003#03"), /003#79/);
      await ip("link", "set", net, "down");
      await up(500_000);
      expect(await ip("-details", "link", "show", net)).toContain("bitrate 500000");
      // Get ID: two bytes of the product id between two ACKs.
      await dumped(net, () => send("002#"), /002#79 002#0415 002#79/);

      // What its clock makes is read from what the kernel tells of it.
      const rates = (...nominals: number[]) => nominals.map((nominal) => ({ nominal, data: null }));
      expect(await socketCanRateComplaint(net, rates(125_000, 250_000, 500_000, 1_000_000))).toBeNull();
      expect(await socketCanRateComplaint(net, rates(125_000, 3_333_333))).toContain(
        `${net} cannot make 3333333 bit/s`,
      );

      // An interface that is up is somebody's, and stays his.
      await expect(openGsUsb(held.path, 0, never)).rejects.toMatchObject({
        code: "ADAPTER_BUSY",
        detail: expect.stringContaining(`in use as ${net}`) as string,
      });
      await ip("link", "set", net, "down");
      const wanted = [{ nominal: 500_000, data: null }];
      const { channels } = await gsUsbAbility(held.path, wanted, never);
      expect(channels).toEqual([0, 1].map(() => ({ fd: false, rates: wanted })));
      nets = await netsOf(held.path, 2);
    },
  );

  test(
    "gangflash run programs both over the kernel's interfaces, at 125k and at 1M, and sets their rates",
    { timeout: longMs },
    async () => {
      try {
        const ports = nets.map((net) => `can:socketcan:${net}`);
        await passes("kernel", ports, imageOf(2048));
        for (const [i, net] of nets.entries())
          expect(await ip("-details", "link", "show", net)).toContain(`bitrate ${rates[i]} `);
      } finally {
        for (const net of nets) await ip("link", "set", net, "down");
      }
    },
  );

  test(
    "and from user space, at 125k and at 1M; then the kernel has its adapter again",
    { timeout: longMs },
    async () => {
      const ports = ["", ":1"].map((channel) => `can:gs_usb:${held.path}${channel}`);
      const listed = await timed(process.execPath, [programFile, "ports"]);
      expect(listed.out).toContain(`port: "${ports[0]}"`);
      await passes("user", ports, imageOf(2048));
      expect(usbDriver(held.path, 0)).toBe("gs_usb");
      await netsOf(held.path, 2);
      expect(device.complaints).toEqual([]);
    },
  );

  test("is lost when it is pulled", { timeout: longMs }, async () => {
    await using link = await openGsUsb(held.path, 1, never);
    const lost = link.receive(never);
    lost.catch(() => undefined);
    device.plug(false);
    await expect(lost).rejects.toMatchObject({ code: "ADAPTER_LOST" });
  });
});

describe("an FD adapter of gangflash simulate with a G0B1", () => {
  const image = imageOf(4096);
  const other = image.map((byte) => byte ^ 0x5a);
  let bench: Bench;
  let path = "";
  let net = "";
  beforeAll(async () => {
    bench = await plugIn([{ board: "STM32G0B1:can" }], { pace: "fast" });
    path = bench.held[0]?.port.replace("can:gs_usb:", "") ?? "";
    [net = ""] = await netsOf(path, 1);
  }, longMs);
  afterAll(async () => {
    await bench?.[Symbol.asyncDispose]();
  });

  test("comes up as an FD interface, and can-utils talk to the loader", { timeout: longMs }, async () => {
    const words = ["bitrate", "250000", "sample-point", "0.8", "dbitrate", "1000000", "dsample-point", "0.8"];
    await ip("link", "set", net, "type", "can", ...words, "fd", "on");
    await ip("link", "set", net, "up");
    const details = await ip("-details", "link", "show", net);
    expect(details).toMatch(/can <.*FD/);
    expect(details).toContain("dbitrate 1000000");
    // Any frame wakes this loader, and its ACK comes: FD frames with bit-rate switch, as candump flags them.
    await dumped(net, () => cansend(net, "001##1"), /001##[15]79( |$)/);
    await ip("link", "set", net, "down");
  });

  test("is programmed from user space and over the kernel's interface", { timeout: longMs }, async () => {
    const begin = performance.now();
    await program("STM32G0B1", await openGsUsb(path, 0, never), other);
    const half = performance.now();
    [net = ""] = await netsOf(path, 1);
    await program("STM32G0B1", await openSocketCan(net, { clock: realClock }, never), image);
    const [user, kernel] = [half - begin, performance.now() - half].map((ms) => (ms / 1000).toFixed(1));
    console.log(
      `FD, ${image.length} bytes: from user space ${user} s, over the kernel's interface ${kernel} s`,
    );
    await ip("link", "set", net, "down");
    const [flash = new Uint8Array()] = await bench.end();
    expect(Buffer.compare(flash.subarray(0, image.length), image)).toBe(0);
  });
});

test(
  "boards of gangflash simulate on the channels of one adapter: probe finds the second, and says what the adapter is",
  { timeout: longMs },
  async () => {
    const boards = ["STM32G0B1:can", "STM32F405:can"].map((board) => ({ board, adapter: "one" }));
    await using bench = await plugIn(boards, { pace: "fast" });
    const [first = "", second = ""] = bench.held.map((one) => one.port);
    expect(second).toBe(`${first}:1`);
    await netsOf(first.replace("can:gs_usb:", ""), 2);
    const probed = await timed(process.execPath, [programFile, "probe", second, "--json"]);
    expect(JSON.parse(probed.out), probed.err).toMatchObject({
      productId: 0x413,
      adapter: expect.stringContaining("channel 1 of 2") as string,
    });
  },
);
