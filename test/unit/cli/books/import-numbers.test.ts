import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importNumbersCommand, type ImportOptions } from "../../../../src/cli/books/import-numbers.ts";
import { readCsv } from "../../../../src/lib/read-csv.ts";
import { audit } from "../../../../src/store/audit/audit.ts";
import {
  databaseOf,
  dataFolder,
  macSpec,
  owned,
  ready,
  run,
  serialSpec,
  withoutTriggers,
} from "../../store/books.ts";
import { someIo } from "../some-io.ts";

const specs = [serialSpec("consume-on-success")];
const head = "barcode,number,text\n";

function bring(folder: string, csv: string, more: Partial<ImportOptions> = {}): void {
  const file = join(folder, "old.csv");
  writeFileSync(file, csv);
  const list = { series: "vesc-60", kind: "serial", block: null, dry: false } as const;
  importNumbersCommand({ ...list, file, by: "QA", data: folder, ...more }, someIo().io);
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
    ["a number twice", `${head}A,1,V60-00001\nB,1,V60-00002\n`, ":3:3: number: 1 stands in line 2 already"],
    ["a unit twice", `${head}A,1,V60-00001\nA,2,V60-00002\n`, ":3:1: barcode: A stands in line 2 already"],
    ["a text twice", `${head}A,1,X\n\nB,2,X\n`, ":4:5: text: X stands in line 2 already"],
    ["no number", `${head}A,1e3,X\n`, ':2:3: number: "1e3" found'],
    ["a field too many", `${head}A,1,X,Y\n`, ":2:1: 4 fields found, 3 were expected"],
    ["an escape", `${head}A\u001b[2J,1,X\n`, ":2:1: barcode:"],
    [
      "another head",
      `serial,unit\n1,A\n`,
      ':1:1: "serial" found, the head number,text or first,last was expected',
    ],
    ["nothing", "", ":1:1: nothing found"],
    ["an open quote", `${head}"A,1,X\n`, ":2:1: a quote is not closed"],
    [
      "a number of the ledger",
      `${head}A,7,X\nB,1,V60-00099\n`,
      ':3:3: number: number 1 "V60-00001" is in the ledger already and is unit UNIT-1\'s',
    ],
    [
      "a unit with a number",
      `${head}UNIT-1,9,V60-00009\n`,
      ":2:1: barcode: unit UNIT-1 has the number V60-00001",
    ],
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

describe("a list of numbers that were bought", () => {
  const list =
    "number,text,state,reason\n7,AX-Q7,free,\n3,AX-K3,free,\n5,AX-P5,void,misprint\n9,AX-Z9,used,line 9\n";

  test("gives its free numbers as they stand there, the lowest first, and nothing beyond them", () => {
    const folder = dataFolder();
    ready(folder).close();
    bring(folder, list);
    const store = owned(folder);
    expect(run(store, "UNIT-1", { specs }).serial).toBe("AX-K3");
    expect(run(store, "UNIT-2", { specs }).serial).toBe("AX-Q7");
    expect(() => run(store, "UNIT-3", { specs })).toThrow("this gang needs 1 new number and 0 are left");
    expect(store.audit()).toMatchObject({ kind: "whole", rows: 2 });
  });

  test("a number that came back unused keeps the text of the list", () => {
    const folder = dataFolder();
    ready(folder).close();
    bring(folder, list);
    const store = owned(folder);
    const [given = []] = store.reserveGang([{ barcode: "UNIT-1", realm: "line", specs }]);
    store.giveBack(given, "line");
    expect(run(store, "UNIT-2", { specs }).serial).toBe("AX-K3");
  });

  test("a later list adds to it; simulated boards take nothing of it", () => {
    const folder = dataFolder();
    ready(folder).close();
    bring(folder, list);
    bring(folder, "number,text,state\n1,AX-A1,free\n");
    const store = owned(folder);
    const texts = ["UNIT-1", "UNIT-2", "UNIT-3"].map((barcode) => run(store, barcode, { specs }).serial);
    expect(texts).toEqual(["AX-A1", "AX-K3", "AX-Q7"]);
    const [sim] = store.reserveGang([{ barcode: "SIM-1", realm: "sim", specs }]);
    expect(sim).toMatchObject([{ number: 1, text: "V60-00001" }]);
  });

  test("used and void ranges alone are stepped over", () => {
    const folder = dataFolder();
    ready(folder).close();
    bring(folder, "first,last,state,reason\n1,1000000,used,line 9\n1000002,1000003,void,\n");
    const store = owned(folder);
    expect(run(store, "UNIT-1", { specs }).serial).toBe("V60-1000001");
    expect(run(store, "UNIT-2", { specs }).serial).toBe("V60-1000004");
  });

  test("a block of addresses is counted from the first one of the profile", () => {
    const folder = dataFolder();
    ready(folder).close();
    const csv =
      "first,last,state,barcode\n02:80:E1:00:10:02,02-80-e1-00-10-0f,free,\n0280e1001000,,void,\n0280e1001001,,used,OLD-1\n";
    bring(folder, csv, { series: "mac", kind: "mac", block: "02:80:E1:00:10:00" });
    const store = owned(folder);
    const mac = macSpec({ series: "mac" });
    const [given] = store.reserveGang([{ barcode: "UNIT-1", realm: "line", specs: [mac] }]);
    expect(given).toMatchObject([{ number: 2, text: mac.text(2) }]);
    expect(store.unitLife("02:80:E1:00:10:01")).toMatchObject({ kind: "found", life: { barcode: "OLD-1" } });
  });

  test.each([
    [
      "ranges that overlap",
      "first,last,state\n5,9,free\n1,6,used\n",
      ":3:1: number: 1 to 6 stands in line 2 already",
    ],
    [
      "a state that is none",
      "number,text,state\n1,X,fre\n",
      ':2:5: state: "fre" found, one of free, used, void',
    ],
    [
      "a free number of a unit",
      "number,text,state,barcode\n1,X,free,U\n",
      ':2:10: barcode: "U" found, none was',
    ],
    [
      "a range that runs backwards",
      "first,last,state\n9,5,free\n",
      ':2:3: last: "5" found, which lies before "9"',
    ],
    ["a head that is mistyped", "numbr,text\n1,X\n", ':1:1: "numbr" found, did you mean "number"?'],
  ])("%s is refused with line and column", (_, csv, why) => {
    const folder = dataFolder();
    ready(folder).close();
    expect(() => bring(folder, csv)).toThrow(why);
  });

  test("every mistake against the ledger is told at once, also in a dry run, and nothing is taken", () => {
    const folder = dataFolder();
    ready(folder).close();
    bring(folder, list);
    const again = "number,text,state\n20,N-20,free\n3,B,free\n8,AX-P5,void\n";
    for (const dry of [true, false])
      expect(() => bring(folder, again, { dry })).toThrow(
        /:3:1: number: AX-K3 is on the list already, free, brought by deed 2\n.*:4:1: number: AX-P5 is on the list already, void/,
      );
    bring(folder, "number,text,state\n20,N-20,free\n", { dry: true });
    const store = owned(folder);
    expect(store.deeds({ kind: "imported" })).toHaveLength(1);
    expect(store.audit()).toMatchObject({ kind: "whole" });
  });

  test("a row that was put on the list, or changed there, is found", () => {
    const folder = dataFolder();
    ready(folder).close();
    bring(folder, list);
    const db = withoutTriggers(folder);
    db.exec("UPDATE listed SET state = 'free' WHERE text = 'AX-P5'");
    expect(audit(databaseOf(folder))).toMatchObject({ kind: "broken", broken: { table: "listed", seq: 2 } });
    db.exec("UPDATE listed SET state = 'void' WHERE text = 'AX-P5'");
    expect(audit(databaseOf(folder))).toMatchObject({ kind: "whole" });
    db.exec("INSERT INTO listed VALUES (9, 'vesc-60', 90, 90, 'Y', 'free', '', 1)");
    expect(audit(databaseOf(folder))).toMatchObject({ kind: "broken", broken: { table: "listed", seq: 9 } });
  });
});

const place = (line: number, column: number): { line: number; column: number } => ({ line, column });

test("a CSV has its lines where they begin, also behind line feeds in quotes", () => {
  expect(readCsv('\uFEFFa,b\r\n"x\ny",""""\n\nc,\n')).toEqual({
    ok: true,
    rows: [
      { line: 1, fields: ["a", "b"], places: [place(1, 1), place(1, 3)] },
      { line: 2, fields: ["x\ny", '"'], places: [place(2, 1), place(3, 4)] },
      { line: 5, fields: ["c", ""], places: [place(5, 1), place(5, 3)] },
    ],
  });
  expect(readCsv("a,b")).toMatchObject({ ok: true, rows: [{ line: 1, fields: ["a", "b"] }] });
});
