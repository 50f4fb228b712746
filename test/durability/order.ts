import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { TraceEvent } from "./trace.ts";

/** A unit line of a gang run, as it went out. */
export interface UnitLine {
  readonly slot: string;
  readonly barcode: string;
  readonly attempt: number;
  readonly outcome: string;
  /** Line of the trace at which its write began. */
  readonly said: number;
  /** Line of the trace at which the last sync of the log before it returned; `null`: none ever did. */
  readonly synced: number | null;
  /** Its record is in what was synced before: a power cut at this moment would not lose it. */
  readonly durable: boolean;
}

type Change = Extract<TraceEvent, { readonly type: "wrote" | "cut" | "removed" }>;

/** A file as a disk has it that keeps nothing but what it was told to keep. */
interface OnDisk {
  /** What was kept so far, put together: it may have room behind its end. */
  image: Uint8Array;
  length: number;
  /** Changes that are in it. */
  applied: number;
  readonly changes: Change[];
  /** Changes that a sync which began now would keep. */
  asked: number;
  kept: number;
}

/**
 * Goes through a trace and looks at each unit line with the eyes of a disk that loses everything not synced: database
 * and log are put together from that alone, and SQLite is asked for the record. `base`: the database before the run.
 */
export function unitLines(
  events: readonly TraceEvent[],
  database: string,
  base: Uint8Array,
  folder: string,
): UnitLine[] {
  const log = `${database}-wal`;
  const disk = new Map<string, OnDisk>([
    [database, onDisk(base)],
    [log, onDisk(new Uint8Array())],
  ]);
  const lines: UnitLine[] = [];
  let synced: number | null = null;
  for (const event of events) {
    switch (event.type) {
      case "wrote":
      case "cut":
      case "removed":
        disk.get(event.file)?.changes.push(event);
        break;
      case "sync began": {
        const file = disk.get(event.file);
        if (file !== undefined) file.asked = file.changes.length;
        break;
      }
      case "sync returned": {
        const file = disk.get(event.file);
        if (file !== undefined) file.kept = file.asked;
        if (event.file === log) synced = event.line;
        break;
      }
      case "saying":
        for (const unit of unitsIn(event.text)) {
          const durable = hasRecord(disk.get(database), disk.get(log), unit, folder);
          lines.push({ ...unit, said: event.line, synced, durable });
        }
        break;
      default:
        event satisfies never;
    }
  }
  return lines;
}

const onDisk = (base: Uint8Array): OnDisk => ({
  image: base.slice(),
  length: base.length,
  applied: 0,
  changes: [],
  asked: 0,
  kept: 0,
});

type Unit = Pick<UnitLine, "slot" | "barcode" | "attempt" | "outcome">;

function unitsIn(text: string): Unit[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith('{"type":"unit"'))
    .map((line) => {
      const { slot, barcode, attempt, outcome } = JSON.parse(line) as Unit;
      return { slot, barcode, attempt, outcome };
    });
}

function hasRecord(db: OnDisk | undefined, log: OnDisk | undefined, unit: Unit, folder: string): boolean {
  const copy = join(folder, "kept.db");
  for (const end of ["", "-wal", "-shm"]) rmSync(`${copy}${end}`, { force: true });
  writeFileSync(copy, imageOf(db));
  writeFileSync(`${copy}-wal`, imageOf(log));
  const books = new Database(copy);
  try {
    const found = books
      .prepare("SELECT 1 FROM records WHERE barcode = ? AND attempt = ? AND outcome = ?")
      .get(unit.barcode, unit.attempt, unit.outcome);
    return found !== undefined;
  } finally {
    books.close();
  }
}

/** Bytes of a file as far as its changes are kept; each change is put in once. */
function imageOf(file: OnDisk | undefined): Uint8Array {
  if (file === undefined) return new Uint8Array();
  for (; file.applied < file.kept; file.applied += 1) {
    const change = file.changes[file.applied];
    if (change === undefined) throw new Error("a change is missing");
    switch (change.type) {
      case "wrote":
        lengthen(file, change.at + change.bytes.length);
        file.image.set(change.bytes, change.at);
        break;
      case "cut":
        lengthen(file, change.length);
        file.image.fill(0, change.length);
        file.length = change.length;
        break;
      case "removed":
        file.image.fill(0);
        file.length = 0;
        break;
      default:
        change satisfies never;
    }
  }
  return file.image.subarray(0, file.length);
}

function lengthen(file: OnDisk, length: number): void {
  if (file.image.length < length) {
    const longer = new Uint8Array(2 * length);
    longer.set(file.image);
    file.image = longer;
  }
  file.length = Math.max(file.length, length);
}
