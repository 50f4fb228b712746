import type { LoaderMemory } from "../loader-memory.ts";
import { ACK, NACK, type Expect, type Step } from "./uart-step.ts";

/** Erase and Extended Erase behind their commands: the list of pages, or all (sections 3.8 and 3.9). */
export interface UartErase {
  short(): Expect;
  extended(): Expect;
}

export function uartErase(memory: LoaderMemory): UartErase {
  const erasePages = (numbers: readonly number[]): Step => ({ say: [ACK], ms: memory.erasePages(numbers) });

  function massErase(): Step {
    const ms = memory.eraseAll();
    return ms === null ? { say: [NACK] } : { say: [ACK], ms };
  }

  function short(): Expect {
    return {
      count: 2,
      act([n = 0, first = 0]) {
        if (n === 0xff) return first === 0 ? massErase() : { say: [ACK] };
        return {
          next: {
            count: n + 1,
            act(rest) {
              const list = [first, ...rest.subarray(0, n)];
              const sum = list.reduce((xor, page) => xor ^ page, n);
              return sum === rest[n] ? erasePages(list) : { say: [NACK] };
            },
          },
        };
      },
    };
  }

  function extended(): Expect {
    return {
      count: 2,
      act([high = 0, low = 0]) {
        const n = (high << 8) | low;
        if (n >= 0xfff0)
          return {
            next: {
              count: 1,
              act: ([sum]) => (sum !== (high ^ low) || n !== 0xffff ? { say: [NACK] } : massErase()),
            },
          };
        return {
          next: {
            count: 2 * (n + 1) + 1,
            act(rest) {
              const list = Array.from(
                { length: n + 1 },
                (_, i) => ((rest[2 * i] ?? 0) << 8) | (rest[2 * i + 1] ?? 0),
              );
              const sum = rest.subarray(0, -1).reduce((xor, byte) => xor ^ byte, high ^ low);
              return sum === rest.at(-1) ? erasePages(list) : { say: [NACK] };
            },
          },
        };
      },
    };
  }

  return { short, extended };
}
