import { describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import { realClock } from "../../../../src/lib/clock.ts";
import type { Mishap } from "../../../../src/model/mishap.ts";
import type { ByteLink } from "../../../../src/protocol/links.ts";
import { uartBootloader } from "../../../../src/protocol/uart/uart-bootloader.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { uartBoard, type Session } from "../../../../src/sim/os/uart-board.ts";
import { openSerial } from "../../../../src/transport/serial/serial.ts";
import { ptyHere } from "./pty-here.ts";

const baud = 115_200;
const never = new AbortController().signal;

async function bench(pace: "fast" | "real", mishap: Mishap = {}) {
  const board = simBoard(chipSpec("STM32F405", new Uint8Array(12)), mishap);
  const sessions: Session[] = [];
  const port = await uartBoard(board, { baud, pace, onSession: (session) => sessions.push(session) });
  const open = (): Promise<ByteLink> =>
    openSerial(port.path, { baud, boot0: "none", reset: "none", clock: realClock }, never);
  return { board, port, sessions, open };
}

const vectors = Uint8Array.of(0, 0, 2, 0x20, 1, 1, 0, 8);

describe.skipIf(!ptyHere)("a simulated board on a pty", () => {
  test("is written and read by our own client through the operating system", async () => {
    const { board, port, open } = await bench("fast");
    using _end = port;
    await using loader = await uartBootloader(await open(), baud, never);
    expect((await loader.identify(never)).productId).toBe(0x413);
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await loader.write(0x0800_0000, bytes, never);
    expect(await loader.read(0x0800_0000, 256, never)).toEqual(bytes);
    expect(board.chip().flash.subarray(0, 256)).toEqual(bytes);
    expect(board.chip().complaints).toEqual([]);
  });

  test("a host that opens the port again finds it in its loader, with its flash as it was", async () => {
    const { board, port, sessions, open } = await bench("fast");
    using _end = port;
    {
      await using loader = await uartBootloader(await open(), baud, never);
      await loader.write(0x0800_0000, vectors, never);
      await loader.launch(0x0800_0000, never);
    }
    await vi.waitFor(() => expect(sessions).toHaveLength(1), 10_000);
    await using loader = await uartBootloader(await open(), baud, never);
    expect(await loader.read(0x0800_0000, 8, never)).toEqual(vectors);
    expect(board.chip().complaints).toEqual([]);
  });

  test("a host that died in the middle of a frame leaves no broken board behind", async () => {
    const { port, sessions, open } = await bench("fast");
    using _end = port;
    {
      await using link = await open();
      link.send(Uint8Array.of(0x7f));
      await link.receive(1, never);
      link.send(Uint8Array.of(0x31, 0xce));
      await link.receive(1, never);
    }
    await vi.waitFor(() => expect(sessions).toHaveLength(1), 10_000);
    await using loader = await uartBootloader(await open(), baud, never);
    expect((await loader.identify(never)).productId).toBe(0x413);
  });

  test("after Go a sync byte on the open port is the board put in again", async () => {
    const { port, open } = await bench("fast");
    using _end = port;
    await using link = await open();
    const loader = await uartBootloader(link, baud, never);
    await loader.write(0x0800_0000, vectors, never);
    await loader.launch(0x0800_0000, never);
    link.send(Uint8Array.of(0x7f));
    expect(await link.receive(1, never)).toEqual(Uint8Array.of(0x79));
  });

  test("a board that was pulled is back for the next host", async () => {
    const { board, port, sessions, open } = await bench("fast", { pullAt: 4 });
    using _end = port;
    {
      await using loader = await uartBootloader(await open(), baud, never);
      await expect(loader.write(0x0800_0000, vectors, never)).rejects.toThrow("BOARD_LEFT");
      expect(board.present()).toBe(false);
    }
    await vi.waitFor(() => expect(sessions).toHaveLength(1), 10_000);
    await using loader = await uartBootloader(await open(), baud, never);
    expect((await loader.identify(never)).productId).toBe(0x413);
  });

  test("at the real pace the clock shows the wire and the flash, and no timer's rounding", async () => {
    const { port, sessions, open } = await bench("real");
    using _end = port;
    {
      await using loader = await uartBootloader(await open(), baud, never);
      for (let i = 0; i < 10; i += 1) await loader.write(0x0800_0000 + 256 * i, new Uint8Array(256), never);
    }
    await vi.waitFor(() => expect(sessions).toHaveLength(1), 10_000);
    const [session] = sessions;
    if (session === undefined) throw new Error("no session");
    const { ms, wireMs, flashMs, hostMs } = session;
    // Ten blocks of 268 characters, and the sync byte with its answer; 256 bytes one by one at 16 us.
    expect(wireMs).toBeCloseTo(((10 * 268 + 2) * 11_000) / baud, 3);
    expect(flashMs).toBeCloseTo(10 * 256 * 0.016, 0);
    // 60 answers a millisecond late each would be 60; only the lateness of the last one, which nothing follows, may stay.
    const lost = ms - (wireMs + flashMs + hostMs);
    expect(lost).toBeGreaterThan(-2.5);
    expect(lost).toBeLessThan(40);
  });
});
