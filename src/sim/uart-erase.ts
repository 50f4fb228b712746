import type { Sector } from "../model/memory.ts";
import type { SimBoard } from "./board.ts";
import { ACK, NACK, type Expect, type Step } from "./uart-step.ts";

/** Erase and Extended Erase behind their commands: the list of pages, or all (sections 3.8 and 3.9). */
export interface UartErase {
  short(): Expect;
  extended(): Expect;
}

export function uartErase(board: SimBoard): UartErase {
  const quirks = (): ReadonlySet<string> => board.chip().spec.family.quirks;

  function erasePages(numbers: readonly number[]): Step {
    const chip = board.chip();
    const { sectors } = chip.map();
    const pages = numbers
      .map((n) => sectors.find((sector) => sector.index === n))
      .filter((sector): sector is Sector => sector !== undefined);
    if (pages.length < numbers.length) chip.complaints.push("erase of a page that the chip has not");
    const onlyFirst = quirks().has("one-page-per-erase") && pages.length > 1;
    if (onlyFirst) chip.complaints.push("more than one page in an erase that takes one");
    const ms = (onlyFirst ? pages.slice(0, 1) : pages).reduce((sum, page) => sum + chip.erase(page).ms, 0);
    return { say: [ACK], ms };
  }

  function massErase(): Step {
    if (quirks().has("no-mass-erase")) return { say: [NACK] };
    return { say: [ACK], ms: board.chip().eraseAll().ms };
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
