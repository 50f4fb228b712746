import { createHash } from "node:crypto";
import { basename } from "node:path";
import { cleanText, isClean, visibleJson } from "../../lib/clean-text.ts";
import { readWhole } from "../../lib/read-whole.ts";
import { newDeed } from "../../model/deed.ts";
import { openStore } from "../../store/open-store.ts";
import type { ImportedNumber } from "../../store/terms.ts";
import { ImportRefused } from "../../store/store-error.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { addressOf, readNumberList } from "./number-list.ts";
import { allowed, person } from "../person.ts";
import { toolVersion } from "../version.ts";

export interface ImportOptions {
  readonly file: string;
  readonly series: string;
  readonly kind: "serial" | "mac";
  /** First address of the block, as the profile has it; for lists of addresses. */
  readonly block: string | null;
  readonly by: string | null;
  /** Looks and says what would happen. */
  readonly dry: boolean;
  readonly data: string;
}

/**
 * `import numbers FILE --series S`: numbers that units have already from elsewhere, and lists of free, used and void ones.
 * All rows, or none and why.
 */
export function importNumbersCommand(options: ImportOptions, io: Io): number {
  const { file, series, kind, dry, data } = options;
  if (!isClean(series)) throw new CommandError("--series: a name in visible characters was expected");
  const bytes = bytesOf(file);
  const read = readNumberList(
    file,
    new TextDecoder("utf-8", { fatal: false }).decode(bytes),
    blockOf(kind, options.block),
  );
  if (!read.ok) throw new FileMistakes(read.issues);
  const { rows, placeOf } = read.value;
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  using store = openStore(data, { mode: "owner", station: null, timezone: null, toolVersion });
  const who = allowed(store, person(options.by), ["override"], "--by");
  const detail = { file: cleanText(basename(file), 120), sha256, series, kind, rows: rows.length };
  const deed = newDeed("imported", new Date(), who.name, { role: who.role, detail });
  try {
    store.importNumbers({ series, kind, rows }, deed, dry);
  } catch (error) {
    if (!(error instanceof ImportRefused)) throw error;
    throw new FileMistakes(
      error.refusals.map(({ line, key, why }) => ({ file, key, message: why, ...placeOf(line, key) })),
    );
  }
  const sums = sumsOf(rows);
  const { units, free, used, gone } = sums;
  const said = `${free} free, ${units + used} used (${units} by units), ${gone} void`;
  io.out(
    io.json
      ? visibleJson({ type: "import", file, series, rows: rows.length, ...sums, dry, sha256 })
      : `series ${series}: ${said}${dry ? "; a dry run, nothing was changed" : "; they are in the ledger now"}`,
  );
  return exitCodes.ok;
}

/** Numbers of each kind, ranges counted through. */
function sumsOf(rows: readonly ImportedNumber[]): {
  readonly units: number;
  readonly free: number;
  readonly used: number;
  readonly gone: number;
} {
  const sum = (keep: (row: ImportedNumber) => boolean): number =>
    rows.filter(keep).reduce((all, { first, last }) => all + last - first + 1, 0);
  return {
    units: sum(({ state, barcode }) => state === "used" && barcode !== null),
    free: sum(({ state }) => state === "free"),
    used: sum(({ state, barcode }) => state === "used" && barcode === null),
    gone: sum(({ state }) => state === "void"),
  };
}

function blockOf(kind: "serial" | "mac", text: string | null): ReturnType<typeof addressOf> {
  if (text === null) return null;
  const block = addressOf(text);
  if (kind !== "mac" || block === null)
    throw new CommandError(
      `--block: "${cleanText(text, 60)}" found, the first address of the profile's mac block was expected, with --kind mac`,
    );
  return block;
}

/** Some millions of rows. */
const mostBytes = 256 * 1024 * 1024;

function bytesOf(file: string): Uint8Array {
  try {
    return readWhole(file, mostBytes);
  } catch {
    throw new CommandError(`${cleanText(file)}: there is no such file that could be read`);
  }
}
