import { describe, expect, test } from "vitest";
import { chipSpec } from "../../../src/family/table.ts";
import { benchClock } from "../../../src/lib/bench-clock.ts";
import { exchange } from "../../../src/protocol/uart/commands.ts";
import { pageList } from "../../../src/protocol/uart/frames.ts";
import { uartBootloader } from "../../../src/protocol/uart/uart-bootloader.ts";
import { simBoard } from "../../../src/sim/board.ts";
import { uartChip } from "../../../src/sim/uart/uart-chip.ts";
import { simUartLink } from "../../../src/sim/uart/uart-link.ts";
import { uartRom } from "../../../src/sim/uart/uart-rom.ts";
import { recipe } from "../../reliability/recipe.ts";
import { attempt, seat } from "../../reliability/seat.ts";

const never = new AbortController().signal;
const baud = 115_200;
const codes = { writeProtect: 0x63, writeUnprotect: 0x73 } as const;
const flashStart = 0x0800_0000;
const some = Uint8Array.from({ length: 256 }, (_, i) => i);

/** A board on a line, and our client at the other end. */
function bench(name: string) {
  const spec = chipSpec(name, new Uint8Array(12).fill(7));
  const board = simBoard(spec);
  const chip = uartChip(board, uartRom(spec.family, baud));
  const link = simUartLink(board, chip, benchClock());
  const wire = exchange(link, baud);

  async function loader() {
    const opened = await uartBootloader(link, baud, never);
    await opened.identify(never);
    opened.adopt(spec.family);
    return opened;
  }

  /** Erases a sector and writes its first bytes; whether they are there now. */
  async function takes(sector: number): Promise<boolean> {
    const opened = await loader();
    const found = board.chip().map().sectors[sector];
    if (found === undefined) throw new Error(`${name} has no sector ${sector}`);
    await opened.erase([found], never);
    await opened.write(found.address, some, never);
    return Buffer.compare(await opened.read(found.address, some.length, never), some) === 0;
  }

  return {
    board,
    takes,
    async protect(sectors: readonly number[]) {
      await loader();
      expect(await wire.command(codes.writeProtect, never)).toBe(true);
      return await wire.frame(pageList(sectors), "Write Protect", never);
    },
    async free() {
      await loader();
      expect(await wire.command(codes.writeUnprotect, never)).toBe(true);
      return await wire.frame(new Uint8Array(), "Write Unprotect", never);
    },
    async broken() {
      await loader();
      await wire.command(codes.writeProtect, never);
      return await wire.frame(Uint8Array.of(0, 0, 1), "Write Protect", never);
    },
  };
}

describe("Write Protect and Write Unprotect over the serial line (section 3.10)", () => {
  // Sectors by their number; 4 KiB a bit, which are four pages of a medium F103.
  test.each([
    ["STM32F405", [1], [1], [0, 2]],
    ["STM32F103C8", [1], [4, 7], [3, 8]],
  ] as const)(
    "%s: what is protected is acknowledged and not written, until it is freed",
    async (name, list, closed, open) => {
      const it = bench(name);
      expect(await it.protect(list)).toBe(true);
      for (const sector of closed) expect(await it.takes(sector), `${sector}`).toBe(false);
      for (const sector of open) expect(await it.takes(sector), `${sector}`).toBe(true);
      expect(await it.free()).toBe(true);
      for (const sector of closed) expect(await it.takes(sector), `${sector}`).toBe(true);
      expect(it.board.chip().complaints).toEqual([]);
    },
  );

  test("a second Write Protect replaces the first, and codes that the chip has not are not checked", async () => {
    const it = bench("STM32F405");
    await it.protect([0, 1]);
    expect(await it.protect([2, 200])).toBe(true);
    expect(await it.takes(0)).toBe(true);
    expect(await it.takes(2)).toBe(false);
  });

  test("codes with a wrong checksum are refused, noted, and protect nothing", async () => {
    const it = bench("STM32F405");
    expect(await it.broken()).toBe(false);
    expect(it.board.chip().complaints).toEqual(["sector codes with a wrong checksum"]);
    expect(await it.takes(0)).toBe(true);
  });

  test("a mass erase erases nothing while one sector is protected", async () => {
    const it = bench("STM32F405");
    const chip = it.board.chip();
    await it.takes(3);
    await it.protect([0]);
    chip.eraseAll();
    expect(chip.read(flashStart + 3 * 0x4000, 4)).toEqual(some.subarray(0, 4));
  });

  test("a family whose way to code its sectors no source tells refuses, and says so", async () => {
    const it = bench("STM32L476");
    expect(await it.protect([0])).toBe(false);
    expect(it.board.chip().complaints).toEqual(["write protection, which is not simulated for this chip"]);
  });
});

test.each(["uart", "usb"] as const)(
  "a board with a protected sector, which no loader tells, never passes over %s: its flash differs",
  async (wire) => {
    const one = recipe("STM32F405RG");
    const bench = seat(one.chip, wire);
    bench.board.chip().writeProtect([0]);
    bench.replug();
    bench.board.chip().reset();
    const end = await attempt(bench, one);
    expect(end.word).toBe("VERIFY_MISMATCH");
  },
);
