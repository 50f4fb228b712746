import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Books } from "../../src/station/books.ts";
import { StoreError } from "../../src/store/store-error.ts";
import type { Store } from "../../src/store/store.ts";
import { lineOf } from "./line.ts";
import { must } from "./random.ts";
import { recipe } from "./recipe.ts";

const one = recipe("STM32F103C6", { options: new Map([["nRST_STOP", 0]]) });

/** Books whose n-th call (from 1) fails, once or from then on; 0: none does, calls are counted. */
function failingAt(books: Books, n: number, lasting: boolean) {
  const calls: string[] = [];
  const failing = new Proxy(books, {
    get(target, name) {
      // The proxy stands before an object of functions, and asks for nothing but its own keys.
      const call = target[name as keyof Books] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        // It holds the calls that are counted.
        if (name === "unhurried") return call(...args);
        calls.push(String(name));
        if (calls.length === n || (lasting && n > 0 && calls.length > n)) {
          const full = new StoreError("full", "no room left on the disk");
          if (name === "onDisk") return Promise.reject(full);
          throw full;
        }
        return call(...args);
      };
    },
  });
  return { books: failing, calls };
}

describe.each([
  { name: "once", lasting: false },
  { name: "from then on", lasting: true },
])("books that cannot be written, $name", ({ lasting }) => {
  test("at any of their calls: nobody passes, the attempt ends, its link is closed, and no row says PASS", async () => {
    const clean = lineOf(one);
    const count = failingAt(clean.store, 0, false);
    expect((await clean.run(["UNIT-0001"], count.books)).map(({ word }) => word)).toEqual(["PASS"]);
    const calls = [...count.calls];
    expect(new Set(calls)).toEqual(
      new Set([
        "reserveGang",
        "onDisk",
        "lastAttempt",
        "openAttempt",
        "journal",
        "bindUid",
        "markWritten",
        "closeAttempt",
      ]),
    );
    for (let n = 1; n <= calls.length; n += 1) {
      const what = `${calls[n - 1]}, call ${n} of ${calls.length}`;
      const line = lineOf(one);
      const { books } = failingAt(line.store, n, lasting);
      const words = await line.run(["UNIT-0001"], books).then(
        (ends) => ends.map(({ word }) => word),
        (error: unknown) => [error instanceof StoreError ? "nobody was started" : String(error)],
      );
      const wanted = calls[n - 1] === "reserveGang" ? "nobody was started" : "RECORD_FAILED";
      must(words.length === 1 && words[0] === wanted, `${what}: ${words.join()}`);
      must(line.seatOf("UNIT-0001").openLinks() === 0, `${what}: a link is open`);
      // The row of a good board stands when only the disk could not be waited for: nobody was told of a pass.
      const waits = n === calls.length && calls[n - 1] === "onDisk";
      must(
        waits || [...line.store.records()].every(({ outcome }) => outcome.kind !== "PASS"),
        `${what}: a row says PASS`,
      );
      must(line.store.audit().kind === "whole", `${what}: the chain is broken`);
    }
  }, 120_000);
});

/** Books on a disk that is done only when it is let; `slow` says from which of their calls on. */
function onSlowDisk(books: Store, slow: () => boolean) {
  const disk = Promise.withResolvers<void>();
  const onDisk = async (): Promise<void> => {
    if (slow()) await disk.promise;
    await books.onDisk();
  };
  return { books: { ...books, onDisk }, done: disk.resolve };
}

/** So long that all that waits for nothing but its turn has had it. */
async function turns(): Promise<void> {
  for (let i = 0; i < 100; i += 1) await setImmediate();
}

test("no board of a gang is touched before the disk has their numbers", async () => {
  let opened = 0;
  const line = lineOf(one, { tamperOf: () => ({ opening: () => void (opened += 1) }) });
  const disk = onSlowDisk(line.store, () => true);
  const running = line.run(["UNIT-0001", "UNIT-0002"], disk.books);
  await turns();
  expect(line.store.running()).toHaveLength(2);
  expect(opened).toBe(0);
  disk.done();
  expect((await running).map(({ word }) => word)).toEqual(["PASS", "PASS"]);
  expect(opened).toBeGreaterThan(0);
});

test("nobody is told of a pass before the disk has its record", async () => {
  const line = lineOf(one);
  const closed = (): boolean => line.store.head() !== null;
  const disk = onSlowDisk(line.store, closed);
  const told: string[] = [];
  const running = line.run(["UNIT-0001"], disk.books).finally(() => told.push("all"));
  while (!closed() && told.length === 0) await setImmediate();
  await turns();
  expect(told).toEqual([]);
  disk.done();
  expect((await running).map(({ word }) => word)).toEqual(["PASS"]);
});

test("a unit whose end could not be written keeps its number, and the others of its gang pass", async () => {
  const line = lineOf(one);
  const failing = new Proxy(line.store, {
    get(target, name, receiver) {
      if (name !== "closeAttempt") return Reflect.get(target, name, receiver) as unknown;
      return (...args: Parameters<Books["closeAttempt"]>) => {
        if (args[0].barcode === "UNIT-0002") throw new StoreError("full", "no room left on the disk");
        return target.closeAttempt(...args);
      };
    },
  });
  const ends = await line.run(["UNIT-0001", "UNIT-0002", "UNIT-0003"], failing);
  expect(ends.map(({ word }) => word)).toEqual(["PASS", "RECORD_FAILED", "PASS"]);
  expect(line.store.running().map(({ handle }) => handle.barcode)).toEqual(["UNIT-0002"]);
  const [next] = await line.run(["UNIT-0004"]);
  expect(next?.serial).toBe("V60-00004");
});
