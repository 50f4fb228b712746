import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { chipSpec } from "../../src/family/table.ts";
import { benchClock } from "../../src/lib/bench-clock.ts";
import { concat, equalBytes, isBlank } from "../../src/lib/bytes.ts";
import type { Wire } from "../../src/model/family.ts";
import type { Mishap } from "../../src/model/mishap.ts";
import { decodeOptions, encodeOptions } from "../../src/model/option-codec.ts";
import { OptionWrite } from "../../src/model/option-write.ts";
import { blocksToRead, blocksToWrite } from "../../src/plan/writes.ts";
import type { Bootloader } from "../../src/protocol/bootloader.ts";
import { canBootloader } from "../../src/protocol/can/can-bootloader.ts";
import { dfuBootloader } from "../../src/protocol/dfu/dfu-bootloader.ts";
import { flashSectors } from "../../src/protocol/dfu/layout-string.ts";
import type { FrameLink } from "../../src/protocol/links.ts";
import { uartBootloader } from "../../src/protocol/uart/uart-bootloader.ts";
import { simBoard, type SimBoard } from "../../src/sim/board.ts";
import { canBus } from "../../src/sim/can/can-bus.ts";
import { simCanLink } from "../../src/sim/can/can-link.ts";
import { canLoader } from "../../src/sim/can/can-rom.ts";
import { canBoard } from "../../src/sim/connect.ts";
import { dfuChip } from "../../src/sim/dfu/dfu-chip.ts";
import { dfuRom } from "../../src/sim/dfu/dfu-rom.ts";
import { gsUsbDevice } from "../../src/sim/os/gs-usb-device.ts";
import { bxCan, mCan } from "../../src/sim/os/gs-usb-wire.ts";
import { uartChip } from "../../src/sim/uart/uart-chip.ts";
import { simUartLink } from "../../src/sim/uart/uart-link.ts";
import { uartRom } from "../../src/sim/uart/uart-rom.ts";
import { simUsbLink, whenAttached } from "../../src/sim/dfu/usb-link.ts";
import { openGsUsb, type GsUsbBench } from "../../src/transport/can/gs-usb.ts";
import { throughSeam } from "../tools/gs-usb-seam.ts";

const never = new AbortController().signal;
const uid = Uint8Array.from({ length: 12 }, (_, i) => 0x41 + i);
const baud = 115_200;

/** The adapter of a CAN board: the one of this process, or our driver over a simulated candleLight stick. */
type Adapter = "sim" | "gs_usb";

/** A board in a slot, whatever wire it hangs on. */
interface Slot {
  readonly board: SimBoard;
  readonly connect: () => Promise<Bootloader>;
  readonly launched: () => boolean;
  readonly now: () => number;
}

function open(chipName: string, wire: Wire, mishap: Mishap = {}, adapter: Adapter = "sim"): Slot {
  const clock = benchClock();
  const board = simBoard(chipSpec(chipName, uid), mishap, () => chipSpec(chipName, uid.toReversed()));
  const { family } = board.chip().spec;
  if (wire === "uart") {
    const chip = uartChip(board, uartRom(family, baud));
    const connect = (): Promise<Bootloader> => uartBootloader(simUartLink(board, chip, clock), baud, never);
    return { board, connect, launched: () => chip.launched(), now: () => clock.now() };
  }
  if (wire === "can") {
    const bus = canBus(clock);
    const chip = canBoard(board, bus);
    const { bitrate: startBitrate, dataBitrate: fd } = canLoader(family);
    const controller = fd === null ? bxCan : mCan;
    const device = gsUsbDevice({ clock, buses: [bus], controller, serial: "1" });
    const host: GsUsbBench = { clock, open: () => Promise.resolve(throughSeam(device)) };
    let held: FrameLink | null = null;
    const linkOf = async (): Promise<FrameLink> => {
      if (adapter === "sim") return simCanLink(bus);
      // A slot has one link at a time; whoever opens it again has closed the one before.
      await held?.[Symbol.asyncDispose]();
      held = await openGsUsb("1-1", 0, never, host);
      return held;
    };
    const connect = async (): Promise<Bootloader> =>
      await canBootloader(await linkOf(), { startBitrate, bitrate: 1_000_000, fd }, never);
    return { board, connect, launched: () => chip.launched(), now: () => clock.now() };
  }
  const chip = dfuChip(board, dfuRom(family), clock);
  const connect = async (): Promise<Bootloader> => {
    await whenAttached(chip, never);
    return await dfuBootloader(simUsbLink(chip, clock), never);
  };
  return { board, connect, launched: () => chip.launched(), now: () => clock.now() };
}

function sectorsOf(board: SimBoard): { address: number; size: number }[] {
  return board
    .chip()
    .map()
    .sectors.map(({ address, size }) => ({ address, size }));
}

const benches = [
  { chip: "STM32F405", wire: "uart", name: "uart, F405" },
  { chip: "STM32G474", wire: "uart", name: "uart, G474" },
  { chip: "STM32F405", wire: "usb", name: "dfu of an older ROM, F405" },
  { chip: "STM32L476", wire: "usb", name: "dfu of an older ROM that stalls while busy, L476" },
  { chip: "STM32L072", wire: "usb", name: "dfu of an older ROM with erased value 0, L072" },
  { chip: "STM32G474", wire: "usb", name: "dfu of a newer ROM, G474" },
  { chip: "STM32H743", wire: "usb", name: "dfu of a newer ROM with registers for options, H743" },
  { chip: "STM32F405", wire: "can", name: "classic can, F405" },
  { chip: "STM32L476", wire: "can", name: "classic can, L476" },
  { chip: "STM32G0B1", wire: "can", name: "fdcan, G0B1" },
  { chip: "STM32H743", wire: "can", name: "fdcan, H743" },
  { chip: "STM32C092", wire: "can", name: "fdcan that one frame alone wakes, C092" },
  { chip: "STM32F405", wire: "can", adapter: "gs_usb", name: "classic can over gs_usb, F405" },
  { chip: "STM32G0B1", wire: "can", adapter: "gs_usb", name: "fdcan over gs_usb, G0B1" },
] as const;

describe.each(benches)("a loader over $name", ({ chip: chipName, wire, ...more }) => {
  async function start(mishap: Mishap = {}) {
    const slot = open(chipName, wire, mishap, "adapter" in more ? more.adapter : "sim");
    const { spec } = slot.board.chip();
    const known = async (): Promise<Bootloader> => {
      const loader = await slot.connect();
      await loader.identify(never);
      loader.adopt(spec.family);
      return loader;
    };
    return { ...slot, spec, connect: known, loader: await known() };
  }
  type Bench = Awaited<ReturnType<typeof start>>;

  /** Vector table, then bytes that differ from each other and from erased flash. */
  function program({ spec }: Bench, length = 10_000): Uint8Array {
    const bytes = Uint8Array.from(
      { length: length - (length % 32) },
      (_, i) => 1 + ((i * 7 + (i >> 8)) % 250),
    );
    const view = new DataView(bytes.buffer);
    view.setUint32(0, 0x2000_1000, true);
    view.setUint32(4, spec.family.flashStart + 0x101, true);
    return bytes;
  }

  async function erase({ board, loader, spec }: Bench, length: number): Promise<void> {
    const sectors = board
      .chip()
      .map()
      .sectors.filter(({ address }) => address < spec.family.flashStart + length);
    for (let at = 0; at < sectors.length; at += loader.unitsPerErase)
      await loader.erase(sectors.slice(at, at + loader.unitsPerErase), never);
  }

  async function write(bench: Bench, bytes: Uint8Array): Promise<void> {
    const { flashStart, writeAlignBytes, erasedByte } = bench.spec.family;
    const content = [{ address: flashStart, bytes }];
    for (const block of blocksToWrite(content, bench.loader.blockBytes, writeAlignBytes, erasedByte))
      await bench.loader.write(block.address, block.bytes, never);
  }

  async function readBack({ loader, spec }: Bench, length: number): Promise<Uint8Array> {
    const content = [{ address: spec.family.flashStart, bytes: new Uint8Array(length) }];
    const parts: Uint8Array[] = [];
    for (const block of blocksToRead(content, loader.blockBytes))
      parts.push(await loader.read(block.address, block.bytes.length, never));
    return concat(parts);
  }

  /** All blocks in turn: a wire has one transfer at a time. */
  async function readOptions(bench: Bench, loader: Bootloader): Promise<Uint8Array[]> {
    const blocks: Uint8Array[] = [];
    for (const { address, size } of bench.spec.optionLayout?.blocks ?? []) {
      const bytes = await loader.tryRead(address, size, never);
      if (bytes === null) throw new Error("option bytes cannot be read");
      blocks.push(bytes);
    }
    return blocks;
  }

  async function setOption(bench: Bench, name: string, value: number): Promise<Bootloader> {
    const layout = bench.spec.optionLayout;
    if (layout === null) throw new Error("no options");
    let { loader } = bench;
    const blocks = await readOptions(bench, loader);
    const next = encodeOptions(layout, blocks, new Map([[name, value]]));
    for (const [i, one] of OptionWrite.permit(layout, next, []).entries()) {
      // A block that is right already is not sent: behind protection nothing is taken any more.
      if (equalBytes(one.bytes, blocks[i] ?? new Uint8Array())) continue;
      await loader.writeOptions(one, never);
      loader = await bench.connect();
    }
    return loader;
  }

  const option = (bench: Bench): string =>
    bench.spec.optionLayout?.fields.find(({ name }) => /^nRST_STOP/i.test(name))?.name ?? "none";

  const complaints = ({ board }: Bench): readonly string[] => board.chip().complaints;

  test("says who it is: product id, or memory strings of this chip's own map", async () => {
    const { loader, spec, board } = await start();
    const identity = await loader.identify(never);
    const overUsb = wire === "usb";
    expect(identity.productId).toBe(overUsb ? null : spec.family.productId);
    expect(flashSectors(identity.memoryStrings)).toEqual(overUsb ? sectorsOf(board) : []);
    expect(identity.usbSerial ?? "none").toMatch(overUsb ? /^[0-9A-F]{12}$/ : /^none$/);
  });

  test("reads back what it wrote, and the rest is erased", async () => {
    const bench = await start();
    const bytes = program(bench);
    bench.board.chip().flash.fill(0x55);
    await erase(bench, bytes.length);
    await write(bench, bytes);
    expect(await readBack(bench, bytes.length)).toEqual(bytes);
    const { flash } = bench.board.chip();
    expect(flash.subarray(0, bytes.length)).toEqual(bytes);
    const [sector] = bench.board.chip().map().sectors;
    const rest = flash.subarray(bytes.length, Math.max(bytes.length, sector?.size ?? 0));
    expect(isBlank(rest, bench.spec.family.erasedByte)).toBe(true);
    expect(complaints(bench)).toEqual([]);
  });

  test("erases what it is told and nothing beside it", async () => {
    const bench = await start();
    const { sectors } = bench.board.chip().map();
    const [, second, third] = sectors;
    if (second === undefined || third === undefined) throw new Error("too few sectors");
    const { flash } = bench.board.chip();
    flash.fill(0x55);
    await bench.loader.erase([second], never);
    const start_ = second.address - bench.spec.family.flashStart;
    expect(flash[start_ - 1]).toBe(0x55);
    expect(flash[start_]).toBe(bench.spec.family.erasedByte);
    expect(flash[start_ + second.size - 1]).toBe(bench.spec.family.erasedByte);
    expect(flash[start_ + second.size]).toBe(0x55);
    expect(complaints(bench)).toEqual([]);
  });

  test("erases all of it in the end, where it has a command for that", async () => {
    const bench = await start();
    bench.board.chip().flash.fill(0x55);
    if (!bench.spec.family.loaderMassErase) return;
    await bench.loader.eraseAll(never);
    expect(bench.board.chip().flash.every((byte) => byte === bench.spec.family.erasedByte)).toBe(true);
    expect(complaints(bench)).toEqual([]);
  });

  test("refuses what is not aligned, and what was not erased", async () => {
    const bench = await start();
    const { flashStart } = bench.spec.family;
    await erase(bench, 64);
    await bench.loader.read(flashStart, 16, never);
    await expect(bench.loader.write(flashStart + 2, new Uint8Array(32), never)).rejects.toMatchObject({
      code: "CHIP_REFUSED",
    });
    await bench.loader.write(flashStart, new Uint8Array(32).fill(0x0f), never);
    await expect(bench.loader.write(flashStart, new Uint8Array(32).fill(0xf0), never)).rejects.toMatchObject({
      code: "CHIP_REFUSED",
    });
    expect(complaints(bench)).toHaveLength(2);
  });

  test("gives null for what it cannot read, and still works then", async () => {
    const bench = await start();
    expect(await bench.loader.tryRead(0x6000_0000, 16, never)).toBeNull();
    const first = await bench.loader.read(bench.spec.family.flashStart, 16, never);
    expect(first).toEqual(new Uint8Array(16).fill(bench.spec.family.erasedByte));
  });

  test("tells the UID as it is, or not at all", async () => {
    const bench = await start();
    const { address, wordOffsets } = bench.spec.family.uid;
    const bytes = await bench.loader.tryRead(address, wordOffsets[2] + 4, never);
    const words = bytes === null ? null : concat(wordOffsets.map((at) => bytes.subarray(at, at + 4)));
    expect(words).toEqual(wire === "usb" && chipName === "STM32F405" ? null : uid);
  });

  test("writes option bytes, leaves and returns, and they hold", async () => {
    const bench = await start();
    const name = option(bench);
    const layout = bench.spec.optionLayout;
    if (layout === null) throw new Error("no options");
    const loader = await setOption(bench, name, 0);
    const blocks = await readOptions(bench, loader);
    expect(decodeOptions(layout, blocks).get(name)).toBe(0);
    expect(complaints(bench)).toEqual([]);
  });

  test("protects, refuses to be read, and gives up its content to be free again", async () => {
    const bench = await start();
    if (!bench.spec.optionLayout?.fields.some(({ name }) => name === "RDP")) return;
    const bytes = program(bench, 512);
    await erase(bench, bytes.length);
    await write(bench, bytes);
    const { flashStart, erasedByte } = bench.spec.family;
    const locked = await setOption(bench, "RDP", 0xbb);
    expect(bench.board.chip().protection()).toBe(1);
    await expect(locked.read(flashStart, 16, never)).rejects.toMatchObject({ code: "PROTECTED" });
    const again = await bench.connect();
    await again.unprotect(never);
    const free = await bench.connect();
    expect(await free.read(flashStart, 16, never)).toEqual(new Uint8Array(16).fill(erasedByte));
    expect(bench.board.chip().protection()).toBe(0);
    expect(complaints(bench)).toEqual([]);
  });

  test("starts the application", async () => {
    const bench = await start();
    const bytes = program(bench, 512);
    await erase(bench, bytes.length);
    await write(bench, bytes);
    await bench.loader.launch(bench.spec.family.flashStart, never);
    expect(bench.launched()).toBe(true);
    expect(complaints(bench)).toEqual([]);
  });

  test("stops at once when the attempt is stopped", async () => {
    const bench = await start();
    const stop = new AbortController();
    stop.abort(new Error("by hand"));
    await expect(bench.loader.read(bench.spec.family.flashStart, 16, stop.signal)).rejects.toThrow("by hand");
  });

  describe("with a mishap", () => {
    const moved = async (mishap: Mishap): Promise<{ bench: Bench; bytes: Uint8Array }> => {
      const bench = await start(mishap);
      const bytes = program(bench);
      await erase(bench, bytes.length);
      await bench.loader.read(bench.spec.family.flashStart, 16, never);
      return { bench, bytes };
    };

    test("pulled: the board has left, in good time", async () => {
      const { bench, bytes } = await moved({ pullAt: 5000 });
      await expect(write(bench, bytes)).rejects.toMatchObject({ code: "BOARD_LEFT" });
    });

    test("mute: no answer, in good time", async () => {
      const { bench, bytes } = await moved({ muteAfter: 5000 });
      const begin = bench.now();
      await expect(write(bench, bytes)).rejects.toMatchObject({ code: "LINK_SILENT" });
      expect(bench.now() - begin).toBeLessThan(20_000);
    });

    test("mute from the start: no answer at all", async () => {
      await expect(start({ muteAfter: 0 })).rejects.toMatchObject({ code: "LINK_SILENT" });
    });

    test("a block refused once: said, and taken when it is sent again", async () => {
      const { bench, bytes } = await moved({ nackWrite: 1 });
      await expect(write(bench, bytes)).rejects.toMatchObject({ code: "CHIP_REFUSED" });
      await write(bench, bytes);
      expect(await readBack(bench, bytes.length)).toEqual(bytes);
    });

    test("each block refused: said each time", async () => {
      const { bench, bytes } = await moved({ nackWrite: -1 });
      for (let tries = 0; tries < 3; tries += 1)
        await expect(write(bench, bytes)).rejects.toMatchObject({ code: "CHIP_REFUSED" });
    });

    test("a bit that flips in flash shows in what is read", async () => {
      const { bench, bytes } = await moved({ flipBit: 4321 });
      await write(bench, bytes);
      const read = await readBack(bench, bytes.length);
      expect([...read.keys()].filter((i) => read[i] !== bytes[i])).toEqual([4321]);
    });

    test("a noisy answer shows once", async () => {
      const bench = await start({ noiseRead: 2 });
      const at = bench.spec.family.flashStart;
      const reads = [];
      for (let i = 0; i < 3; i += 1) reads.push(await bench.loader.read(at, 64, never));
      expect(reads[1]).not.toEqual(reads[0]);
      expect(reads[2]).toEqual(reads[0]);
    });

    test("another board lies there: its flash lacks what the first one got", async () => {
      const { bench, bytes } = await moved({ swapAt: 5000 });
      await write(bench, bytes);
      expect(await readBack(bench, bytes.length)).not.toEqual(bytes);
      const read = await bench.loader.tryRead(bench.spec.family.uid.address, 4, never);
      expect(read).not.toEqual(uid.subarray(0, 4));
    });

    test("delivered locked: said at the first read, and unprotect frees it", async () => {
      const bench = await start({ protected: true });
      const { flashStart, erasedByte } = bench.spec.family;
      await expect(bench.loader.tryRead(flashStart, 4, never)).rejects.toMatchObject({ code: "PROTECTED" });
      await bench.loader.unprotect(never);
      const free = await bench.connect();
      expect(await free.read(flashStart, 4, never)).toEqual(new Uint8Array(4).fill(erasedByte));
    });

    test("another chip: it does not answer as this one", async () => {
      const bench = await start({ wrongChip: true });
      const identity = await bench.loader.identify(never);
      const asThisOne =
        identity.productId === bench.spec.family.productId ||
        isDeepStrictEqual(flashSectors(identity.memoryStrings), sectorsOf(bench.board));
      expect(asThisOne).toBe(false);
    });

    test("a slow erase is waited for, and one without end is given up", async () => {
      const quick = await start();
      await erase(quick, 64);
      const slow = await start({ slowErase: 3 });
      const begin = slow.now();
      await erase(slow, 64);
      expect(slow.now() - begin).toBeGreaterThan(0);
      const stuck = await start({ slowErase: 100_000 });
      await expect(erase(stuck, 64)).rejects.toMatchObject({ verdict: "TIMEOUT" });
    });

    test("options that do not hold are acknowledged, and unchanged after the return", async () => {
      const bench = await start({ optionsStick: true });
      const before = await readOptions(bench, bench.loader);
      const loader = await setOption(bench, option(bench), 0);
      expect(await readOptions(bench, loader)).toEqual(before);
    });
  });
});
