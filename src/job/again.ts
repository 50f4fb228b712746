import { Fault } from "../model/fault.ts";
import type { AttemptState } from "./attempt-state.ts";

/** What is refused is sent again so many times (contract, Outcomes). */
const mostRetries = 3;

/** Does it again where the chip refuses it: a NACK says that nothing was done. Each retry makes the unit marginal. */
export async function again<T>(state: AttemptState, act: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "CHIP_REFUSED" || tries === mostRetries) throw error;
      state.retries += 1;
    }
  }
}
