import { spawn } from "node:child_process";
import { errorText } from "../../lib/thrown.ts";
import type { BenchRules, SignalName } from "../../model/bench-rules.ts";

/**
 * Runs the command of a signal: the words as they stand in the station file, without a shell, on its own. The bench
 * waits for none of them; what fails is told and stops nothing.
 */
export function signalCommands(
  signals: BenchRules["signals"],
  failed: (signal: SignalName, why: string) => void,
): (signal: SignalName) => void {
  return (signal) => {
    const [program, ...words] = signals[signal] ?? [];
    if (program === undefined) return;
    try {
      const child = spawn(program, words, {
        stdio: "ignore",
        detached: true,
        shell: false,
        windowsHide: true,
      });
      child.on("error", (error) => failed(signal, error.message));
      child.on("exit", (code, by) => {
        if (code !== 0) failed(signal, by === null ? `${program} ended with ${code}` : `${program}: ${by}`);
      });
      child.unref();
    } catch (error) {
      failed(signal, errorText(error));
    }
  };
}
