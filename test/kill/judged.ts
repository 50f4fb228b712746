import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { program } from "../tools/program.ts";
import { judge, readBooks, type Books } from "./judge.ts";
import { killRounds, type RoundsEnd, type RoundsOptions } from "./rounds.ts";

export interface JudgedKills {
  readonly end: RoundsEnd;
  readonly books: Books;
  /** Each broken promise in a sentence. */
  readonly complaints: readonly string[];
  /** What the audit says first. */
  readonly audit: string;
}

/** Rounds of killed gang runs; then the flash of the chips is compared with the books, and their chain is walked. */
export async function judgedKills(options: RoundsOptions): Promise<JudgedKills> {
  const end = await killRounds(options);
  const data = join(options.folder, "data");
  const books = readBooks(join(data, "gangflash.db"));
  const audit = spawnSync(process.execPath, [program, "audit", "--data", data], { encoding: "utf8" });
  const complaints = [...end.complaints, ...judge(end.chips, books, end.printed)];
  if (audit.status !== 0 || !audit.stdout.includes("chain whole"))
    complaints.push(`audit: ${audit.stdout}${audit.stderr}`);
  return { end, books, complaints, audit: audit.stdout.split("\n")[0] ?? "" };
}
