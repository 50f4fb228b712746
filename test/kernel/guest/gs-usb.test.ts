import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../src/family/table.ts";
import { realClock, type Clock } from "../../../src/lib/clock.ts";
import { blocksToRead, blocksToWrite } from "../../../src/plan/writes.ts";
import { canBootloader } from "../../../src/protocol/can/can-bootloader.ts";
import { simBoard } from "../../../src/sim/board.ts";
import { canLoader } from "../../../src/sim/can-rom.ts";
import { gsUsbBoards } from "../../../src/sim/os/gs-usb-boards.ts";
import { simUid } from "../../../src/sim/sim-bench.ts";
import { canNets } from "../../../src/transport/gs-usb-device.ts";
import { gsUsbAbility, openGsUsb, ownBench } from "../../../src/transport/gs-usb.ts";
import { usbDriver } from "../../../src/transport/usb-bus.ts";
import {
  firmware,
  isFull,
  plugIn,
  program as programFile,
  run,
  timed,
  wantedFlash,
  type Bench,
} from "./boards.ts";
import { heldDevice } from "./held-device.ts";

const never = new AbortController().signal;
/**
 * As many bytes as the firmware of an F103. Each 256 are some 170 transfers, and the library has one at a time on an
 * endpoint, up to 50 ms each here: programming from user space is for the long form.
 */
const imageBytes = 20 * 1024;
const longMs = isFull ? 1_800_000 : 300_000;
/** This machine is 5 to 20 times slower than the bench that it stands for, so the loader's limits are counted so. */
const slower = 10;
const guestClock: Clock = {
  now: () => realClock.now() / slower,
  after: (ms, fire) => realClock.after(ms * slower, fire),
};

const pathOf = ({ held }: Bench, i = 0): string => held[i]?.port.replace("can:gs_usb:", "") ?? "";

/** The kernel's interface of an adapter; its driver is loaded when udev sees it. */
async function netOf(path: string): Promise<string> {
  return await vi.waitFor(
    () => {
      const [net] = canNets(path);
      if (net === undefined) throw new Error(`no CAN interface at ${path}`);
      return net.name;
    },
    { timeout: 60_000, interval: 200 },
  );
}

/** Erases what an image needs, writes it, reads it back. */
async function program(
  path: string,
  chip: string,
  bitrate: number,
  image: Uint8Array,
  channel = 0,
): Promise<number> {
  const spec = chipSpec(chip, simUid("one"));
  const { family } = spec;
  const { bitrate: startBitrate, dataBitrate: fd } = canLoader(family);
  const link = await openGsUsb(path, channel, never, { ...ownBench, clock: guestClock });
  await using loader = await canBootloader(link, { startBitrate, bitrate, fd }, never);
  await loader.identify(never);
  loader.adopt(family);
  const sectors = spec
    .mapOf(new Map())
    .sectors.filter(({ address }) => address < family.flashStart + image.length);
  for (let at = 0; at < sectors.length; at += loader.unitsPerErase)
    await loader.erase(sectors.slice(at, at + loader.unitsPerErase), never);
  const content = [{ address: family.flashStart, bytes: image }];
  const begin = performance.now();
  for (const { address, bytes } of blocksToWrite(
    content,
    loader.blockBytes,
    family.writeAlignBytes,
    family.erasedByte,
  ))
    await loader.write(address, bytes, never);
  const ms = performance.now() - begin;
  for (const { address, bytes } of blocksToRead(content, loader.blockBytes))
    expect(Buffer.compare(await loader.read(address, bytes.length, never), bytes)).toBe(0);
  return ms;
}

describe("a gs_usb adapter from user space", () => {
  test.skipIf(!isFull).each([
    { chip: "STM32F405", bitrate: 125_000 },
    { chip: "STM32F405", bitrate: 1_000_000 },
    { chip: "STM32G0B1", bitrate: 250_000 },
  ])(
    "$chip is programmed at $bitrate, and the kernel has its adapter again",
    { timeout: longMs },
    async ({ chip, bitrate }) => {
      const image = firmware(imageBytes);
      // The bus takes no time here: the guest is slow enough for the loader's limits as it is.
      await using bench = await plugIn([{ board: `${chip}:can` }], { pace: "fast" });
      const path = pathOf(bench);
      await netOf(path);
      const ms = await program(path, chip, bitrate, image);
      console.log(
        `gs_usb, ${chip}: ${imageBytes} bytes written at ${bitrate} in ${(ms / 1000).toFixed(1)} s`,
      );
      expect(usbDriver(path, 0)).toBe("gs_usb");
      await netOf(path);
      const [flash = new Uint8Array()] = await bench.end();
      expect(Buffer.compare(flash.subarray(0, image.length), image)).toBe(0);
    },
  );

  test.skipIf(!isFull)(
    "gangflash run takes it as a slot, and so do probe and ports",
    { timeout: longMs },
    async () => {
      const image = firmware(2048);
      await using bench = await plugIn([{ board: "STM32F405:can" }], { pace: "fast" });
      await netOf(pathOf(bench));
      const listed = await timed(process.execPath, [programFile, "ports"]);
      expect(listed.out).toContain(`port: "${bench.held[0]?.port}"`);
      const end = await run(bench.folder, bench.held, { image });
      expect(end.units.get("S1"), end.err).toMatchObject({ outcome: "PASS", failure: null });
      const [flash] = await bench.end();
      const wanted = wantedFlash(flash?.length ?? 0, image, end.units.get("S1")?.serial ?? "");
      expect(Buffer.compare(flash ?? new Uint8Array(), wanted)).toBe(0);
    },
  );

  test("an interface that is up is somebody's, and stays his", { timeout: longMs }, async () => {
    await using bench = await plugIn([{ board: "STM32F405:can" }]);
    const path = pathOf(bench);
    const net = await netOf(path);
    await ip("link", "set", net, "type", "can", "bitrate", "125000");
    await ip("link", "set", net, "up");
    await expect(openGsUsb(path, 0, never)).rejects.toMatchObject({
      code: "ADAPTER_BUSY",
      detail: expect.stringContaining(`in use as ${net}`) as string,
    });
    await ip("link", "set", net, "down");
    const wanted = [{ nominal: 500_000, data: null }];
    const { channels } = await gsUsbAbility(path, wanted, never);
    expect(channels).toEqual([{ fd: false, rates: wanted }]);
  });
});

test.skipIf(!isFull)(
  "two channels of one adapter: two interfaces of the kernel, two boards programmed at once, then a pulled adapter",
  { timeout: longMs },
  async () => {
    const image = firmware(1024);
    const boards = ["one", "two"].map((name) => simBoard(chipSpec("STM32F405", simUid(name))));
    const device = gsUsbBoards(boards, { pace: "fast", serial: "1" });
    await using held = await heldDevice(device);
    const { path } = held;
    await netOf(path);
    expect(canNets(path)).toHaveLength(2);
    await Promise.all([0, 1].map((channel) => program(path, "STM32F405", 500_000, image, channel)));
    for (const board of boards)
      expect(Buffer.compare(board.chip().flash.subarray(0, image.length), image)).toBe(0);
    expect(device.complaints).toEqual([]);
    expect(usbDriver(path, 0)).toBe("gs_usb");
    await netOf(path);
    await using link = await openGsUsb(path, 1, never);
    const lost = link.receive(never);
    lost.catch(() => undefined);
    device.plug(false);
    await expect(lost).rejects.toMatchObject({ code: "ADAPTER_LOST" });
  },
);

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

describe("the kernel's own driver", () => {
  test(
    "takes the adapter, and can-utils talk to the loader behind it, at 125 and at 500 kbit/s",
    { timeout: longMs },
    async () => {
      await using bench = await plugIn([{ board: "STM32F405:can" }]);
      const net = await netOf(pathOf(bench));
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
      await dumped(net, () => send("002#"), /002#79 002#0413 002#79/);
      await ip("link", "set", net, "down");
    },
  );

  test("an FD adapter comes up as an FD interface", { timeout: longMs }, async () => {
    await using bench = await plugIn([{ board: "STM32G0B1:can" }]);
    const net = await netOf(pathOf(bench));
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
});
