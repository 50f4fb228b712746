import { accessSync, constants, statSync } from "node:fs";
import { dirname } from "node:path";
import { chipChoice, chipSpec } from "../family/table.ts";
import { assertNever } from "../lib/assert-never.ts";
import { toHex } from "../lib/bytes.ts";
import { writeAtomic } from "../lib/write-atomic.ts";
import type { Mishap } from "../model/mishap.ts";
import { parsePort } from "../model/port.ts";
import { simBoard, type SimBoard } from "../sim/board.ts";
import { holdLink } from "../sim/os/hold-link.ts";
import { NoPty } from "../sim/os/libc.ts";
import { uartBoard } from "../sim/os/uart-board.ts";
import { simUid } from "../sim/sim-bench.ts";
import { CommandError } from "./complain.ts";
import { exitCodes } from "./exit-codes.ts";
import { interruptCode, type Io } from "./io.ts";
import { mishapOfWords } from "./mishap-words.ts";

/** The words of `simulate`. The n-th of each list belongs to the n-th board. */
export interface SimulateOptions {
  /** `LINE:WIRE`, one a board. */
  readonly boards: readonly string[];
  /** Names for the ports: one a board, or none. */
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
}

interface PlannedBoard {
  readonly chip: string;
  readonly uid: string;
  readonly link: string | null;
  readonly dump: string | null;
  readonly mishap: Mishap;
}

/**
 * `gangflash simulate`: holds simulated boards on ptys until a signal ends it, then writes their flash to files. Each
 * host that opens a port finds the board freshly put in, its flash as the last one left it (sim/os/uart-board.ts).
 */
export async function simulateCommand(options: SimulateOptions, io: Io): Promise<number> {
  const plans = plansOf(options);
  const held: SimBoard[] = [];
  {
    using ports = new DisposableStack();
    for (const plan of plans) held.push(await hold(plan, options, ports, io));
    await aborted(io.signal);
  }
  let failed = false;
  for (const [i, plan] of plans.entries()) {
    const board = held[i];
    if (plan.dump === null || board === undefined) continue;
    try {
      writeAtomic(plan.dump, board.chip().flash);
    } catch (error) {
      failed = true;
      io.err(`gangflash: ${plan.dump} could not be written: ${wordsOf(error)}`);
    }
  }
  return failed ? exitCodes.unfit : (interruptCode(io.signal) ?? exitCodes.ok);
}

async function hold(
  plan: PlannedBoard,
  options: SimulateOptions,
  ports: DisposableStack,
  io: Io,
): Promise<SimBoard> {
  const { chip, uid, link } = plan;
  const board = simBoard(chipSpec(chip, Buffer.from(uid, "hex")), plan.mishap, () =>
    chipSpec(chip, simUid(`${uid} other`)),
  );
  let path: string;
  try {
    const { pace } = options;
    const baud = options.baud ?? 115_200;
    const onSession = (session: object): void => {
      if (io.json) io.out(JSON.stringify({ type: "session", port: `uart:${link ?? path}`, ...session }));
    };
    ({ path } = ports.use(await uartBoard(board, { baud, pace, onSession })));
    if (link !== null) ports.use(holdLink(link, path));
  } catch (error) {
    throw new CommandError(
      `gangflash: ${error instanceof NoPty ? "" : `--link ${link}: `}${wordsOf(error)}`,
      exitCodes.unfit,
    );
  }
  const port = `uart:${link ?? path}`;
  if (io.json) io.out(JSON.stringify({ type: "board", port, chip, uid, device: path }));
  else io.out(`${port} ${chip} uid ${uid}`);
  return board;
}

function plansOf(options: SimulateOptions): PlannedBoard[] {
  const { boards, links, dumps, mishaps, uids } = options;
  if (boards.length === 0)
    throw wrong("--board", "at least one was expected, such as --board STM32F405:uart");
  for (const [name, list] of Object.entries({ link: links, dump: dumps, uid: uids }))
    if (list.length > 0 && list.length !== boards.length)
      throw wrong(`--${name}`, `${list.length} found, one for each of ${boards.length} boards was expected`);
  if (mishaps.length > 0 && boards.length > 1 && mishaps.length !== boards.length)
    throw wrong(
      "--mishap",
      `${mishaps.length} found, one for each of ${boards.length} boards was expected ("none" for a good one)`,
    );
  for (const [name, list] of Object.entries({ link: links, dump: dumps, uid: uids }))
    for (const [i, one] of list.entries())
      if (list.indexOf(one) !== i) throw wrong(`--${name}`, `"${one}" found twice`);
  for (const dump of dumps) checkFolder(dump);
  const { baud } = options;
  if (baud !== null && (baud < 1200 || baud > 4_000_000))
    throw wrong("--baud", `${baud} found, a rate from 1200 to 4000000 was expected`);
  return boards.map((board, i) => {
    const chip = chipOf(board);
    const link = links[i] ?? null;
    const words = boards.length === 1 ? mishaps : mishaps.slice(i, i + 1);
    const mishap = Object.assign({}, ...words.map(mishapOf)) as Mishap;
    const uid = uids[i] ?? mishap.uid ?? toHex(simUid(`${chip} ${link ?? `pty ${i}`}`));
    if (!/^[0-9a-f]{24}$/.test(uid))
      throw wrong("--uid", `"${uid}" found, 24 lower-case hex digits were expected`);
    return { chip, uid, link, dump: dumps[i] ?? null, mishap };
  });
}

function chipOf(board: string): string {
  const port = parsePort(`sim:${board}`);
  if (typeof port === "string" || port.kind !== "sim")
    throw wrong("--board", `"${board}" found, a line and a wire such as STM32F405:uart were expected`);
  const choice = chipChoice(port.chip);
  if ("nearest" in choice) {
    const [close] = choice.nearest;
    const hint = close === undefined ? "a line such as STM32F405 was expected" : `did you mean "${close}"?`;
    throw wrong("--board", `"${port.chip}" found, no such chip is known, ${hint}`);
  }
  switch (port.wire) {
    case "uart":
      return port.chip;
    case "usb":
      throw wrong(
        "--board",
        `"${board}" found: a USB board behind a real port needs USB/IP, which this version does not have; sim:${board} in a station file works`,
      );
    case "can":
      throw wrong(
        "--board",
        `"${board}" found: CAN boards come with the CAN wire, which this version does not have`,
      );
    default:
      return assertNever(port.wire);
  }
}

function mishapOf(words: string): Mishap {
  if (words === "none") return {};
  const mishap = mishapOfWords(words);
  if (typeof mishap === "string") throw wrong("--mishap", mishap);
  return mishap;
}

// Told now, not after an hour of programming.
function checkFolder(dump: string): void {
  try {
    accessSync(dirname(dump), constants.W_OK);
  } catch {
    throw wrong("--dump", `"${dump}" found, a file in a folder that can be written was expected`);
  }
  if (statSync(dump, { throwIfNoEntry: false })?.isDirectory() === true)
    throw wrong("--dump", `"${dump}" found, which is a folder; a file was expected`);
}

function wrong(option: string, why: string): CommandError {
  return new CommandError(`gangflash: ${option}: ${why}`, exitCodes.usage);
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
