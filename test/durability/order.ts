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
  readonly base: Uint8Array;
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
    [database, { base, changes: [], asked: 0, kept: 0 }],
    [log, { base: new Uint8Array(), changes: [], asked: 0, kept: 0 }],
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

function imageOf(file: OnDisk | undefined): Uint8Array {
  if (file === undefined) return new Uint8Array();
  let image = Uint8Array.from(file.base);
  const atLeast = (length: number): void => {
    if (image.length >= length) return;
    const longer = new Uint8Array(length);
    longer.set(image);
    image = longer;
  };
  for (const change of file.changes.slice(0, file.kept))
    switch (change.type) {
      case "wrote":
        atLeast(change.at + change.bytes.length);
        image.set(change.bytes, change.at);
        break;
      case "cut":
        atLeast(change.length);
        image = image.slice(0, change.length);
        break;
      case "removed":
        image = new Uint8Array();
        break;
      default:
        change satisfies never;
    }
  return image;
}
