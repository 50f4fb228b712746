import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";

const module = new URL("../../../../src/cli/line/steady-heap.ts", import.meta.url).href;

/** Makes objects of which many live for a while, and says how large their space was at most, in MiB. */
const busy = (first: string): string => `
  import { getHeapSpaceStatistics } from "node:v8";
  import { setTimeout } from "node:timers/promises";
  ${first}
  let kept = [];
  let most = 0;
  for (let i = 0; i < 3_000_000; i += 1) {
    kept.push({ a: i, b: [i] });
    if (kept.length > 20_000) kept = kept.slice(10_000);
    if (i % 100_000 === 0) {
      // Time goes on while boards run: here as much as a few of their looks take.
      await setTimeout(50);
      most = Math.max(most, getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space").space_size);
    }
  }
  process.stdout.write(String(most / 1024 / 1024));
  process.exit();
`;

const grownTo = (first: string): number =>
  Number(execFileSync(process.execPath, ["--input-type=module", "-e", busy(first)], { encoding: "utf8" }));

test("the space of young objects does not grow to its last size while boards run", () => {
  expect(grownTo("")).toBeGreaterThan(32);
  expect(
    grownTo(`const { steadyHeap } = await import(${JSON.stringify(module)}); steadyHeap();`),
  ).toBeLessThanOrEqual(32);
}, 60_000);
