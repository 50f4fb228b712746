import { closeSync, fdatasyncSync, mkdirSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { databaseName, openStore } from "../../store/open-store.ts";
import { checkData } from "../doctor/check-data.ts";
import { checkDesk } from "../doctor/check-desk.ts";
import { checkProgram } from "../doctor/check-program.ts";
import type { Finding } from "../doctor/finding.ts";
import { toolVersion } from "../version.ts";
import { check, same, type Checks, type Told } from "./check.ts";
import type { SelftestBench } from "./bench.ts";

/** Lines of doctor that are about this terminal, not about the station. */
const ofTerminal = new Set(["terminal", "terminal kind", "letters"]);
const syncs = 50;
/** A scan and a serial line survive a disk that is so slow once (reliability.md, section 5, row 10). */
const mostSyncMs = 2000;

/** What the program, the machine and its disk are. */
export async function* installation(bench: SelftestBench): Checks {
  const { folder, data, machine, program } = bench;
  const { files, sha256 } = bench.installed;
  yield {
    what: "Files of the installed program",
    expected: "all can be read; their hash is that of the release",
    seen: `version ${toolVersion}, ${files} files, SHA-256 ${sha256}`,
    passed: files > 0,
  };
  yield await same(
    "The program starts as a process of its own",
    toolVersion,
    async () => await version(program),
  );
  const findings = [
    ...(await checkProgram(machine)),
    ...checkData(data, machine),
    ...(await checkDesk(machine)),
  ];
  for (const finding of findings) if (!ofTerminal.has(finding.what)) yield fromDoctor(finding);

  const own = join(folder, "installation");
  mkdirSync(own, { mode: 0o750 });
  const books = join(own, "data");
  openStore(books, { mode: "owner", station: "selftest", timezone: null, toolVersion }).close();
  yield await check(
    "SQLite in new books on this disk",
    "write-ahead log, each commit on the disk (synchronous=2)",
    () => {
      const { journal, synchronous } = settingsOf(join(books, databaseName), bench.commands.openBooks);
      return {
        seen: `journal_mode ${journal}, synchronous=${synchronous}`,
        passed: journal === "wal" && synchronous === 2,
      };
    },
  );
  if (machine.platform !== "win32")
    yield await check("Rights of new books", "nobody but this user and its group may read them", () => {
      const modes = [books, join(books, databaseName)].map((path) => statSync(path).mode & 0o777);
      return {
        seen: `folder ${octal(modes[0])}, file ${octal(modes[1])}`,
        passed: modes.every((mode) => (mode & 0o007) === 0),
      };
    });
  yield await check(
    `${syncs} writes of 4 KiB, each waited for on the disk`,
    `each within ${mostSyncMs / 1000} s`,
    () => {
      const times = syncTimes(own).toSorted((a, b) => a - b);
      const longest = times.at(-1) ?? 0;
      return {
        seen: `median ${(times[syncs / 2] ?? 0).toFixed(2)} ms, longest ${longest.toFixed(2)} ms`,
        passed: longest <= mostSyncMs,
      };
    },
  );
}

const octal = (mode: number | undefined): string => (mode ?? 0).toString(8).padStart(4, "0");

/** A warning of doctor is no failure of it, and is told. */
export const fromDoctor = ({ state, what, seen, mend }: Finding): Told => ({
  what: `doctor: ${what}`,
  expected: "ok",
  seen:
    state === "ok" ? seen : `${state}: ${seen}${state === "fail" && mend !== null ? `; mend: ${mend}` : ""}`,
  passed: state !== "fail",
});

async function version([file, ...words]: SelftestBench["program"]): Promise<string> {
  const { execFile } = await import("node:child_process");
  return await new Promise((resolve, reject) => {
    execFile(file, [...words, "--version"], { timeout: 30_000 }, (error, stdout) => {
      if (error === null) resolve(stdout.trim());
      else reject(error);
    });
  });
}

/** Asked of a connection as the store opens one. */
function settingsOf(
  file: string,
  open: SelftestBench["commands"]["openBooks"],
): { journal: string; synchronous: number } {
  const db = open(file, { wal: true });
  try {
    return {
      journal: String(db.pragma("journal_mode", { simple: true })),
      synchronous: Number(db.pragma("synchronous", { simple: true })),
    };
  } finally {
    db.close();
  }
}

function syncTimes(folder: string): number[] {
  const file = join(folder, "sync");
  const handle = openSync(file, "w");
  try {
    return Array.from({ length: syncs }, (_, i) => {
      const begin = performance.now();
      writeSync(handle, new Uint8Array(4096).fill(i), 0, 4096, i * 4096);
      fdatasyncSync(handle);
      return performance.now() - begin;
    });
  } finally {
    closeSync(handle);
    rmSync(file);
  }
}

export const sqliteVersion = (): string => {
  const db = new Database(":memory:");
  try {
    return String(db.prepare("SELECT sqlite_version()").pluck().get());
  } finally {
    db.close();
  }
};
