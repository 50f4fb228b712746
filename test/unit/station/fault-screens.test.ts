import { describe, expect, test } from "vitest";
import { chipSpec } from "../../../src/family/table.ts";
import { faults, type FaultCode } from "../../../src/model/fault.ts";
import type { Mishap } from "../../../src/model/mishap.ts";
import type { StationView } from "../../../src/model/view.ts";
import { canBootloader } from "../../../src/protocol/can/can-bootloader.ts";
import { simBoard, type SimBoard } from "../../../src/sim/board.ts";
import { canBus } from "../../../src/sim/can/can-bus.ts";
import { gsUsbAdapter, simCanLink, type SimCanLink } from "../../../src/sim/can/can-link.ts";
import { canBoard, connectUart, connectUsb } from "../../../src/sim/connect.ts";
import { simUid, type SimPlace } from "../../../src/sim/sim-bench.ts";
import { madeFaults } from "../../ui/made-faults.ts";
import { line, type Line, type LineOptions } from "./real-station.ts";
import { steadyScreen } from "./steady-screen.ts";

// Each fault that a simulated bench can have, brought about by a run on a real station with real books, and its screen
// at 80x24 as text in test/ui/frames/bench; whoever writes them anew (vitest -u) looks at them.

const chip = "STM32F405";
const over = (wire: "usb" | "can") => ({ port: { kind: "sim", chip, wire } }) as const;
const boardOf = (barcode: string, mishap: Mishap = {}): SimBoard =>
  simBoard(chipSpec(chip, simUid(barcode)), mishap);
const scanned = (it: Line): void => it.scan("U-1");
const mishap = (plan: Mishap, more: LineOptions = {}): LineOptions => ({ mishapOf: () => plan, ...more });
const options = { profile: { optionBytes: new Map([["BOR_LEV", 1]]) } };
const failed = ({ call }: StationView): boolean => call.kind === "failed";
const runs = ({ running }: StationView): boolean => running > 0;

/** A board on a serial line; `onReset` before each opening but the first, when it was reset into its loader again. */
const wired = (board: SimBoard, onReset: (board: SimBoard) => SimBoard | void = () => {}): LineOptions => ({
  placeOf(slot, _barcode, place): SimPlace {
    let at = board;
    let opened = 0;
    return {
      ...place,
      async connect(signal) {
        opened += 1;
        if (opened > 1) at = onReset(at) ?? at;
        return await connectUart(at, slot.baud, place.clock)(signal);
      },
    };
  },
});

/** A CAN bus with so many boards on it. */
const canSlot = (
  boards: number,
  use: (link: SimCanLink) => SimCanLink = (link) => link,
  makes?: number[],
): LineOptions => ({
  slot: over("can"),
  placeOf(slot, barcode, place): SimPlace {
    const bus = canBus(place.clock);
    for (let i = 0; i < boards; i += 1) canBoard(boardOf(`${barcode} ${i}`), bus);
    return {
      ...place,
      async connect(signal) {
        const link = simCanLink(bus, makes === undefined ? gsUsbAdapter : { ...gsUsbAdapter, makes });
        const rates = { startBitrate: 125_000, bitrate: slot.bitrate, fd: null };
        return await canBootloader(use(link), rates, signal);
      },
    };
  },
});

/** The adapter is pulled out of the computer instead of the n-th frame. */
const pulledAt =
  (n: number) =>
  (link: SimCanLink): SimCanLink => {
    let sent = 0;
    return {
      ...link,
      send(frame, signal) {
        sent += 1;
        if (sent === n) link.unplug();
        return link.send(frame, signal);
      },
    };
  };

/** What a contact that is never quiet makes of each block that is read. */
function noisy(board: SimBoard): SimBoard {
  let reads = 0;
  return {
    ...board,
    read(address, length) {
      const bytes = board.read(address, length);
      if (bytes === null) return null;
      reads += 1;
      bytes[0] = reads & 0xff;
      return bytes;
    },
  };
}

/** U-1 passes on a board; then U-2 is run on what `second` makes of it. */
function after(
  second: (board: SimBoard) => SimBoard,
  more: LineOptions,
): readonly [LineOptions, (it: Line) => Promise<void>] {
  const board = boardOf("U-1");
  return [
    {
      ...more,
      placeOf: (slot, barcode, place) => ({
        ...place,
        connect: connectUart(barcode === "U-1" ? board : second(board), slot.baud, place.clock),
      }),
    },
    async (it) => {
      it.scan("U-1");
      await it.until(({ last, running }) => running === 0 && last.length === 1);
      it.scan("U-2");
      await it.until(({ last }) => last.length === 2);
    },
  ];
}

type Way = readonly [options: LineOptions, come: (it: Line) => Promise<void> | void];

/** One device for as long as the bench stands: a board that was pulled is away until somebody puts it in. */
function pulledOnce(): (place: SimPlace) => SimPlace {
  let device: SimPlace["connect"] | null = null;
  return (place) => ({
    ...place,
    connect: (device ??= connectUsb(boardOf("U-1", { pullAt: 1024 }), place.clock)),
  });
}
const away = pulledOnce();
const flipped = boardOf("U-1");

/** How a bench comes to each of them. */
const ways: Readonly<Partial<Record<FaultCode, Way>>> = {
  WRONG_CHIP: [mishap({ wrongChip: true }), scanned],
  PROTECTED: [mishap({ protected: true }), scanned],
  CHIP_REFUSED: [mishap({ nackWrite: -1 }), scanned],
  // A used board: a blank one is not erased.
  CHIP_BUSY: [
    {
      slot: over("usb"),
      placeOf(_slot, barcode, place) {
        const used = boardOf(barcode, { slowErase: 1000 });
        used.chip().flash.fill(0);
        return { ...place, connect: connectUsb(used, place.clock) };
      },
    },
    scanned,
  ],
  LOADER_FAULT: [
    {
      slot: { port: { kind: "sim", chip: "STM32G0B1", wire: "usb" } },
      profile: { optionBytes: new Map([["RDP", 0xaa]]) },
    },
    scanned,
  ],
  LINK_NOISE: [wired(noisy(boardOf("U-1"))), scanned],
  VERIFY_MISMATCH: [mishap({ flipBit: 100 }), scanned],
  // A cell of the unit's data that fell over in the reset behind the option bytes.
  DATA_MISMATCH: [
    {
      dataAt: 0x1800,
      ...options,
      ...wired(flipped, (board) => {
        board.chip().flash[0x1800] = 0;
      }),
    },
    scanned,
  ],
  OPTION_MISMATCH: [mishap({ optionsStick: true }, options), scanned],
  // It comes back from the reset and lets nothing be read any more.
  OPTION_UNKNOWN: [
    { ...options, ...wired(boardOf("U-1"), () => boardOf("U-1", { protected: true })) },
    scanned,
  ],
  BOARD_CHANGED: [mishap({ swapAt: 1024 }), scanned],
  BOARD_LEFT: [mishap({ pullAt: 1024 }), scanned],
  // It was pulled, and is still away when it is run again.
  BOARD_NOT_BACK: [
    {
      slot: over("usb"),
      placeOf: (_slot, _barcode, place) => away(place),
    },
    async (it) => {
      it.scan("U-1");
      await it.until(failed);
      it.send({ type: "enter" });
      await it.until((view) => !failed(view));
      it.scan("U-1");
      await it.until(({ last }) => last.length === 2);
    },
  ],
  UNIT_MISMATCH: after((board) => board, {}),
  LABEL_MISMATCH: [
    {
      profile: { barcode: /^U-/u },
      labels: {
        scanBack: true,
        print: async () => await Promise.resolve({ kind: "printed" as const, name: "unit", scans: ["L-1"] }),
      },
    },
    async (it) => {
      it.scan("U-1");
      await it.until(({ call }) => call.kind === "label");
      it.scan("L-7", "L-8");
    },
  ],
  LINK_SILENT: [mishap({ muteAfter: 0 }), scanned],
  CAN_TWO_BOARDS: [canSlot(2), scanned],
  CAN_DEAD: [canSlot(0), scanned],
  ADAPTER_LOST: [canSlot(1, pulledAt(300)), scanned],
  ADAPTER_RATE: [canSlot(1, undefined, [250_000]), scanned],
  RECORD_FAILED: [
    { pace: "real" },
    async (it) => {
      it.scan("U-1");
      await it.until(runs);
      it.store.close();
    },
  ],
  STATION_BUG: [
    {
      placeOf: (_slot, _barcode, place) => ({
        ...place,
        connect: () => Promise.reject(new TypeError("undefined is not a board")),
      }),
    },
    scanned,
  ],
};

const real = Object.keys(ways) as FaultCode[]; // the table's own keys

describe("a fault at the bench: its word, its symbol, what to do with this board", () => {
  test.each(real)("%s", async (code) => {
    const [given, come] = ways[code] ?? [{}, scanned];
    const it = line(given);
    await come(it);
    const view = await it.until(
      ({ call, running, last }) =>
        running === 0 && last.length > 0 && (call.kind === "failed" || call.kind === "stop"),
    );
    const newest = view.slots.find(({ name }) => name === view.last[0]?.slot)?.state;
    expect(newest).toMatchObject({ outcome: { kind: faults[code].verdict, failure: { code } } });
    await expect(`${steadyScreen(view)}\n`).toMatchFileSnapshot(`../../ui/frames/bench/fault-${code}.txt`);
  });

  test("INTERRUPTED", async () => {
    // It falls silent half-way, so that there is time to press twice.
    const it = line(mishap({ muteAfter: 2048 }, { pace: "real" }));
    it.scan("U-1");
    await it.until(({ slots: [first] }) => first?.state.kind === "running" && first.state.step === "write");
    it.send({ type: "interrupt" }, { type: "interrupt" });
    await it.station.left;
    expect(it.store.lastAttempt("U-1", "sim")).toMatchObject({
      outcome: { kind: "ABORTED", failure: { code: "INTERRUPTED" } },
    });
    // At the real pace, which steps took longest is another each time.
    const screen = steadyScreen(it.station.view()).replaceAll(/\b[a-z]+ +\d+\.\d(?= |$)/gm, "step ~");
    await expect(`${screen}\n`).toMatchFileSnapshot("../../ui/frames/bench/fault-INTERRUPTED.txt");
  });

  test("every code has its screen, from here or, where no simulated bench comes to it, made up", () => {
    const all = [...real, "INTERRUPTED", ...Object.keys(madeFaults)];
    expect(all.toSorted()).toEqual(Object.keys(faults).toSorted());
  });
});
