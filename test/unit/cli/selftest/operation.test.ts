import { expect, test } from "vitest";
import { operation } from "../../../../src/cli/selftest/operation.ts";
import { refused } from "../../../../src/cli/selftest/refusals.ts";
import { putNumber } from "../../../../src/cli/selftest/recipe.ts";
import { serials } from "../../../../src/cli/selftest/serials.ts";
import type { Seams } from "../../../../src/cli/selftest/stand.ts";
import { triedWires } from "../../../../src/cli/selftest/wires.ts";
import { runCommand } from "../../../../src/cli/line/run.ts";
import type { AttemptRecord } from "../../../../src/model/attempt.ts";
import type { Bootloader } from "../../../../src/protocol/bootloader.ts";
import type { Books } from "../../../../src/station/books.ts";
import type { Store } from "../../../../src/store/store.ts";
import { benchWith, failures, toldBy } from "./some-bench.ts";

const uart = triedWires.filter(({ name }) => name === "UART");

/** The loader of every board with some verbs of its own. */
const withLoader =
  (
    change: (loader: Bootloader, board: Parameters<Seams["place"]>[1]) => Partial<Bootloader>,
  ): Seams["place"] =>
  (inner, board) => ({
    ...inner,
    async connect(signal) {
      const loader = await inner.connect(signal);
      return Object.assign(Object.create(loader) as Bootloader, change(loader, board));
    },
  });

test("on every wire the engine passes good boards, and ends each planned trouble as the contract says", async () => {
  const told = await toldBy(operation(benchWith()));
  expect(told.filter(({ passed }) => !passed)).toEqual([]);
  expect(told.length).toBe(triedWires.length * 17);
}, 120_000);

test("an engine whose verify always says yes is found out", async () => {
  // What was written is what is read back, whatever lies in the flash.
  const place = withLoader((loader) => {
    const written = new Map<number, number>();
    const remembered = (address: number, bytes: Uint8Array): Uint8Array =>
      bytes.map((byte, i) => written.get(address + i) ?? byte);
    return {
      async write(address, bytes, signal) {
        await loader.write(address, bytes, signal);
        for (const [i, byte] of bytes.entries()) written.set(address + i, byte);
      },
      read: async (address, length, signal) =>
        remembered(address, await loader.read(address, length, signal)),
    };
  });
  expect(await failures(operation(benchWith({ seam: { place } }), uart))).toEqual([
    "UART: a bit flips in flash (flipBit): PASS; neighbours PASS",
    "UART: one read comes back wrong once (noiseRead): PASS, flash as wanted; neighbours PASS",
  ]);
});

test("a byte that changes behind the verify is found in the flash of the boards that passed", async () => {
  const place = withLoader((loader, board) => ({
    async [Symbol.asyncDispose]() {
      board().chip().flash[100] = 0xee;
      await loader[Symbol.asyncDispose]();
    },
  }));
  const found = await failures(operation(benchWith({ seam: { place } }), uart));
  expect(found).toContainEqual(
    expect.stringMatching(
      /^UART: flash of each, byte by byte.*: ST-UNIT-1: flash has .. at 0x08000064, .. was expected/,
    ),
  );
  expect(found).toContainEqual(expect.stringMatching(/protected.*FAIL PROTECTED, flash has/));
});

test("an engine that lets one slot's trouble into the next is found out", async () => {
  let places = 0;
  const place: Seams["place"] = (inner) => {
    places += 1;
    // Behind the gang of four good ones: the board beside the first trouble.
    return places === 5 ? { ...inner, connect: () => Promise.reject(new Error("a mistake")) } : inner;
  };
  expect(await failures(operation(benchWith({ seam: { place } }), uart))).toEqual([
    expect.stringMatching(
      /^UART: a bit flips in flash \(flipBit\): FAIL VERIFY_MISMATCH; neighbour ERROR STATION_BUG/,
    ),
  ]);
});

test("a chip setting that is told and not there is found in the chip", async () => {
  const place = withLoader((loader, board) => ({
    async [Symbol.asyncDispose]() {
      const chip = board().chip();
      chip.unprotect();
      chip.reset();
      await loader[Symbol.asyncDispose]();
    },
  }));
  const found = await failures(operation(benchWith({ seam: { place } }), uart));
  expect(found.some((text) => /^UART: (flash of each|chip setting)/.test(text))).toBe(true);
});

/** Books that say that they have closed an attempt, and have not: the second one of all. */
function forgetful(store: Store): Books {
  let closed = 0;
  let last: AttemptRecord | null = null;
  const closeAttempt: Books["closeAttempt"] = (handle, end) => {
    closed += 1;
    if (closed === 2 && last !== null) return { ...last, barcode: handle.barcode, outcome: end.outcome };
    last = store.closeAttempt(handle, end);
    return last;
  };
  return Object.assign(Object.create(store) as Books, { closeAttempt });
}

test("books that lose a record are found out", async () => {
  expect(await failures(operation(benchWith({ seam: { books: forgetful } }), uart))).toContainEqual(
    expect.stringMatching(/^UART: one record of each attempt.*: records 30, 31 was expected; \d+ more$/),
  );
});

test("the three policies give no number twice, and do with a failed unit's what they promise", async () => {
  expect(await failures(serials(benchWith()))).toEqual([]);
});

test("a number that lies in two chips is found, whatever the books say", async () => {
  const place = withLoader((loader, board) => ({
    async [Symbol.asyncDispose]() {
      putNumber(board().chip().flash, "ST-000001");
      await loader[Symbol.asyncDispose]();
    },
  }));
  const found = await failures(serials(benchWith({ seam: { place } })));
  for (const policy of ["consume-on-success", "burn-on-failure", "keep-existing"])
    expect(found).toContainEqual(
      expect.stringMatching(new RegExp(`^Serial numbers, ${policy}: .*: ST-000001 lies in \\d chips`)),
    );
});

test("what must be refused is refused, and leaves no trace", async () => {
  expect(await failures(refused(benchWith()))).toEqual([]);
});

test("a station that takes any barcode and level 2 for ever is found out", async () => {
  const run: typeof runCommand = () => Promise.resolve(0);
  expect(
    (await failures(refused(benchWith({ broken: { run } })))).map((text) => text.split(": ")[1]),
  ).toEqual(["it ran, exit code 0", "it ran, exit code 0", "it ran, exit code 0"]);
  // As if another barcode had been scanned.
  const other: typeof runCommand = (options, io) =>
    runCommand({ ...options, units: options.units.map((unit) => unit.replace("WRONG-1", "ST-UNIT-9")) }, io);
  expect(await failures(refused(benchWith({ broken: { run: other } })))).toEqual([
    "A barcode that does not match the profile: it ran, exit code 0",
    "After what was refused: 1 attempts, 1 numbers",
  ]);
});
