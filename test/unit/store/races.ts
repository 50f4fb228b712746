import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { must } from "../../reliability/random.ts";
import { dataFolder, raw, unlocked } from "./books.ts";

const child = join(import.meta.dirname, "race-child.ts");
const run = promisify(execFile);

/** Processes that reserve numbers of one series at the same time. */
export interface Race {
  /** Data folder with their books. */
  readonly folder: string;
  /** What each process was told, one behind another. */
  readonly told: readonly string[];
  readonly errors: string;
}

export async function race(processes: number, each: number): Promise<Race> {
  const folder = dataFolder();
  unlocked(folder).close();
  const names = Array.from({ length: processes }, (_, i) => `p${i}`);
  const ends = await Promise.all(
    names.map((name) => run(process.execPath, [child, folder, name, String(each)], { maxBuffer: 2 ** 26 })),
  );
  return {
    folder,
    told: ends.flatMap(({ stdout }) => stdout.trim().split("\n")),
    errors: ends.map(({ stderr }) => stderr).join(""),
  };
}

/** Throws unless each number from 1 to `wanted` was told once, and SQLite alone finds the same ones, each moved once. */
export function judgeRace({ folder, told, errors }: Race, wanted: number): void {
  must(errors === "", errors);
  const numbers = Array.from({ length: wanted }, (_, i) => `R-${i + 1}`);
  const unique = new Set(told);
  must(unique.size === told.length, `${told.length - unique.size} numbers were told twice`);
  const lost = numbers.filter((text) => !unique.has(text));
  must(
    told.length === wanted && lost.length === 0,
    `${told.length} of ${wanted} numbers were told, not ${lost.slice(0, 5).join()}`,
  );
  const books = raw(folder);
  const rows = books
    .prepare<[], string>(
      "SELECT numbers.text FROM numbers JOIN moves ON number_id = numbers.id ORDER BY number",
    )
    .pluck()
    .all();
  books.close();
  must(rows.join() === numbers.join(), `the books have ${rows.length} of ${wanted} numbers`);
}
