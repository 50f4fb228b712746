import { chipSpec } from "../../../src/family/table.ts";
import { benchClock } from "../../../src/lib/bench-clock.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import type { Mishap } from "../../../src/model/mishap.ts";
import { simBoard } from "../../../src/sim/board.ts";
import { canBus, type BusNode, type Rates } from "../../../src/sim/can/can-bus.ts";
import { canChip } from "../../../src/sim/can/can-chip.ts";
import { canLoader, canRom, fdcanRom, type CanRom, type FdcanRom } from "../../../src/sim/can/can-rom.ts";
import { fdcanChip } from "../../../src/sim/can/fdcan-chip.ts";

const uid = Uint8Array.from({ length: 12 }, (_, i) => 0xa0 + i);

/** A chip on a bus, and somebody with cansend and candump beside it; both in bench time. */
export function canHand(
  chipName: string,
  rom: Partial<CanRom> & Partial<FdcanRom> = {},
  mishap: Mishap = {},
) {
  const clock = benchClock();
  const bus = canBus(clock);
  const spec = chipSpec(chipName, uid);
  const board = simBoard(spec, mishap);
  const { bitrate, dataBitrate } = canLoader(spec.family);
  const fd = dataBitrate !== null;
  const chip = fd
    ? fdcanChip(board, { ...fdcanRom(spec.family), ...rom }, bus)
    : canChip(board, { ...canRom(spec.family), ...rom }, bus);
  const log: string[] = [];
  let last = 0;
  const node: BusNode = bus.join({
    frame({ id, data }) {
      log.push(`${id.toString(16).padStart(3, "0").toUpperCase()}#${toHex(data).toUpperCase()}`);
      last = bus.now();
    },
  });
  const rates: Rates = { nominal: bitrate, data: dataBitrate };
  node.setRates(rates);
  // Until the loader listens.
  clock.pass(spec.family.bootMs + 1);

  /** Sends frames as cansend takes them, all at once, and gives what candump shows in the next `ms`. */
  function say(text: string, ms = 60_000): string {
    log.length = 0;
    for (const one of text.split(" ")) {
      const [id = "", hex = ""] = one.split("#");
      node.send({ id: Number.parseInt(id, 16), data: Buffer.from(hex, "hex"), fd });
    }
    const begin = clock.now();
    last = begin;
    clock.pass(ms);
    took = last - begin;
    return log.join(" ");
  }
  let took = 0;

  return {
    say,
    chip,
    node,
    rates,
    board: () => board.chip(),
    complaints: () => board.chip().complaints,
    pass: (ms: number) => clock.pass(ms),
    /** From the last `say` to the last frame it heard, ms. */
    tookMs: () => took,
  };
}

/** So many times one text. */
export const times = (count: number, text: string): string => Array(count).fill(text).join(" ");
