import { equalBytes } from "../lib/bytes.ts";
import { Fault } from "../model/fault.ts";
import type { Bootloader } from "../protocol/bootloader.ts";

/** Answers that are asked for at most before the wire is said to be noisy. */
const mostAnswers = 5;

type Answer = Uint8Array | Fault | null;

/**
 * A loader whose `tryRead` believes an answer once two in a row agree. What it reads (UID, size, option bytes, a number
 * in the chip) decides what is bound and written, nothing wanted is there to compare it with, and read-back data
 * carries no checksum. A refusal and a lock are answers, too. `repeated` is told of each answer that was not believed.
 */
export function sureReads(loader: Bootloader, repeated: () => void): Bootloader {
  async function answer(address: number, length: number, signal: AbortSignal): Promise<Answer> {
    try {
      return await loader.tryRead(address, length, signal);
    } catch (error) {
      if (error instanceof Fault && error.code === "PROTECTED") return error;
      throw error;
    }
  }

  async function tryRead(address: number, length: number, signal: AbortSignal): Promise<Uint8Array | null> {
    let last = await answer(address, length, signal);
    for (let asked = 2; asked <= mostAnswers; asked += 1) {
      const next = await answer(address, length, signal);
      if (agree(last, next)) {
        if (next instanceof Fault) throw next;
        return next;
      }
      repeated();
      last = next;
    }
    throw new Fault("LINK_NOISE", `${length} bytes read ${mostAnswers} times, no two answers in a row agree`);
  }

  // Everything else is the loader's own, its getters included.
  return Object.create(loader, { tryRead: { value: tryRead } }) as Bootloader;
}

function agree(a: Answer, b: Answer): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return equalBytes(a, b);
  if (a instanceof Fault && b instanceof Fault) return a.code === b.code;
  return a === null && b === null;
}
