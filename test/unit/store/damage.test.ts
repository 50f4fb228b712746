import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { AttemptRecord } from "../../../src/model/attempt.ts";
import { audit } from "../../../src/store/audit/audit.ts";
import { openStore } from "../../../src/store/open-store.ts";
import { StoreError } from "../../../src/store/store-error.ts";
import {
  databaseOf,
  dataFolder,
  owned,
  raw,
  ready,
  refused,
  run,
  serialSpec,
  withoutTriggers,
} from "./books.ts";

const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);
const damages = 300;

function filled(): {
  readonly folder: string;
  readonly bytes: Buffer;
  readonly records: readonly AttemptRecord[];
} {
  const folder = dataFolder();
  const store = ready(folder);
  const specs = [serialSpec("consume-on-success")];
  for (let i = 0; i < 8; i += 1) run(store, `UNIT-${i}`, { specs });
  const records = [...store.records()];
  store.close();
  return { folder, bytes: readFileSync(databaseOf(folder)), records };
}

/** What a start of the program does, and then an audit; `null` for a refusal with a sentence. */
function use(folder: string): { readonly records: readonly AttemptRecord[]; readonly whole: boolean } | null {
  try {
    using store = openStore(folder, {
      mode: "owner",
      station: "line1",
      timezone: null,
      toolVersion: "0.1.0",
    });
    store.recover();
    const { kind } = audit(databaseOf(folder));
    return { records: [...store.records()], whole: kind === "whole" };
  } catch (error) {
    if (error instanceof StoreError) return null;
    throw error;
  }
}

test(
  `${damages} times some bytes of the file flipped: refused, or a row is named, or every record is as it was (SEED=${seed})`,
  { timeout: 60_000 },
  () => {
    const { bytes, records } = filled();
    const root = dataFolder();
    let count = 0;
    let refusals = 0;
    const flip = fc.tuple(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }));
    const property = fc.property(fc.array(flip, { minLength: 1, maxLength: 3 }), (flips) => {
      count += 1;
      const folder = join(root, String(count));
      mkdirSync(folder);
      const damaged = Buffer.from(bytes);
      for (const [at, bits] of flips) damaged[at] = (damaged[at] ?? 0) ^ bits;
      writeFileSync(databaseOf(folder), damaged);
      const used = use(folder);
      if (used === null) refusals += 1;
      expect(used?.whole === true ? used.records : records).toEqual(records);
    });
    fc.assert(property, { numRuns: damages, seed });
    expect(refusals).toBeGreaterThan(0);
  },
);

test("a file that was cut short is refused", () => {
  const { folder, bytes } = filled();
  for (const part of [0.1, 0.5, 0.9, 0.99]) {
    writeFileSync(databaseOf(folder), bytes);
    truncateSync(databaseOf(folder), Math.floor(bytes.length * part));
    expect(refused(() => owned(folder), "damaged").message).toContain("damaged");
  }
  writeFileSync(databaseOf(folder), bytes);
  expect(() => owned(folder)).not.toThrow();
});

test("a file whose triggers somebody has taken away is refused by name", () => {
  const { folder } = filled();
  const db = withoutTriggers(folder);
  db.close();
  expect(refused(() => owned(folder), "damaged").message).toContain("attempts_are_not_replaced is not as");
});

test("an index that somebody has added for himself does no harm", () => {
  const { folder, records } = filled();
  const db = raw(folder);
  db.exec("CREATE INDEX mine ON records (operator)");
  db.close();
  expect([...owned(folder).records()]).toEqual(records);
});
