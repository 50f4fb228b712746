import { describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import type { Mishap } from "../../../../src/model/mishap.ts";
import { uartBootloader } from "../../../../src/protocol/uart/uart-bootloader.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { cdcAcmDevice } from "../../../../src/sim/os/cdc-acm-device.ts";
import { usbipServer } from "../../../../src/sim/os/usbip-server.ts";
import type { Wiring } from "../../../../src/sim/os/wired-board.ts";
import { acmPort, type AcmPort } from "./usbip-links.ts";

const never = new AbortController().signal;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const even = 2;
const odd = 1;
const none = 0;
const wired: Wiring = { boot0: "rts", reset: "dtr" };

async function bench(pace: "fast" | "real", wiring: Wiring = wired, mishap: Mishap = {}) {
  const spec = chipSpec("STM32F405", new Uint8Array(12).fill(7));
  const board = simBoard(spec, mishap);
  const device = cdcAcmDevice(board, { wiring, pace, serial: "A1" });
  const server = await usbipServer([{ busid: "1-1", device }], { port: 0 });
  return { board, server, open: async () => await acmPort(server.port, "1-1"), bootMs: spec.family.bootMs };
}

/** BOOT0 high while RESET is low for a moment, then time for the ROM. */
async function resetToLoader(port: AcmPort, ms: number): Promise<void> {
  await port.lines(true, true);
  await port.lines(false, true);
  await sleep(ms);
}

/** The next byte, or `null` when none comes. */
async function heard(port: AcmPort): Promise<number | null> {
  const soon = AbortSignal.timeout(60);
  return await port.receive(1, soon).then(
    ([byte = -1]) => byte,
    () => null,
  );
}

describe("the adapter", () => {
  test("tells what a driver of the class wants to know", async () => {
    const { server, open } = await bench("fast");
    await using _end = server;
    await using port = await open();
    const { host } = port;
    const read = async (value: number, length: number): Promise<number[]> => {
      const reply = await host.controlIn({ kind: 0x80, request: 6, value }, length);
      return reply.kind === "submitted" ? [...reply.data] : [];
    };
    expect(await read(0x100, 64)).toEqual([18, 1, 0, 2, 2, 0, 0, 64, 9, 0x12, 1, 0, 0, 1, 1, 2, 3, 1]);
    expect(await read(0x200, 9)).toEqual([9, 2, 67, 0, 2, 1, 0, 0x80, 50]);
    const whole = await read(0x200, 255);
    expect(whole).toHaveLength(67);
    // Union of interface 0 and 1, three endpoints.
    expect(whole.slice(32, 37)).toEqual([5, 0x24, 6, 0, 1]);
    expect(await host.text(2)).toBe("Simulated serial adapter");
    expect(await host.text(3)).toBe("A1");
    // No qualifier at full speed.
    expect(await host.controlIn({ kind: 0x80, request: 6, value: 0x600 }, 10)).toMatchObject({ status: -32 });
  });

  test("keeps the line coding that it was given", async () => {
    const { server, open } = await bench("fast");
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    const reply = await port.host.controlIn({ kind: 0xa1, request: 0x21 }, 7);
    expect(reply).toMatchObject({ data: Uint8Array.of(0x00, 0xc2, 0x01, 0, 0, 2, 8) });
    const wrong = Uint8Array.of(0, 0, 0, 0, 9, 9, 99);
    expect(await port.host.controlOut({ kind: 0x21, request: 0x20 }, wrong)).toMatchObject({ status: -32 });
  });
});

describe.each(["fast", "real"] as const)("DTR and RTS at the %s pace", (pace) => {
  test("reset the board into its loader, which answers and is programmed", async () => {
    const { board, server, open, bootMs } = await bench(pace);
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    await resetToLoader(port, bootMs + 20);
    await using loader = await uartBootloader(port, 115_200, never);
    expect((await loader.identify(never)).productId).toBe(0x413);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await loader.write(0x0800_0000, bytes, never);
    expect(await loader.read(0x0800_0000, 256, never)).toEqual(bytes);
    expect(board.chip().complaints).toEqual([]);
  });
});

describe("the pins", () => {
  test("BOOT0 low at the end of a reset starts the application: no loader answers", async () => {
    const { server, open, bootMs } = await bench("fast");
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    await port.lines(true, false);
    await port.lines(false, false);
    await sleep(bootMs + 20);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBeNull();
  });

  test("a board that is held in reset is deaf, and one that has just been let go, too", async () => {
    const { server, open } = await bench("real");
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    await port.lines(true, true);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBeNull();
    await port.lines(false, true);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBeNull();
    await sleep(100);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBe(0x79);
  });

  test("inverted and swapped lines are a wiring like any other", async () => {
    const { server, open, bootMs } = await bench("fast", { boot0: "!dtr", reset: "!rts" });
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    await port.lines(false, false);
    await port.lines(false, true);
    await sleep(bootMs + 20);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBe(0x79);
  });

  test("without lines the operator resets: each program that opens the port finds the loader", async () => {
    const { server, open } = await bench("fast", { boot0: "none", reset: "none" });
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    for (let i = 0; i < 3; i += 1) {
      port.send(Uint8Array.of(0x7f));
      expect(await heard(port)).toBe(0x79);
      await port.close();
      port.open();
    }
  });

  test("a board that was pulled lies there again for the program that opens the port next", async () => {
    const { board, server, open, bootMs } = await bench("fast", wired, { pullAt: 4 });
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    await resetToLoader(port, bootMs + 20);
    const loader = await uartBootloader(port, 115_200, never);
    await expect(loader.write(0x0800_0000, new Uint8Array(8), never)).rejects.toThrow("BOARD_LEFT");
    expect(board.present()).toBe(false);
    await port.close();
    port.open();
    await vi.waitFor(() => expect(board.present()).toBe(true));
    await resetToLoader(port, bootMs + 20);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBe(0x79);
  });
});

describe("rate and parity", () => {
  test.each([9600, 57_600, 230_400])("the loader takes the rate of the first byte: %i", async (baud) => {
    const { server, open, bootMs } = await bench("fast");
    await using _end = server;
    await using port = await open();
    await port.coding(baud, even);
    await resetToLoader(port, bootMs + 20);
    await using loader = await uartBootloader(port, baud, never);
    expect((await loader.identify(never)).productId).toBe(0x413);
  });

  test("a host that changes its rate afterwards is not understood", async () => {
    const { board, server, open, bootMs } = await bench("fast");
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    await resetToLoader(port, bootMs + 20);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBe(0x79);
    await port.coding(57_600, even);
    port.send(Uint8Array.of(0x00, 0xff));
    expect(await heard(port)).not.toBe(0x79);
    expect(board.chip().complaints.join()).toContain("wrong parity or stop bit");
  });

  test("without parity the sync byte passes and the first command does not", async () => {
    const { server, open, bootMs } = await bench("fast");
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, none);
    await resetToLoader(port, bootMs + 20);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBe(0x79);
    port.send(Uint8Array.of(0x00, 0xff));
    expect(await heard(port)).not.toBe(0x79);
  });

  test("with odd parity each character of the loader is reported as a parity error", async () => {
    const { server, open, bootMs } = await bench("fast");
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, odd);
    await resetToLoader(port, bootMs + 20);
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBe(0x79);
    await vi.waitFor(() => expect(port.states() & 0x20).toBe(0x20));
  });

  test("a break where the sync byte should be makes the loader deaf", async () => {
    const { server, open, bootMs } = await bench("fast");
    await using _end = server;
    await using port = await open();
    await port.coding(115_200, even);
    await resetToLoader(port, bootMs + 20);
    await port.host.controlOut({ kind: 0x21, request: 0x23, value: 100 });
    port.send(Uint8Array.of(0x7f));
    expect(await heard(port)).toBeNull();
  });
});

test("the wire takes its time at the real pace, and holds a host that sends too much", async () => {
  const begun = performance.now();
  const { server, open } = await bench("real");
  await using _end = server;
  await using port = await open();
  await port.coding(9600, even);
  const before = performance.now();
  // 228 characters; the adapter holds 128 of them.
  await port.host.submit(1, "out", { data: new Uint8Array(228) }).reply;
  const after = performance.now();
  const wire = (100 * 11_000) / 9600;
  // What the transfers before came late is made up for, so only the whole is never too quick.
  expect(after - begun).toBeGreaterThan(wire - 2);
  expect(after - before).toBeLessThan(wire + 60);
});
