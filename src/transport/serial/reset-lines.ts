import { sleep, type Clock } from "../../lib/clock.ts";
import { assertNever } from "../../lib/assert-never.ts";
import type { LineChoice } from "../../model/station.ts";

/** The two outputs of a serial adapter; `true` is asserted, which is a low pin on an adapter with TTL levels. */
export interface ModemLines {
  readonly dtr: boolean;
  readonly rts: boolean;
}

/** Sets both lines at once; `false` where the port has none (a pty). */
export type SetLines = (lines: ModemLines, signal: AbortSignal) => Promise<boolean>;

export interface ResetLines {
  /** Lets go of both pins, so that an opened port leaves the board alone. */
  rest(signal: AbortSignal): Promise<boolean>;
  toLoader(signal: AbortSignal): Promise<boolean>;
  toApplication(signal: AbortSignal): Promise<boolean>;
}

/** Reset is held so long: the capacitor at the pin has to empty. */
const pulseMs = 50;
/** Most loaders listen by now (protocols/uart-an3155.md, section 1.1); the slow ones answer a later sync byte. */
const loaderStartMs = 150;

/**
 * BOOT0 and RESET behind the modem lines that a slot names. Plain `dtr` or `rts`: the asserted line is the active pin
 * (BOOT0 high, the chip held in reset); with `!` the released line is. A slot whose BOOT0 is strapped needs a reset line
 * only; but then no reset reaches the application.
 */
export function resetLines(boot0: LineChoice, reset: LineChoice, clock: Clock, set: SetLines): ResetLines {
  async function pulse(loader: boolean, waitMs: number, signal: AbortSignal): Promise<boolean> {
    if (!(await set(levels(boot0, loader, reset, true), signal))) return false;
    await sleep(clock, pulseMs, signal);
    await set(levels(boot0, loader, reset, false), signal);
    await sleep(clock, waitMs, signal);
    return true;
  }

  const none = (): Promise<boolean> => Promise.resolve(false);
  const wired = boot0 !== "none" || reset !== "none";
  return {
    rest: wired ? (signal) => set(levels(boot0, false, reset, false), signal) : none,
    toLoader: reset === "none" ? none : (signal) => pulse(true, loaderStartMs, signal),
    toApplication: reset === "none" || boot0 === "none" ? none : (signal) => pulse(false, 0, signal),
  };
}

/** Both lines for a wanted state of both pins; a line that drives no pin stays asserted, as an open port has it. */
export function levels(
  boot0: LineChoice,
  boot0Active: boolean,
  reset: LineChoice,
  resetActive: boolean,
): ModemLines {
  const lines = { dtr: true, rts: true };
  drive(lines, boot0, boot0Active);
  drive(lines, reset, resetActive);
  return lines;
}

function drive(lines: { dtr: boolean; rts: boolean }, line: LineChoice, active: boolean): void {
  switch (line) {
    case "none":
      return;
    case "dtr":
    case "rts":
      lines[line] = active;
      return;
    case "!dtr":
      lines.dtr = !active;
      return;
    case "!rts":
      lines.rts = !active;
      return;
    default:
      assertNever(line);
  }
}
