import { chipSpec } from "../../../../src/family/table.ts";
import { benchClock } from "../../../../src/lib/bench-clock.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import type { DeviceFamily, Quirk } from "../../../../src/model/family.ts";
import type { Mishap } from "../../../../src/model/mishap.ts";
import type { Bootloader } from "../../../../src/protocol/bootloader.ts";
import { canBootloader, type CanOptions } from "../../../../src/protocol/can/can-bootloader.ts";
import type { CanFrame } from "../../../../src/protocol/links.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { canBus, type CanBusOptions } from "../../../../src/sim/can/can-bus.ts";
import { canChip } from "../../../../src/sim/can/can-chip.ts";
import {
  gsUsbAdapter,
  simCanLink,
  type SimAdapter,
  type SimCanLink,
} from "../../../../src/sim/can/can-link.ts";
import { canLoader, canRom, fdcanRom, type CanRom, type FdcanRom } from "../../../../src/sim/can/can-rom.ts";
import { fdcanChip } from "../../../../src/sim/can/fdcan-chip.ts";

export const never = new AbortController().signal;
const uid = Uint8Array.from({ length: 12 }, (_, i) => 0x41 + i);
export const flashStart = 0x0800_0000;

export interface HostOptions {
  readonly rom?: Partial<CanRom> & Partial<FdcanRom>;
  readonly mishap?: Mishap;
  readonly bus?: CanBusOptions;
  readonly adapter?: Partial<SimAdapter>;
  readonly bitrate?: number;
  readonly quirks?: readonly Quirk[];
  /** A second board on the same bus. */
  readonly second?: Partial<CanRom> & Partial<FdcanRom>;
}

interface Seen {
  readonly text: string;
  readonly id: number;
  readonly rate: number;
}

const textOf = ({ id, data }: CanFrame): string => `${id.toString(16).padStart(3, "0")}#${toHex(data)}`;

/** A board on a bus, our host beside it, and all that goes over the bus. */
export function canHost(chipName: string, options: HostOptions = {}) {
  const clock = benchClock();
  const traffic: Seen[] = [];
  const bus = canBus(clock, {
    disturbs(frame, rates) {
      traffic.push({ text: textOf(frame), id: frame.id, rate: rates.nominal });
      return options.bus?.disturbs?.(frame, rates) ?? false;
    },
  });
  const known = chipSpec(chipName, uid);
  const family: DeviceFamily =
    options.quirks === undefined ? known.family : { ...known.family, quirks: new Set(options.quirks) };
  const spec = { ...known, family };
  const { bitrate: startBitrate, dataBitrate: fd } = canLoader(family);
  const put = (rom: Partial<CanRom> & Partial<FdcanRom>, number: number) => {
    const board = simBoard({ ...spec, uid: uid.map((byte) => byte + number) }, options.mishap);
    const chip =
      fd === null
        ? canChip(board, { ...canRom(family), ...rom }, bus)
        : fdcanChip(board, { ...fdcanRom(family), ...rom }, bus);
    return { board, chip };
  };
  const { board, chip } = put(options.rom ?? {}, 0);
  if (options.second !== undefined) put(options.second, 1);
  let link: SimCanLink | null = null;

  async function connect(over: Partial<CanOptions> = {}): Promise<Bootloader> {
    link = simCanLink(bus, { ...gsUsbAdapter, ...options.adapter });
    const loader = await canBootloader(
      link,
      { startBitrate, bitrate: options.bitrate ?? 1_000_000, fd, ...over },
      never,
    );
    await loader.identify(never);
    loader.adopt(family);
    return loader;
  }

  return {
    clock,
    bus,
    board,
    chip,
    connect,
    /** Each frame that was begun on the bus, whoever sent it. */
    traffic,
    rate: () => traffic.at(-1)?.rate ?? 0,
    family,
    flash: () => board.chip().flash,
    complaints: () => board.chip().complaints,
    link: () => link,
  };
}

/** Bytes that differ from each other and from erased flash. */
export const some = (length: number, seed = 0): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => 1 + ((i * 7 + seed + (i >> 8)) % 250));

/** Erases the first sector and writes a few blocks behind each other. */
export async function program(
  host: ReturnType<typeof canHost>,
  loader: Bootloader,
  bytes: Uint8Array,
): Promise<void> {
  const sectors = host.board
    .chip()
    .map()
    .sectors.filter(({ address }) => address < flashStart + bytes.length);
  for (let at = 0; at < sectors.length; at += loader.unitsPerErase)
    await loader.erase(sectors.slice(at, at + loader.unitsPerErase), never);
  for (let at = 0; at < bytes.length; at += 256)
    await loader.write(flashStart + at, bytes.subarray(at, at + 256), never);
}
