import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { chipSpec } from "../../src/family/table.ts";
import { loadImage } from "../../src/image/load.ts";
import { benchClock } from "../../src/lib/bench-clock.ts";
import { flatten } from "../../src/model/memory.ts";
import { canBootloader } from "../../src/protocol/can/can-bootloader.ts";
import { ACK, aheadDataId, codes, dataId, padded, split, stretch } from "../../src/protocol/can/frames.ts";
import type { CanFrame } from "../../src/protocol/links.ts";
import { simBoard } from "../../src/sim/board.ts";
import { bitsMs, plainBits, wireBits, type FrameBits } from "../../src/sim/can/can-bits.ts";
import { canBus } from "../../src/sim/can/can-bus.ts";
import { canChip } from "../../src/sim/can/can-chip.ts";
import { simCanLink } from "../../src/sim/can/can-link.ts";
import { canRom, fdcanRom } from "../../src/sim/can/can-rom.ts";
import { fdcanChip } from "../../src/sim/can/fdcan-chip.ts";

const help = `npm run bench:can -- [--image FILE] [--blocks N] [--json]

Times our host against a simulated F405 (classic) and G0B1 (FD) on a bus that keeps bit time: milliseconds for a block
of 256 bytes, and that over what its frames take on the bus at the least: without any stuff bit, as the fact sheet
counts, and with those that this data needs. Bench time, so the machine does not matter.
`;
const blockBytes = 256;
const start = 0x0800_0000;
const never = new AbortController().signal;

interface Line {
  readonly name: string;
  readonly chip: string;
  readonly nominal: number;
  readonly data: number | null;
}
const classic = (kbit: number): Line => ({
  name: kbit === 1000 ? "1M" : `${kbit}k`,
  chip: "STM32F405",
  nominal: kbit * 1000,
  data: null,
});
const fd = (nominal: number, data: number): Line => ({
  name: `${nominal}k/${data / 1000}M`,
  chip: "STM32G0B1",
  nominal: nominal * 1000,
  data: data * 1000,
});
const lines: readonly Line[] = [
  ...[125, 250, 500, 1000].map(classic),
  fd(250, 1000),
  fd(500, 2000),
  fd(600, 2400),
  fd(1000, 4000),
];
const roundTrips = [0, 0.125, 1] as const;

/** Milliseconds of a block. */
interface Measured {
  readonly line: string;
  readonly verb: "write" | "read";
  /** Data frames of a write go ahead of their ACKs, or each behind the ACK of the one before. */
  readonly ahead: boolean;
  readonly roundTripMs: number;
  readonly ms: number;
  readonly plainMs: number;
  readonly stuffedMs: number;
  /** Programming, in which the bus is idle. */
  readonly flashMs: number;
}

const { values } = parseArgs({
  options: {
    image: { type: "string", default: resolve(import.meta.dirname, "../../profiles/firmware/demo.hex") },
    blocks: { type: "string", default: "32" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(help);
else {
  const rows = await everyCell(await imageOf(values.image, Number(values.blocks)));
  process.stdout.write(values.json ? `${JSON.stringify(rows)}\n` : `${tables(rows)}\n`);
}

async function imageOf(path: string, blocks: number): Promise<Uint8Array> {
  if (!Number.isInteger(blocks) || blocks < 1 || blocks > 64) throw new Error(help);
  const loaded = await loadImage(path, path.endsWith(".bin") ? { at: start } : {});
  if (!loaded.ok) throw new Error(`${path} is no image`);
  return flatten(loaded.image.segments, start, blocks * blockBytes, 0xff);
}

async function everyCell(image: Uint8Array): Promise<Measured[]> {
  const rows: Measured[] = [];
  for (const ahead of [true, false])
    for (const line of lines)
      for (const roundTripMs of roundTrips) rows.push(...(await cell(line, roundTripMs, ahead, image)));
  return rows;
}

async function cell(line: Line, roundTripMs: number, ahead: boolean, image: Uint8Array): Promise<Measured[]> {
  const clock = benchClock();
  const bus = canBus(clock);
  const spec = chipSpec(line.chip, new Uint8Array(12));
  const { family } = spec;
  const board = simBoard(spec);
  const rates = line.data === null ? null : { bitrate: line.nominal, dataBitrate: line.data };
  if (rates === null) canChip(board, canRom(family), bus);
  else fdcanChip(board, { ...fdcanRom(family), ...rates }, bus);
  const link = simCanLink(bus, { roundTripMs, queue: 10, echoes: true });
  const options = { startBitrate: rates?.bitrate ?? 125_000, bitrate: line.nominal, fd: line.data };
  await using loader = await canBootloader(link, options, never);
  await loader.identify(never);
  // Without RAM there is nothing to try it with, so nothing goes ahead.
  loader.adopt(ahead ? family : { ...family, usableRam: [] });
  const blocks = split(image, blockBytes);
  const { sectors } = board.chip().map();
  for (const sector of sectors.filter(({ address }) => address <= start + image.length + blockBytes))
    await loader.erase([sector], never);
  if (family.deviceFeature !== null)
    await loader.write(family.deviceFeature, Uint8Array.of(3, 0xff, 0xff, 0xff), never);
  // The first block pays for the trial.
  await loader.write(start + image.length, new Uint8Array(blockBytes), never);

  const timed = async (verb: (at: number, block: Uint8Array) => Promise<unknown>): Promise<number> => {
    const begin = clock.now();
    for (const [i, block] of blocks.entries()) await verb(start + i * blockBytes, block);
    return (clock.now() - begin) / blocks.length;
  };
  const writeMs = await timed((at, block) => loader.write(at, block, never));
  const readMs = await timed((at) => loader.read(at, blockBytes, never));
  const unit = family.deviceFeature === null ? family.times.programBytes : 4;
  const flashMs = ((blockBytes / unit) * family.times.programTypUs) / 1000;
  const least = (verb: "write" | "read", bits: (frame: CanFrame) => FrameBits): number => {
    const frames = blocks.flatMap((block, i) => framesOf(verb, start + i * blockBytes, block, line, ahead));
    return (
      frames.reduce((sum, frame) => sum + bitsMs(bits(frame), line.nominal, line.data), 0) / blocks.length
    );
  };
  return (["write", "read"] as const).map((verb) => ({
    line: line.name,
    verb,
    ahead,
    roundTripMs,
    ms: verb === "write" ? writeMs : readMs,
    plainMs: least(verb, plainBits),
    stuffedMs: least(verb, wireBits),
    flashMs: verb === "write" ? flashMs : 0,
  }));
}

/** Every frame of one block, both ways. */
function framesOf(
  verb: "write" | "read",
  at: number,
  block: Uint8Array,
  line: Line,
  ahead: boolean,
): CanFrame[] {
  const isFd = line.data !== null;
  const code = codes[verb];
  const frame = (id: number, data: Uint8Array): CanFrame => ({ id, data, fd: isFd });
  const ack = frame(code, Uint8Array.of(ACK));
  const parts = split(block, isFd ? 64 : 8).map((part) => (isFd ? padded(part, 64) : part));
  const data = parts.map((part, i) => frame(verb === "read" ? code : ahead ? aheadDataId(i) : dataId, part));
  const acks = verb === "write" && !isFd ? parts.map(() => ack) : [];
  return [frame(code, stretch(at, block.length)), ack, ...data, ...acks, ack];
}

function tables(rows: readonly Measured[]): string {
  const parts = [
    table("Write, data frames ahead of their ACKs", rows, "write", true),
    table("Read", rows, "read", true),
    table("Write, each data frame behind the ACK before it", rows, "write", false),
  ];
  return parts.join("\n\n");
}

function table(title: string, rows: readonly Measured[], verb: Measured["verb"], ahead: boolean): string {
  const mine = rows.filter((row) => row.verb === verb && row.ahead === ahead);
  const head = "rate       round trip  ms/256 B  /no stuffing  /stuffed  /and flash  kB/s  bound by";
  const text = mine.map((row) => {
    const still = mine.find((other) => other.line === row.line && other.roundTripMs === 0) ?? row;
    return [
      row.line.padEnd(10),
      `${row.roundTripMs} ms`.padStart(10),
      row.ms.toFixed(3).padStart(9),
      (row.ms / row.plainMs).toFixed(3).padStart(13),
      (row.ms / row.stuffedMs).toFixed(3).padStart(9),
      (row.ms / (row.stuffedMs + row.flashMs)).toFixed(3).padStart(11),
      (blockBytes / row.ms).toFixed(1).padStart(5),
      ` ${bounds(row, still)}`,
    ].join(" ");
  });
  return [title, head, ...text].join("\n");
}

/** Shares of a block's time, the largest first; what is under one per cent is left out. */
function bounds(row: Measured, still: Measured): string {
  const adapter = row.ms - still.ms;
  const shares = {
    bus: row.stuffedMs,
    flash: row.flashMs,
    adapter,
    loader: row.ms - row.stuffedMs - row.flashMs - adapter,
  };
  return Object.entries(shares)
    .map(([name, ms]) => ({ name, share: Math.round((100 * ms) / row.ms) }))
    .filter(({ share }) => share >= 1)
    .toSorted((a, b) => b.share - a.share)
    .map(({ name, share }) => `${name} ${share} %`)
    .join(", ");
}
