import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { seed } from "../reliability/random.ts";
import { ptyHere } from "../unit/sim/os/pty-here.ts";
import { judge, type Books, type ChipEnd } from "./judge.ts";
import { judgedKills } from "./judged.ts";

describe.skipIf(!ptyHere)("kill -9", () => {
  test(`20 killed gang runs: no number in two chips, no shown pass without its record (SEED=${seed})`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "gangflash-kill-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { end, complaints } = await judgedKills({
      rounds: 20,
      slots: 6,
      policy: "consume-on-success",
      folder,
    });
    expect(complaints).toEqual([]);
    // Enough of them hit something, on a machine that does other things as well.
    expect(end.kills.filter(({ reserved, written }) => reserved + written > 0).length).toBeGreaterThan(2);
    expect(end.printed.length).toBeGreaterThan(0);
  }, 180_000);
});

describe("the judge of killed runs", () => {
  const chip = (barcode: string, ...numbers: string[]): ChipEnd => ({ barcode, numbers, whole: true });
  const books = (over: Partial<Books> = {}): Books => ({
    numbers: [{ text: "KR-000001", state: "committed", barcode: "U1" }],
    records: [{ barcode: "U1", attempt: 1, outcome: "PASS", serial: "KR-000001" }],
    open: [],
    returns: 0,
    shared: [],
    ...over,
  });
  const said = { barcode: "U1", attempt: 1, serial: "KR-000001" };
  const other = { barcode: "U2", attempt: 1, serial: "KR-000001" };
  const two = { text: "KR-000002", state: "written", barcode: "U1" } as const;

  test("has nothing to say where all is well", () => {
    expect(judge([chip("U1", "KR-000001"), chip("U2")], books(), [said])).toEqual([]);
  });

  test.each([
    ["a number in two chips", [chip("U1", "KR-000001"), chip("U2", "KR-000001")], books(), "lies in 2 chips"],
    [
      "two numbers in one chip",
      [chip("U1", "KR-000001", "KR-000002")],
      books({ numbers: [...books().numbers, two] }),
      "the chip of U1 has 2 numbers",
    ],
    [
      "a number that nobody gave out",
      [chip("U1", "KR-000001"), chip("U2", "KR-000009")],
      books(),
      "not in the ledger",
    ],
    ["a pass whose chip has no number", [chip("U1")], books(), "committed, and not in the chip of U1"],
    ["a shown pass without its record", [chip("U1", "KR-000001")], books({ records: [] }), "no record"],
    [
      "an attempt that stayed open",
      [chip("U1", "KR-000001")],
      books({ open: ["U1 attempt 2"] }),
      "attempt 2 has no",
    ],
    [
      "a number that stayed reserved",
      [chip("U1", "KR-000001")],
      books({ numbers: [...books().numbers, { ...two, state: "reserved" }] }),
      "KR-000002 is still reserved",
    ],
    [
      "a number that went back and lies in a chip",
      [chip("U1", "KR-000001"), chip("U2", "KR-000002")],
      books({ numbers: [...books().numbers, { ...two, state: "returned", barcode: null }] }),
      "KR-000002 is returned, and lies in the chip of U2",
    ],
    [
      "a number written for two units",
      [chip("U1", "KR-000001")],
      books({ shared: ["KR-000001"] }),
      "for two units",
    ],
    ["an image that is wrong", [{ ...chip("U1", "KR-000001"), whole: false }], books(), "its image is wrong"],
  ])("finds %s", (_name, chips, found, words) => {
    expect(judge(chips, found, [said]).join("\n")).toContain(words);
  });

  test("finds a pass that was shown for a unit without one", () => {
    expect(judge([chip("U1", "KR-000001")], books(), [said, other]).join("\n")).toContain("U2 attempt 1");
  });

  test("lets a void number of the same unit lie beside the living one", () => {
    const numbers = [...books().numbers, { ...two, state: "void" } as const];
    expect(judge([chip("U1", "KR-000001", "KR-000002")], books({ numbers }), [said])).toEqual([]);
  });
});
