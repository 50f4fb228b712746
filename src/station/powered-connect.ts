import { Fault, type FaultCode } from "../model/fault.ts";
import type { Bootloader, Connect } from "../protocol/bootloader.ts";

/** Ends of a start that a board without power for a moment may get over. */
const stuck: readonly FaultCode[] = ["NO_BOARD", "LINK_SILENT"];

/** Takes the power of a slot's board away and gives it back. */
export type CyclePower = (signal: AbortSignal) => Promise<{ readonly done: boolean; readonly text: string }>;

export interface PoweredConnect {
  readonly connect: Connect;
  /** What was done with the power, since this was asked the last time. */
  notes(): readonly string[];
}

/**
 * A start that finds nobody is tried once more after the power was off. Only the first start of an attempt: later ones
 * would lose what was done. A board that needed it counts as repeated, so that its pass is marginal.
 */
export function poweredConnect(connect: Connect, cycle: CyclePower): PoweredConnect {
  let isFirst = true;
  let notes: string[] = [];
  return {
    async connect(signal) {
      const mayCycle = isFirst;
      isFirst = false;
      try {
        return await connect(signal);
      } catch (error) {
        if (!mayCycle || !(error instanceof Fault) || !stuck.includes(error.code) || signal.aborted)
          throw error;
        const { done, text } = await cycle(signal);
        notes.push(`${error.code}: ${text}`);
        if (!done) throw error;
        return repeated(await connect(signal));
      }
    },
    notes() {
      const taken = notes;
      notes = [];
      return taken;
    },
  };
}

/** The same loader, one repeat more. */
function repeated(loader: Bootloader): Bootloader {
  return Object.create(loader, { repeats: { get: () => loader.repeats + 1 } }) as Bootloader;
}
