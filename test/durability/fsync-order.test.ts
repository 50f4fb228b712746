import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { unitLines } from "./order.ts";
import { parseTrace, type TraceEvent } from "./trace.ts";
import { straceHere, tracedRun, type TracedRun } from "./traced-run.ts";

const units = 3;

describe.skipIf(!straceHere)("a gang run under strace (skipped where strace is not installed)", () => {
  let folder = "";
  let run: TracedRun;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-order-"));
    run = tracedRun(folder, units);
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const early = (events: readonly TraceEvent[]): string[] =>
    unitLines(events, run.database, run.base, folder)
      .filter(({ durable }) => !durable)
      .map(({ slot }) => slot);
  const firstUnit = (): number =>
    run.events.findIndex((event) => event.type === "saying" && event.text.includes('"type":"unit"'));

  test("each unit line begins after the fsync of its record has returned", () => {
    const lines = unitLines(run.events, run.database, run.base, folder);
    expect(lines).toHaveLength(units);
    expect(run.unitLines).toBe(units);
    for (const { outcome, durable, said, synced } of lines) {
      expect({ outcome, durable }).toEqual({ outcome: "PASS", durable: true });
      expect(synced ?? Number.POSITIVE_INFINITY).toBeLessThan(said);
    }
  });

  test("a line that began before the fsync returned is found", () => {
    const at = firstUnit();
    const line = run.events[at];
    const sync = run.events.slice(0, at).findLastIndex(({ type }) => type === "sync returned");
    if (line === undefined || sync < 0) throw new Error("no line, or no sync");
    const wrong = run.events.toSpliced(at, 1).toSpliced(sync, 0, line);
    expect(early(wrong)).toHaveLength(1);
  });

  test("an fsync that began before the record was written does not count", () => {
    const at = firstUnit();
    const before = run.events.slice(0, at);
    // The next one may have begun already, for the slots beside it.
    const returned = before.findLastIndex(({ type }) => type === "sync returned");
    const began = before.slice(0, returned).findLastIndex(({ type }) => type === "sync began");
    const sync = run.events[began];
    // A record may be written while the fsync before its own still runs: for the slot beside it.
    const firstWrite = before.slice(0, began).findLastIndex(({ type }) => type === "sync began") + 1;
    if (sync === undefined) throw new Error("no sync");
    // Its neighbour's record may have shared that sync.
    const [first] = unitLines(run.events, run.database, run.base, folder);
    expect(early(run.events.toSpliced(began, 1).toSpliced(firstWrite, 0, sync))).toContain(first?.slot);
  });

  test("a run whose disk never confirms anything has no durable line", () => {
    expect(early(run.events.filter(({ type }) => type !== "sync returned"))).toHaveLength(units);
  });
});

describe("a trace", () => {
  const hex = (text: string): string =>
    [...Buffer.from(text)].map((b) => `\\x${b.toString(16).padStart(2, "0")}`).join("");
  const file = `7<${hex("/d/x.db-wal")}>`;

  test("is read call by call", () => {
    const events = parseTrace(
      [
        `12 pwrite64(${file}, "${hex("abc")}", 3, 4096) = 3`,
        `12 fdatasync(${file}) = 0`,
        `12 write(1<${hex("pipe:[9]")}>, "${hex("PASS\n")}", 5) = 5`,
      ].join("\n"),
    );
    expect(events).toEqual([
      { type: "wrote", file: "/d/x.db-wal", at: 4096, bytes: new Uint8Array(Buffer.from("abc")), line: 1 },
      { type: "sync began", file: "/d/x.db-wal", line: 2 },
      { type: "sync returned", file: "/d/x.db-wal", line: 2 },
      { type: "saying", text: "PASS\n", line: 3 },
    ]);
  });

  test("has what was said in several pieces at once as one text", () => {
    const pieces = `[{iov_base="${hex("PA")}", iov_len=2}, {iov_base="${hex("SS\n")}", iov_len=3}]`;
    const events = parseTrace(`12 writev(1<${hex("pipe:[9]")}>, ${pieces}, 2) = 5`);
    expect(events).toEqual([{ type: "saying", text: "PASS\n", line: 1 }]);
  });

  test("a call that another thread interrupts ends where it is resumed", () => {
    const events = parseTrace(
      [
        `12 fsync(${file} <unfinished ...>`,
        `13 write(1<${hex("pipe:[9]")}>, "${hex("PASS\n")}", 5) = 5`,
        `12 <... fsync resumed>) = 0`,
      ].join("\n"),
    );
    expect(events.map(({ type }) => type)).toEqual(["sync began", "saying", "sync returned"]);
  });

  test("a sync that failed confirms nothing", () => {
    const events = parseTrace(`12 fsync(${file}) = -1 EIO (Input/output error)`);
    expect(events.map(({ type }) => type)).toEqual(["sync began"]);
  });

  test("text that strace has shortened is refused", () => {
    expect(() => parseTrace(`12 pwrite64(${file}, "${hex("abc")}"..., 4096, 0) = 4096`)).toThrow(
      "not there in full",
    );
  });
});
