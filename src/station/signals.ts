import type { SignalName } from "../model/bench-rules.ts";
import { runningCount, type BenchState } from "./bench-state.ts";

/**
 * What a stack light or a sound is told about a change. `fail` and `refuse` at once; `pass` when the last board of a
 * tray is done and nothing waits for hands; `idle` when the last verdict was seen and the last refusal is gone.
 */
export function signalsOf(before: BenchState, after: BenchState): readonly SignalName[] {
  const signals: SignalName[] = [];
  const calls = (state: BenchState): boolean => state.toAcknowledge.length > 0 || state.stopped !== null;
  const fresh = after.toAcknowledge.some((slot) => !before.toAcknowledge.includes(slot));
  if (fresh || (after.stopped !== null && before.stopped === null)) signals.push("fail");
  if (after.refused !== null && after.refused !== before.refused) signals.push("refuse");
  const trayOver = runningCount(before) > 0 && runningCount(after) === 0;
  if (trayOver && !calls(after) && after.last[0]?.outcome === "PASS") signals.push("pass");
  const called = calls(before) || before.refused !== null;
  if (called && !calls(after) && after.refused === null) signals.push("idle");
  return signals;
}
