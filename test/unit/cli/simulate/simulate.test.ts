import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { probeCommand } from "../../../../src/cli/bench/probe.ts";
import { simulateCommand, type SimulateOptions } from "../../../../src/cli/simulate/simulate.ts";
import { realClock } from "../../../../src/lib/clock.ts";
import { uartBootloader } from "../../../../src/protocol/uart/uart-bootloader.ts";
import { openSerial } from "../../../../src/transport/serial/serial.ts";
import type { UsbWords } from "../../../../src/cli/simulate/seat-words.ts";
import { vhciComplaint } from "../../../../src/sim/os/vhci.ts";
import { devlist, importDevice } from "../../sim/os/usbip-host.ts";
import { ptyHere } from "../../sim/os/pty-here.ts";
import { someIo } from "../some-io.ts";

const never = new AbortController().signal;
const plain: SimulateOptions = {
  boards: ["STM32F405:uart"],
  links: [],
  dumps: [],
  mishaps: [],
  uids: [],
  pace: "fast",
  baud: null,
};

const usb: UsbWords = {
  adapters: [],
  roms: [],
  applications: [],
  wiring: null,
  foreign: [],
  serve: null,
  attach: null,
  reseat: null,
};

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gangflash-simulate-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const inFolder = (...names: readonly string[]): string[] => names.map((name) => join(folder, name));

/** Boards that are held while a test does something with their ports. */
async function held(options: Partial<SimulateOptions>, json = false) {
  const { io, out, err, interrupt } = someIo(json);
  const given = { ...plain, ...options };
  const ended = simulateCommand(given, io);
  await vi.waitFor(() => expect(out).toHaveLength(given.boards.length), 10_000);
  return {
    out,
    err,
    async end() {
      interrupt();
      return await ended;
    },
  };
}

async function program(device: string, at: number, bytes: Uint8Array): Promise<void> {
  const link = await openSerial(
    device,
    { baud: 115_200, boot0: "none", reset: "none", clock: realClock },
    never,
  );
  await using loader = await uartBootloader(link, 115_200, never);
  await loader.write(at, bytes, never);
}

describe.skipIf(!ptyHere)("boards that are held", () => {
  test("say where they are, and leave their flash and no link when they end", async () => {
    const [link = "", dump = ""] = inFolder("board1", "flash.bin");
    const boards = await held({ links: [link], dumps: [dump], uids: ["0123456789abcdef01234567"] });
    expect(boards.out).toEqual([`uart:${link} STM32F405 uid 0123456789abcdef01234567`]);
    await program(link, 0x0800_0000, Uint8Array.of(1, 2, 3, 4));
    expect(await boards.end()).toBe(130);
    expect(existsSync(link)).toBe(false);
    const flash = readFileSync(dump);
    expect(flash.length).toBe(1024 * 1024);
    expect([...flash.subarray(0, 5)]).toEqual([1, 2, 3, 4, 0xff]);
  });

  test("can be eight in one process, each with a UID of its own", async () => {
    const names = Array.from({ length: 8 }, (_, i) => `board${i}`);
    const boards = await held({ boards: names.map(() => "STM32F103:uart"), links: inFolder(...names) });
    expect(new Set(boards.out.map((line) => line.split(" ").at(-1))).size).toBe(8);
    await Promise.all(
      inFolder(...names).map((link, i) => program(link, 0x0800_0000, Uint8Array.of(i, i, i, i))),
    );
    expect(await boards.end()).toBe(130);
  });

  test("tell each line as JSON, sessions too", async () => {
    const [link = ""] = inFolder("board1");
    const boards = await held({ links: [link] }, true);
    await program(link, 0x0800_0000, new Uint8Array(256));
    await vi.waitFor(() => expect(boards.out).toHaveLength(2), 10_000);
    await boards.end();
    const [board, session] = boards.out.map((line): unknown => JSON.parse(line));
    expect(board).toMatchObject({ type: "board", port: `uart:${link}`, chip: "STM32F405" });
    expect(session).toMatchObject({ type: "session", port: `uart:${link}`, bytesIn: 266, bytesOut: 4 });
  });

  test("are looked at by probe; a protected one says so", async () => {
    const links = inFolder("good", "locked");
    const boards = await held({
      boards: ["STM32F405:uart", "STM32F103:uart"],
      links,
      mishaps: ["none", "protected"],
    });
    const { io, out } = someIo(true);
    for (const link of links) expect(await probeCommand({ port: `uart:${link}`, baud: null }, io)).toBe(0);
    await boards.end();
    const [good, locked] = out.map((line): unknown => JSON.parse(line));
    expect(good).toMatchObject({ productId: 0x413, flashKiB: 1024, protection: "off" });
    expect(locked).toMatchObject({ productId: 0x410, uid: null, flashKiB: null, protection: "on" });
  });

  test("a name that is taken by a file ends with exit 3, and the file stays", async () => {
    const [link = ""] = inFolder("precious");
    writeFileSync(link, "precious");
    await expect(simulateCommand({ ...plain, links: [link] }, someIo().io)).rejects.toMatchObject({
      exitCode: 3,
    });
    expect(readFileSync(link, "utf8")).toBe("precious");
  });
});

describe("words that are refused with exit 2", () => {
  test.each<[Partial<SimulateOptions>, string]>([
    [{ boards: [] }, "--board: at least one was expected"],
    [{ boards: ["STM32F405"] }, '--board: "STM32F405" found, a line and a wire'],
    [{ boards: ["STM32F4O5:uart"] }, 'did you mean "STM32F405'],
    [{ boards: ["STM32F103:usb"] }, "the loader of STM32F103 has uart only"],
    [{ boards: ["STM32F405:usb"], links: ["a"] }, "a USB board has no serial port"],
    [{ mishaps: ["twin"] }, "twin found, it belongs to a USB board"],
    [{ usb: { ...usb, adapters: ["ftdi"] } }, '--adapter: "ftdi" found, pty or cdc was expected'],
    [
      {
        boards: ["STM32F405:can", "STM32F405:can", "STM32F405:can", "STM32F405:can"],
        usb: { ...usb, adapters: ["gs_usb:a"] },
      },
      "gs_usb:a found 4 times, an adapter has 3 channels at most",
    ],
    [{ usb: { ...usb, adapters: ["cdc", "pty"] } }, "2 found, one for all or one for each of 1 boards"],
    [{ boards: ["STM32F405:usb"], usb: { ...usb, roms: ["older"] } }, '--rom: "older" found'],
    [{ usb: { ...usb, adapters: ["cdc"], wiring: "boot0=cts" } }, '--wiring: "boot0=cts" found'],
    [{ usb: { ...usb, adapters: ["cdc"], wiring: "boot0=dtr,reset=!dtr" } }, "dtr found twice"],
    [{ boards: ["STM32F405:usb"], usb: { ...usb, serve: 70_000 } }, "--serve: 70000 found"],
    [{ boards: ["STM32F405:usb"], usb: { ...usb, attach: false } }, "--serve PORT was expected beside it"],
    [{ boards: ["STM32F103:can"] }, "the loader of STM32F103 has uart only"],
    [
      { boards: ["STM32F405:can"], links: ["x"], usb: { ...usb, adapters: ["gs_usb"] } },
      "a CAN board has no serial port",
    ],
    [
      { boards: ["STM32F405:can"], usb: { ...usb, adapters: ["cdc"] } },
      "slcan, gs_usb, gs_usb:NAME or socketcan was expected",
    ],
    [
      { boards: ["STM32F405:can"], usb: { ...usb, adapters: ["socketcan"] } },
      "a CAN interface such as vcan0",
    ],
    [{ links: ["/no/such/folder/board"] }, "a name in a folder that can be written was expected"],
    [{ links: ["a", "b"] }, "--link: 2 found, one for each of 1 boards was expected"],
    [{ boards: ["STM32F405:uart", "STM32F405:uart"], links: ["a", "a"] }, '--link: "a" found twice'],
    [{ boards: ["STM32F405:uart", "STM32F405:uart"], mishaps: ["protected"] }, "--mishap: 1 found"],
    [{ mishaps: ["pulAt=4"] }, 'did you mean "pullAt"?'],
    [{ uids: ["123"] }, "24 lower-case hex digits"],
    [{ dumps: ["/no/such/folder/x"] }, "a file in a folder that can be written"],
    [{ baud: 5 }, "--baud: 5 found"],
  ])("%j", async (options, why) => {
    const running = simulateCommand({ ...plain, ...options }, someIo().io);
    await expect(running).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining(why) as string,
    });
  });
});

test("boards are taken down when the terminal of their simulation goes away", async () => {
  const [dump = ""] = inFolder("flash.bin");
  const { io, out } = someIo();
  const ended = simulateCommand({ ...plain, dumps: [dump] }, io);
  await vi.waitFor(() => expect(out).toHaveLength(1), 10_000);
  process.emit("SIGHUP");
  expect(await ended).toBe(129);
  expect(readFileSync(dump).length).toBe(1024 * 1024);
  expect(process.listenerCount("SIGHUP")).toBe(0);
});

describe("USB boards", () => {
  const offered: UsbWords = { ...usb, serve: 0, attach: false };

  test("and adapters and strangers are offered by name, one bus id each", async () => {
    const boards = await held({
      boards: ["STM32F405:usb", "STM32F103:uart", "STM32F405:usb"],
      usb: { ...offered, adapters: ["cdc"], foreign: [] },
    });
    expect(boards.out.map((line) => line.replace(/:[0-9]+\//, ":PORT/").replace(/uid .*/, "uid"))).toEqual([
      "usbip:127.0.0.1:PORT/1-1 STM32F405 uid",
      "usbip:127.0.0.1:PORT/1-2 STM32F103 uid",
      "usbip:127.0.0.1:PORT/1-3 STM32F405 uid",
    ]);
    expect(await boards.end()).toBe(130);
  });

  test("on the channels of one CAN adapter have one bus id, those beside it have their own", async () => {
    const boards = await held({
      boards: ["STM32F405:can", "STM32F405:usb", "STM32F405:can", "STM32L476:can"],
      usb: { ...offered, adapters: ["gs_usb:two", "none", "gs_usb:two", "gs_usb"] },
    });
    const told = boards.out.map((line) => /\/(1-[0-9]) (STM32\w+)/.exec(line)?.slice(1).join(" "));
    expect(told).toEqual(["1-1 STM32F405", "1-1 STM32F405", "1-2 STM32F405", "1-3 STM32L476"]);
    expect(new Set(boards.out.map((line) => line.split("uid ")[1])).size).toBe(4);
    await boards.end();
  });

  test("of which one is a twin have one USB serial number and two UIDs; a stranger has its own name", async () => {
    const { io, out, interrupt } = someIo(true);
    const ended = simulateCommand(
      {
        ...plain,
        boards: ["STM32F405:usb", "STM32F405:usb"],
        mishaps: ["none", "twin"],
        usb: { ...offered, foreign: ["A fan"] },
      },
      io,
    );
    await vi.waitFor(() => expect(out).toHaveLength(3));
    const told = out.map((line) => JSON.parse(line) as { port: string; uid?: string; foreign?: string });
    const port = Number(/:([0-9]+)\//.exec(told[0]?.port ?? "")?.[1]);
    expect((await devlist(port))[11]).toBe(3);
    const texts = await Promise.all(
      ["1-1", "1-2", "1-3"].map(async (busid, i) => {
        using host = await importDevice(port, busid);
        return await host.text(i === 2 ? 2 : 3);
      }),
    );
    expect(texts[0]).toMatch(/^[0-9A-F]{12}$/);
    expect(texts[1]).toBe(texts[0]);
    expect(texts[2]).toBe("A fan");
    expect(told[0]?.uid).not.toBe(told[1]?.uid);
    expect(told[2]?.foreign).toBe("A fan");
    interrupt();
    expect(await ended).toBe(130);
  });

  test("a board that was pulled is put in again, where that was asked for", async () => {
    const boards = await held({
      boards: ["STM32F405:usb"],
      mishaps: ["pullAt=1"],
      usb: { ...offered, reseat: 0 },
    });
    const port = Number(/:([0-9]+)\//.exec(boards.out[0] ?? "")?.[1]);
    {
      using host = await importDevice(port, "1-1");
      await host.controlOut({ kind: 0x21, request: 4 });
      await host.controlOut({ kind: 0x21, request: 1, value: 2 }, new Uint8Array(2048));
      host.controlIn({ kind: 0xa1, request: 3 }, 6).catch(() => undefined);
      await host.unplugged;
    }
    await vi.waitFor(async () => expect((await devlist(port))[11]).toBe(1));
    await boards.end();
  });

  test.skipIf(vhciComplaint() === null)("end with exit 3 where no kernel can have them", async () => {
    const running = simulateCommand({ ...plain, boards: ["STM32F405:usb"] }, someIo().io);
    await expect(running).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(
        /^gangflash: USB boards cannot be attached here: .*--serve 3240/,
      ) as string,
    });
  });
});
