import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importNumbersCommand } from "../../../src/cli/import-numbers.ts";
import { readCsv } from "../../../src/lib/read-csv.ts";
import { dataFolder, owned, ready, run, serialSpec } from "../store/books.ts";
import { someIo } from "./some-io.ts";

const specs = [serialSpec("consume-on-success")];
const head = "barcode,number,text\n";

function bring(folder: string, csv: string): void {
  const file = join(folder, "old.csv");
  writeFileSync(file, csv);
  importNumbersCommand({ file, series: "vesc-60", kind: "serial", by: "QA", data: folder }, someIo().io);
}

describe("numbers that units have from elsewhere", () => {
  test("are never given to another unit, and their own unit gets them again", () => {
    const folder = dataFolder();
    ready(folder).close();
    bring(folder, `${head}OLD-1,1,V60-00001\r\n"OLD,2",2,V60-00002\r\nOLD-4,4,V60-00004\r\n`);
    const store = owned(folder);
    expect(store.unitLife("OLD,2")).toMatchObject({
      kind: "found",
      life: { serials: [{ text: "V60-00002", state: "committed" }] },
    });
    expect(run(store, "UNIT-1", { specs }).serial).toBe("V60-00003");
    expect(run(store, "UNIT-2", { specs }).serial).toBe("V60-00005");
    expect(run(store, "OLD-4", { specs }).serial).toBe("V60-00004");
    expect(store.deeds({ kind: "imported" })).toMatchObject([
      { by: "QA", detail: { file: "old.csv", rows: 3 } },
    ]);
    expect(store.audit()).toMatchObject({ kind: "whole", rows: 3 });
  });

  test.each([
    ["a number twice", `${head}A,1,V60-00001\nB,1,V60-00002\n`, ":3: number 1 stands in line 2 already"],
    ["a unit twice", `${head}A,1,V60-00001\nA,2,V60-00002\n`, ":3: barcode A stands in line 2 already"],
    ["a text twice", `${head}A,1,X\n\nB,2,X\n`, ":4: text X stands in line 2 already"],
    ["no number", `${head}A,1e3,X\n`, ':2: number: "1e3" found'],
    ["a field too many", `${head}A,1,X,Y\n`, ":2: 4 fields found, 3 were expected"],
    ["an escape", `${head}A\u001b[2J,1,X\n`, ":2: barcode:"],
    [
      "another head",
      `serial,unit\n1,A\n`,
      ":1: serial,unit found, the head barcode,number,text was expected",
    ],
    ["nothing", "", ":1: nothing found"],
    ["an open quote", `${head}"A,1,X\n`, ":2: a quote is not closed"],
    [
      "a number of the ledger",
      `${head}A,7,X\nB,1,V60-00099\n`,
      ':3: number 1 "V60-00001" is in the ledger already and is unit UNIT-1\'s',
    ],
    ["a unit with a number", `${head}UNIT-1,9,V60-00009\n`, ":2: unit UNIT-1 has the number V60-00001"],
  ])("%s is refused with its line, and nothing of the file is taken", (_, csv, why) => {
    const folder = dataFolder();
    const store = ready(folder);
    run(store, "UNIT-1", { specs });
    store.close();
    expect(() => bring(folder, csv)).toThrow(why);
    const after = owned(folder);
    expect(after.unitLife("A")).toEqual({ kind: "none" });
    expect(after.deeds({ kind: "imported" })).toEqual([]);
  });
});

test("a CSV has its lines where they begin, also behind line feeds in quotes", () => {
  expect(readCsv('\uFEFFa,b\r\n"x\ny",""""\n\nc,\n')).toEqual({
    ok: true,
    rows: [
      { line: 1, fields: ["a", "b"] },
      { line: 2, fields: ["x\ny", '"'] },
      { line: 5, fields: ["c", ""] },
    ],
  });
  expect(readCsv("a,b")).toEqual({ ok: true, rows: [{ line: 1, fields: ["a", "b"] }] });
});
