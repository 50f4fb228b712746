import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { dataFolder, raw, unlocked } from "./books.ts";

const child = join(import.meta.dirname, "race-child.ts");
const run = promisify(execFile);

test(
  "eight processes reserve 4 000 numbers of one series: each once, none lost, no error",
  { timeout: 60_000 },
  async () => {
    const folder = dataFolder();
    unlocked(folder).close();
    const names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const ends = await Promise.all(names.map((name) => run(process.execPath, [child, folder, name, "500"])));
    const told = ends.flatMap(({ stdout }) => stdout.trim().split("\n"));
    expect(ends.map(({ stderr }) => stderr).join("")).toBe("");
    expect(new Set(told).size).toBe(4000);
    const numbers = Array.from({ length: 4000 }, (_, i) => `R-${i + 1}`);
    expect(told.sort()).toEqual(numbers.sort());
    expect(raw(folder).prepare("SELECT count(*) AS n FROM moves").get()).toEqual({ n: 4000 });
  },
);
