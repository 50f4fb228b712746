import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { readScans } from "../../src/ui/scan-reader.ts";
import { random, seed } from "../reliability/random.ts";

const child = join(import.meta.dirname, "scanner-child.ts");
/** As long as the event loop may stand still, ms. */
const longestStallMs = 200;

/** Code number `i`, as its label has it. */
export function codeOf(i: number): string {
  const dice = random(`scan ${i}`);
  const digits = String(dice.below(10 ** 6)).padStart(6, "0");
  return dice.pick([
    `UNIT-${digits}`,
    `\u001d010401234567890121${digits}`,
    `Ä-${digits}品`,
    `=${digits}/../x`,
    `${digits} ${dice.below(10)}`,
  ]);
}

export interface ScansEnd {
  /** What the reader made of it, in its order: a code, or the name of another input. */
  readonly heard: readonly string[];
  readonly stalls: number;
  readonly longestMs: number;
}

/** A scanner in a process of its own, and the reader of the screen in a loop that stands still again and again. */
export async function stalledScans(count: number): Promise<ScansEnd> {
  const scanner = spawn(process.execPath, [child, String(count)], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, SEED: String(seed) },
  });
  const heard: string[] = [];
  const reader = readScans(
    scanner.stdout,
    (input) => heard.push(input.type === "scanned" ? input.text : JSON.stringify(input)),
    () => {},
    () => {},
  );
  const dice = random("stalls");
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  let stalls = 0;
  let longestMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const stall = (): void => {
    const begin = performance.now();
    Atomics.wait(asleep, 0, 0, dice.below(longestStallMs + 1));
    longestMs = Math.max(longestMs, performance.now() - begin);
    stalls += 1;
    timer = setTimeout(stall, dice.below(20));
  };
  stall();
  await once(scanner, "close");
  clearTimeout(timer);
  // What came last is in the reader when the stream is done; a scan has its end and waits for nothing.
  reader.stop();
  return { heard, stalls, longestMs };
}
