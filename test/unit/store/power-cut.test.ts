import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptRecord } from "../../../src/model/attempt.ts";
import { openConnection } from "../../../src/store/connection.ts";
import { openStore } from "../../../src/store/open-store.ts";
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

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
/** `RUNS=300` looks longer; each run of the tests cuts elsewhere. */
const images = Number(process.env["RUNS"] ?? 100);
const pageBytes = 4096;

/** What the station told its operator, and how long the log was then: all of it was on the disk. */
interface Told {
  readonly record: AttemptRecord;
  readonly logBytes: number;
}

interface Moment {
  readonly main: Buffer;
  readonly log: Buffer;
  /** The main file as it is once the log has been brought into it. */
  readonly later: Buffer;
  readonly told: readonly Told[];
}

function shift(): Moment {
  const folder = dataFolder();
  const first = unlocked(folder);
  first.openBatch(batchOpening());
  first.close();
  const { db, store } = overConnection(folder);
  const file = databaseOf(folder);
  const log = `${file}-wal`;
  const specs = [serialSpec("consume-on-success")];
  const told = Array.from({ length: 14 }, (_, i): Told => {
    const fails = i % 3 === 2 ? { outcome: failed("VERIFY_MISMATCH"), wrote: true } : {};
    const record = run(store, `UNIT-${i}`, { specs, ...fails });
    return { record, logBytes: statSync(log).size };
  });
  const main = readFileSync(file);
  const bytes = readFileSync(log);
  db.pragma("wal_checkpoint(FULL)");
  return { main, log: bytes, later: readFileSync(file), told };
}

type Cut = "cut" | "zeroed" | "garbled" | "checkpoint";

/** Both files as a power cut may leave them. */
function image(moment: Moment, cut: Cut, at: number, noise: Uint8Array): { main: Buffer; log: Buffer } {
  const main = Buffer.from(moment.main);
  const log = Buffer.from(moment.log);
  switch (cut) {
    case "cut":
      return { main, log: log.subarray(0, at) };
    case "zeroed":
      return { main, log: log.fill(0, at) };
    case "garbled":
      log.set(noise.subarray(0, log.length - at), at);
      return { main, log };
    case "checkpoint": {
      // Half of the log is in the main file already, the last page torn; the log is still there.
      const mixed = Buffer.from(moment.later);
      noise.forEach((bit, page) => {
        const from = page * pageBytes;
        if (bit % 2 === 0 && from < main.length)
          main.copy(mixed, from, from, from + (bit % 4 === 0 ? pageBytes : 999));
      });
      return { main: mixed, log };
    }
    default:
      return cut satisfies never;
  }
}

test(
  `${images} power cuts in the log or in a checkpoint: whole rows only, none lost that was told (SEED=${seed})`,
  { timeout: 60_000 },
  () => {
    const moment = shift();
    const root = dataFolder();
    let count = 0;
    const cuts = fc.constantFrom<Cut>("cut", "zeroed", "garbled", "cut", "zeroed", "garbled", "checkpoint");
    const where = fc.integer({ min: 0, max: moment.log.length });
    const noise = fc.uint8Array({ minLength: 1, maxLength: 5000, size: "max" });
    const property = fc.property(cuts, where, noise, (cut, at, bytes) => {
      count += 1;
      const folder = join(root, String(count));
      mkdirSync(folder);
      const { main, log } = image(moment, cut, at, bytes);
      writeFileSync(databaseOf(folder), main);
      writeFileSync(`${databaseOf(folder)}-wal`, log);
      judge(folder, cut === "checkpoint" ? moment.log.length : at, moment.told);
    });
    fc.assert(property, { numRuns: images, seed });
    expect(count).toBeGreaterThanOrEqual(images);
  },
);

function judge(folder: string, safeBytes: number, told: readonly Told[]): void {
  // Opening checks pages and indexes; it throws for a file that does not hold together.
  const store = openStore(folder, { mode: "owner", station: "line1", timezone: null, toolVersion: "0.1.0" });
  const kept = [...store.records()];
  const safe = told.filter(({ logBytes }) => logBytes <= safeBytes).length;
  expect(kept.length).toBeGreaterThanOrEqual(safe);
  expect(kept).toEqual(told.slice(0, kept.length).map(({ record }) => record));
  store.recover();
  expect(store.running()).toEqual([]);
  expect(store.audit()).toMatchObject({ kind: "whole" });
  const used = new Set([...store.records()].map(({ serial }) => serial));
  const next = run(store, "UNIT-next", { specs: [serialSpec("consume-on-success")] });
  expect(used.has(next.serial)).toBe(false);
  store.close();
}

test("a log that was left behind alone is not taken for books", () => {
  const folder = dataFolder();
  const store = unlocked(folder);
  store.openBatch(batchOpening());
  const other = dataFolder();
  copyFileSync(`${databaseOf(folder)}-wal`, `${databaseOf(other)}-wal`);
  const next = unlocked(other);
  expect(next.batches()).toEqual([]);
  next.close();
  store.close();
});

test("what a reader sees beside a cut log is what the next owner will see", () => {
  const folder = dataFolder();
  const { db, store } = overConnection(prepared(folder));
  run(store, "UNIT-1");
  const other = dataFolder();
  copyFileSync(databaseOf(folder), databaseOf(other));
  const log = readFileSync(`${databaseOf(folder)}-wal`);
  writeFileSync(`${databaseOf(other)}-wal`, log.subarray(0, log.length - 100));
  db.close();
  using reader = openStore(other, { mode: "reader" });
  const seen = [...reader.records()];
  reader.close();
  const check = openConnection(databaseOf(other), { wal: true });
  expect(check.prepare("SELECT count(*) AS n FROM records").get()).toEqual({ n: seen.length });
  check.close();
});

function prepared(folder: string): string {
  const store = unlocked(folder);
  store.openBatch(batchOpening());
  store.close();
  return folder;
}
