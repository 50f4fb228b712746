import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { openStore } from "../../../src/store/open-store.ts";
import { must, random, replay, type Random } from "../../reliability/random.ts";
import {
  batchOpening,
  databaseOf,
  dataFolder,
  failed,
  overConnection,
  run,
  serialSpec,
  unlocked,
} from "./books.ts";

/** The books of some units as they are in the middle of a shift, and what they must come to after a power cut. */
export interface Shift {
  readonly main: Buffer;
  readonly log: Buffer;
  /** The main file as it is once the log has been brought into it. */
  readonly later: Buffer;
  /** What the books hold after each commit of the log, the first one before any. */
  readonly states: readonly State[];
  /** Barcodes of the units whose end the operator was told, and how long the log was then: all of it was on the disk. */
  readonly told: readonly { readonly barcode: string; readonly logBytes: number }[];
}

interface State {
  /** Bytes of the log up to here. */
  readonly endsAt: number;
  readonly content: string;
}

const cuts = ["cut", "zeroed", "garbled", "cut", "zeroed", "garbled", "checkpoint"] as const;
type Cut = (typeof cuts)[number];

const pageBytes = 4096;

export function shift(): Shift {
  const folder = dataFolder();
  const first = unlocked(folder);
  first.openBatch(batchOpening());
  first.close();
  const { db, store } = overConnection(folder);
  const file = databaseOf(folder);
  const specs = [serialSpec("consume-on-success")];
  const told = Array.from({ length: 14 }, (_, i) => {
    const fails = i % 3 === 2 ? { outcome: failed("VERIFY_MISMATCH"), wrote: true } : {};
    const { barcode } = run(store, `UNIT-${i}`, { specs, ...fails });
    return { barcode, logBytes: statSync(`${file}-wal`).size };
  });
  const main = readFileSync(file);
  const log = readFileSync(`${file}-wal`);
  db.pragma("wal_checkpoint(FULL)");
  const states = [0, ...commitEnds(log)].map((endsAt) => {
    const { content, barcodes } = look(dataFolder(), main, log.subarray(0, endsAt));
    const ended = told.filter(({ logBytes }) => logBytes <= endsAt).map(({ barcode }) => barcode);
    must(barcodes.join() === ended.join(), `after ${endsAt} bytes of the log: ${barcodes.join()}`);
    return { endsAt, content };
  });
  return { main, log, later: readFileSync(file), states, told };
}

/** Where each commit of a log ends: behind a frame that says how large the database is then (SQLite, "WAL Format"). */
function commitEnds(log: Buffer): number[] {
  const frame = 24 + log.readUInt32BE(8);
  const ends: number[] = [];
  for (let at = 32; at + frame <= log.length; at += frame)
    if (log.readUInt32BE(at + 4) > 0) ends.push(at + frame);
  return ends;
}

/** What SQLite alone finds in two files. */
function look(folder: string, main: Buffer, log: Buffer, harm: Harm = () => {}) {
  put(folder, main, log);
  harm(folder);
  const db = new Database(databaseOf(folder));
  try {
    const check = db.pragma("integrity_check", { simple: true });
    must(check === "ok", `integrity_check: ${String(check)}`);
    const tables = db
      .prepare<[], string>(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name",
      )
      .pluck()
      .all();
    const hash = createHash("sha256");
    for (const table of tables)
      for (const row of db.prepare(`SELECT * FROM ${table}`).raw().iterate())
        hash.update(JSON.stringify([table, row]));
    const barcodes = db.prepare<[], string>("SELECT barcode FROM records ORDER BY seq").pluck().all();
    return { content: hash.digest("hex"), barcodes };
  } finally {
    db.close();
  }
}

function put(folder: string, main: Buffer, log: Buffer): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(databaseOf(folder), main);
  writeFileSync(`${databaseOf(folder)}-wal`, log);
}

/** Both files as a power cut may leave them. */
function image(moment: Shift, cut: Cut, at: number, dice: Random): { main: Buffer; log: Buffer } {
  const main = Buffer.from(moment.main);
  const log = Buffer.from(moment.log);
  switch (cut) {
    case "cut":
      return { main, log: log.subarray(0, at) };
    case "zeroed":
      return { main, log: log.fill(0, at) };
    case "garbled":
      log.set(dice.bytes(Math.min(log.length - at, 1 + dice.below(5000))), at);
      return { main, log };
    case "checkpoint": {
      // Half of the log is in the main file already, pages of it torn; the log is still there.
      const mixed = Buffer.from(moment.later);
      for (let from = 0; from < main.length; from += pageBytes)
        if (dice.chance(0.5)) main.copy(mixed, from, from, from + (dice.chance(0.5) ? pageBytes : 999));
      return { main: mixed, log };
    }
    default:
      return cut satisfies never;
  }
}

/** Does something to the files of an image before they are judged: a fault that the judge must find. */
export type Harm = (folder: string) => void;

/**
 * Power cut number `i`. SQLite alone must find the books as they were after one of their commits, and not before the last
 * one that was on the disk; then the program must start with them, and go on. Throws where it is not so.
 */
export function powerCut(moment: Shift, i: number, harm: Harm = () => {}): void {
  const dice = random(`cut ${i}`);
  const cut = dice.pick(cuts);
  const at = dice.below(moment.log.length + 1);
  const what = replay(`image ${i}, ${cut} at byte ${at} of ${moment.log.length}`);
  const { main, log } = image(moment, cut, at, dice);
  const safe = cut === "checkpoint" ? moment.log.length : at;
  const root = dataFolder();
  try {
    const { content } = look(join(root, "alone"), main, log, harm);
    const found = moment.states.findLastIndex((state) => state.content === content);
    must(found >= 0, `${what}: half a transaction`);
    const least = moment.states.findLastIndex(({ endsAt }) => endsAt <= safe);
    must(found >= least, `${what}: ${found} of ${least} commits that were on the disk`);
    put(join(root, "start"), main, log);
    goesOn(join(root, "start"), moment, safe, what);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A start of the program after the cut. */
function goesOn(folder: string, { told }: Shift, safe: number, what: string): void {
  // Opening checks pages and indexes; it throws for a file that does not hold together.
  using store = openStore(folder, { mode: "owner", station: "line1", timezone: null, toolVersion: "0.1.0" });
  const kept = [...store.records()].map(({ barcode }) => barcode);
  const least = told.filter(({ logBytes }) => logBytes <= safe).length;
  must(kept.length >= least, `${what}: ${kept.length} records, ${least} were told`);
  must(
    kept.join() ===
      told
        .slice(0, kept.length)
        .map(({ barcode }) => barcode)
        .join(),
    `${what}: records ${kept.join()}`,
  );
  store.recover();
  must(store.running().length === 0, `${what}: an attempt is open after the start`);
  must(store.audit().kind === "whole", `${what}: the chain is broken`);
  const used = new Set([...store.records()].map(({ serial }) => serial));
  const next = run(store, "UNIT-next", { specs: [serialSpec("consume-on-success")] });
  must(!used.has(next.serial), `${what}: ${next.serial} was given twice`);
}
