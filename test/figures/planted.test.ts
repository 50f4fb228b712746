import { statSync, truncateSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { audit } from "../../src/store/audit/audit.ts";
import type { Seat } from "../reliability/seat.ts";
import { databaseOf, withoutTriggers } from "../unit/store/books.ts";
import { figures } from "./all.ts";
import { type Figure, type Seen } from "./figure.ts";
import { wrongBytes } from "./mutations.ts";
import { powerCuts } from "./power-cuts.ts";
import { runFigure } from "./run-figure.ts";
import { rowText, verdictOf } from "./table.ts";
import { tamperings } from "./tampering.ts";
import { eightWriters } from "./two-writers.ts";

/** What the command says of a figure that comes to this. */
async function ranWith(seen: () => Promise<Seen>): Promise<{ readonly word: string; readonly row: string }> {
  const figure: Figure = { number: 0, what: "planted", target: "all", run: seen };
  const ran = await runFigure(figure, 1);
  return { word: verdictOf(ran), row: rowText(ran) };
}

test("the figures are the ten that are published", () => {
  expect(figures.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

describe("a planted fault makes a figure MISSED:", () => {
  test("2, a row that is lost from an image", async () => {
    const { word, row } = await ranWith(() =>
      powerCuts(3, (folder) => {
        const db = withoutTriggers(folder);
        db.exec("DELETE FROM batches");
        db.close();
      }),
    );
    expect(word).toBe("MISSED");
    expect(row).toContain("half a transaction");
  });

  test("2, commits that were on the disk and are not there", async () => {
    const { word, row } = await ranWith(() =>
      powerCuts(5, (folder) => {
        const log = `${databaseOf(folder)}-wal`;
        truncateSync(log, statSync(log).size / 2);
      }),
    );
    expect(word).toBe("MISSED");
    expect(row).toContain("commits that were on the disk");
  });

  test("4, a number that two processes were told, and one that is lost from the books", async () => {
    const twice = await ranWith(() =>
      eightWriters(5, (all) => ({ ...all, told: [...all.told.slice(1), all.told[1] ?? ""] })),
    );
    expect(twice).toMatchObject({ word: "MISSED", row: expect.stringContaining("told twice") as string });
    const lost = await ranWith(() =>
      eightWriters(5, (all) => {
        const db = withoutTriggers(all.folder);
        db.exec("DELETE FROM moves WHERE id = 7");
        db.close();
        return all;
      }),
    );
    expect(lost).toMatchObject({ word: "MISSED", row: expect.stringContaining("39 of 40") as string });
  }, 60_000);

  test("6, a board that reads back what it was told, whatever its flash holds", async () => {
    const { word, row } = await ranWith(() => wrongBytes(60, readsBackWhatItWasTold));
    expect(word).toBe("MISSED");
    expect(row).toContain("false PASS, flash at offset");
  });

  test("10, an audit that knows no head", async () => {
    const { word, row } = await ranWith(() => tamperings(40, (file) => audit(file)));
    expect(word).toBe("MISSED");
    expect(row).toMatch(/(tail cut off|old copy|written anew), first bad row \d+: not found/);
  });

  test("any, with fewer cases than it was to have, or with none", async () => {
    const count = { of: "cases", wanted: 3, seen: 2 };
    expect((await ranWith(() => Promise.resolve({ counts: [count], facts: [], broken: [] }))).word).toBe(
      "MISSED",
    );
    expect((await ranWith(() => Promise.resolve({ counts: [], facts: [], broken: [] }))).word).toBe("MISSED");
    expect((await ranWith(() => Promise.reject(new Error("broken off")))).word).toBe("MISSED");
  });

  test("none: the same figures are ok", async () => {
    expect((await ranWith(() => powerCuts(3))).word).toBe("ok");
    expect((await ranWith(() => wrongBytes(30))).word).toBe("ok");
    expect((await ranWith(() => tamperings(20))).word).toBe("ok");
  });
});

function readsBackWhatItWasTold({ board }: Seat): void {
  const write = board.write.bind(board);
  const read = board.read.bind(board);
  let told: Uint8Array | null = null;
  board.write = (address, bytes) => {
    const work = write(address, bytes);
    told = board.chip().flash.slice();
    return work;
  };
  board.read = (address, length) => {
    if (told === null || board.chip().area(address) !== "flash") return read(address, length);
    const at = address - board.chip().spec.family.flashStart;
    return told.slice(at, at + length);
  };
}
