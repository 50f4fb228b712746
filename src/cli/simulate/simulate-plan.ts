import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { toHex } from "../../lib/bytes.ts";
import type { Wire } from "../../model/family.ts";
import type { Mishap } from "../../model/mishap.ts";
import { parsePort } from "../../model/port.ts";
import { simUid } from "../../sim/sim-bench.ts";
import { simulatedComplaint } from "../chips.ts";
import { mishapOfWords } from "./mishap-words.ts";
import { seatOf, wrong, type Seat, type UsbWords } from "./seat-words.ts";

/** The words of `simulate`. The n-th of each list belongs to the n-th board. */
export interface SimulateOptions {
  /** `LINE:WIRE`, one a board. */
  readonly boards: readonly string[];
  /** Names for the ports: one a board (`none` where it has none), or none. */
  readonly links: readonly string[];
  /** Files that get the flash at the end: one a board, or none. */
  readonly dumps: readonly string[];
  /** Planned trouble: one a board (`none` where it has none), or none at all; for a single board as many as liked. */
  readonly mishaps: readonly string[];
  /** One a board, or none. */
  readonly uids: readonly string[];
  readonly pace: "real" | "fast";
  /** 115200 by default. */
  readonly baud: number | null;
  /** What concerns USB; absent: nothing was said. */
  readonly usb?: UsbWords;
}

export interface PlannedBoard {
  readonly chip: string;
  readonly uid: string;
  readonly link: string | null;
  readonly dump: string | null;
  readonly mishap: Mishap;
  readonly seat: Seat;
}

const noUsb: UsbWords = {
  adapters: [],
  roms: [],
  applications: [],
  wiring: null,
  foreign: [],
  serve: null,
  attach: null,
  reseat: null,
};

export const usbWords = (options: SimulateOptions): UsbWords => options.usb ?? noUsb;

/** The boards that the words ask for; throws a mistake of the command line. */
export function plansOf(options: SimulateOptions): PlannedBoard[] {
  const { boards, links, dumps, mishaps, uids } = options;
  const usb = usbWords(options);
  if (boards.length === 0 && usb.foreign.length === 0)
    throw wrong("--board", "at least one was expected, such as --board STM32F405:uart");
  for (const [name, list] of Object.entries({ link: links, dump: dumps, uid: uids }))
    if (list.length > 0 && list.length !== boards.length)
      throw wrong(`--${name}`, `${list.length} found, one for each of ${boards.length} boards was expected`);
  for (const [name, list] of Object.entries({
    adapter: usb.adapters,
    rom: usb.roms,
    application: usb.applications,
  }))
    if (list.length > 1 && list.length !== boards.length)
      throw wrong(
        `--${name}`,
        `${list.length} found, one for all or one for each of ${boards.length} boards was expected`,
      );
  if (mishaps.length > 0 && boards.length > 1 && mishaps.length !== boards.length)
    throw wrong(
      "--mishap",
      `${mishaps.length} found, one for each of ${boards.length} boards was expected ("none" for a good one)`,
    );
  for (const [name, list] of Object.entries({ link: links, dump: dumps, uid: uids }))
    for (const [i, one] of list.entries())
      if (one !== "none" && list.indexOf(one) !== i) throw wrong(`--${name}`, `"${one}" found twice`);
  for (const dump of dumps) checkFolder("--dump", dump, "a file");
  const { baud } = options;
  if (baud !== null && (baud < 1200 || baud > 4_000_000))
    throw wrong("--baud", `${baud} found, a rate from 1200 to 4000000 was expected`);
  if (usb.serve !== null && usb.serve > 65_535)
    throw wrong("--serve", `${usb.serve} found, a port from 0 to 65535 was expected`);
  const plans = boards.map((board, i) => planOf(options, board, i));
  checkChannels(plans);
  return plans;
}

/** Linux's driver refused an adapter with more until 2022 (GS_MAX_INTF). */
const mostChannels = 3;

function checkChannels(plans: readonly PlannedBoard[]): void {
  const names = plans.flatMap(({ seat }) =>
    seat.kind === "gs_usb" && seat.adapter !== null ? [seat.adapter] : [],
  );
  for (const name of new Set(names)) {
    const count = names.filter((one) => one === name).length;
    if (count > mostChannels)
      throw wrong(
        "--adapter",
        `gs_usb:${name} found ${count} times, an adapter has ${mostChannels} channels at most`,
      );
  }
}

function planOf(options: SimulateOptions, board: string, i: number): PlannedBoard {
  const { boards, links, dumps, mishaps, uids } = options;
  const { chip, wire } = chipOf(board);
  const named = links[i] ?? "none";
  const link = named === "none" ? null : named;
  const words = (boards.length === 1 ? mishaps : mishaps.slice(i, i + 1)).flatMap((one) => one.split(","));
  const twin = words.some(isTwin);
  const trouble = words.filter((one) => !isTwin(one));
  const mishap = Object.assign({}, ...trouble.map(mishapOf)) as Mishap;
  const uid = uids[i] ?? mishap.uid ?? toHex(simUid(`${chip} ${link ?? `pty ${i}`}`));
  if (!/^[0-9a-f]{24}$/.test(uid))
    throw wrong("--uid", `"${uid}" found, 24 lower-case hex digits were expected`);
  const seat = seatOf(usbWords(options), named, wire, i, twin);
  if (twin && seat.kind !== "usb") throw wrong("--mishap", "twin found, it belongs to a USB board");
  if (link !== null && (seat.kind === "usb" || seat.kind === "gs_usb"))
    throw wrong(
      "--link",
      `"${link}" found, a ${wire === "can" ? "CAN" : "USB"} board has no serial port: "none" was expected`,
    );
  if (link !== null && seat.kind !== "socketcan") checkFolder("--link", link, "a name");
  return { chip, uid, link, dump: dumps[i] ?? null, mishap, seat };
}

/** Trouble of the bench, not of the board: its USB serial number is that of the first USB board. */
const isTwin = (word: string): boolean => word.trim() === "twin";

function chipOf(board: string): { readonly chip: string; readonly wire: Wire } {
  const port = parsePort(`sim:${board}`);
  if (typeof port === "string" || port.kind !== "sim")
    throw wrong("--board", `"${board}" found, a line and a wire such as STM32F405:uart were expected`);
  const { chip, wire } = port;
  const why = simulatedComplaint(chip, wire);
  if (why !== null) throw wrong("--board", why);
  return { chip, wire };
}

function mishapOf(words: string): Mishap {
  if (words.trim() === "none") return {};
  const mishap = mishapOfWords(words);
  if (typeof mishap === "string") throw wrong("--mishap", mishap);
  return mishap;
}

// Told now, not after an hour of programming.
function checkFolder(option: string, path: string, what: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch {
    throw wrong(option, `"${path}" found, ${what} in a folder that can be written was expected`);
  }
  if (option === "--dump" && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
    throw wrong(option, `"${path}" found, which is a folder; a file was expected`);
}
