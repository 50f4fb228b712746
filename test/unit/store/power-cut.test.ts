import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openConnection } from "../../../src/store/file/connection.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { seed } from "../../reliability/random.ts";
import { batchOpening, databaseOf, dataFolder, overConnection, run, unlocked } from "./books.ts";
import { powerCut, shift } from "./power-cuts.ts";

const images = 100;

test(
  `${images} power cuts in the log or in a checkpoint: whole commits only, none lost that was told (SEED=${seed})`,
  { timeout: 60_000 },
  () => {
    const moment = shift();
    expect(moment.states.length).toBeGreaterThan(50);
    for (let i = 0; i < images; i += 1) powerCut(moment, i);
  },
);

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
