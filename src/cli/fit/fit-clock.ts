import type { FitCheck } from "../../model/panel.ts";
import type { Machine } from "../doctor/machine.ts";

/** Clocks of two machines, or of one before its time server was asked, are apart by so much without harm. */
const harmlessMs = 2000;

/**
 * The clock that dates the records. `lastAt`: the newest time in the books; a clock that says less has jumped back. It
 * stops nothing: records keep their order by their numbers, and durations come from another clock.
 */
export async function clockCheck(
  machine: Pick<Machine, "now" | "text" | "clockIsKept">,
  lastAt: Date | null,
): Promise<FitCheck> {
  const behindMs = lastAt === null ? 0 : lastAt.getTime() - machine.now().getTime();
  // systemd's own service leaves a mark when it has set the clock; the kernel knows of any other.
  const marked = machine.text("/run/systemd/timesync/synchronized") !== null;
  const kept = marked || (await machine.clockIsKept());
  const facts = { kept: kept === null ? "unknown" : kept ? "yes" : "no" };
  return behindMs > harmlessMs
    ? { what: "clock", state: "look", facts: { behindMs, ...facts } }
    : { what: "clock", state: kept === true ? "yes" : "look", facts };
}
