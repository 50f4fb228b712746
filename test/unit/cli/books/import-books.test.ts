import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { importBooksCommand, type ImportBooksOptions } from "../../../../src/cli/books/import-books.ts";
import { audit } from "../../../../src/store/audit/audit.ts";
import { unitFinder } from "../../../../src/cli/line/find-unit.ts";
import { lookUp } from "../../../../src/station/look-up.ts";
import type { Store } from "../../../../src/store/store.ts";
import {
  batchOpening,
  databaseOf,
  dataFolder,
  failed,
  owned,
  run,
  serialSpec,
  withoutTriggers,
} from "../../store/books.ts";
import { someIo } from "../some-io.ts";

const specs = [serialSpec("consume-on-success")];
const from = (start: number) => [serialSpec("consume-on-success", { start })];
const uidA = "a".repeat(24);
const uidB = "b".repeat(24);

/** Books of a station, closed: what `make` puts into them. */
function books(station: string, make: (store: Store) => void): string {
  const folder = dataFolder();
  const store = owned(folder, { station });
  store.openBatch(batchOpening());
  make(store);
  store.close();
  return folder;
}

function copyOf(folder: string): string {
  const file = join(folder, "copy.db");
  copyFileSync(databaseOf(folder), file);
  return file;
}

function bring(folder: string, file: string, more: Partial<ImportBooksOptions> = {}): string {
  const { io, out } = someIo();
  importBooksCommand({ file, by: "QA", dry: false, data: folder, ...more }, io);
  return out.join("\n");
}

const line2 = (): string =>
  books("line2", (store) => {
    run(store, "UNIT-A", { specs: from(100), uid: uidA });
    run(store, "UNIT-B", { specs: from(100), wrote: true, outcome: failed("VERIFY_MISMATCH") });
  });

describe("the books of another station", () => {
  test("are looked up here, their passes count in the same order, their numbers are never given again", () => {
    const here = books("line1", (store) => void run(store, "UNIT-1", { specs }));
    expect(bring(here, copyOf(line2()))).toBe("line2: 2 new records, 2 new units, 2 new numbers");
    const store = owned(here);
    expect(store.unitLife(uidA)).toMatchObject({
      kind: "found",
      life: { barcode: "UNIT-A", attempts: [], elsewhere: [{ books: "line2", seq: 1, serial: "V60-00100" }] },
    });
    expect(store.passedInBatch("WO-1", "UNIT-A", "line")).toBe(true);
    expect(store.passedInBatch("WO-1", "UNIT-B", "line")).toBe(false);
    expect(run(store, "UNIT-2", { specs: from(100) }).serial).toBe("V60-00102");
    expect(run(store, "UNIT-B", { specs }).serial).toBe("V60-00101");
    expect(store.audit()).toMatchObject({ kind: "whole", rows: 3 });
  });

  test("are looked up at the bench as well, with the life of the unit there", async () => {
    const here = books("line1", () => {});
    bring(here, copyOf(line2()));
    const store = owned(here);
    const ask = { slot: null, wire: null, barcode: "UNIT-A" };
    const seen = await lookUp(ask, null, unitFinder(store), store);
    expect(seen).toMatchObject({
      uid: uidA,
      unit: { serial: "V60-00100" },
      records: [],
      elsewhere: [{ station: "line2", seq: 1 }],
      life: [{ attempt: 1, outcome: "PASS", wire: "usb" }],
    });
  });

  test("are followed from where they ended, and refused when they say another past", () => {
    const here = books("line1", () => {});
    const there = line2();
    const old = copyOf(there);
    bring(here, old);
    const store = owned(there, { station: "line2" });
    run(store, "UNIT-C", { specs: from(100) });
    store.voidAttempt({ barcode: "UNIT-A", realm: "line" }, null, {
      reason: "wrong label",
      by: "QA",
      role: null,
      at: new Date(),
    });
    store.close();
    expect(bring(here, databaseOf(there))).toBe("line2: 1 new record, 1 new unit, 1 new number");
    expect(() => bring(here, old)).toThrow("its record 3 was taken in before, and this file ends before it");
    const mine = owned(here);
    expect(mine.passedInBatch("WO-1", "UNIT-A", "line")).toBe(false);
    expect(mine.unitLife("UNIT-A")).toMatchObject({ life: { elsewhere: [{ void: "wrong label" }] } });
    expect(mine.audit()).toMatchObject({ kind: "whole", rows: 0 });
  });

  test("that claim a number or a chip of ours are an alarm that names both, and nothing is taken", () => {
    const here = books("line1", (store) => {
      run(store, "UNIT-1", { specs: from(100) });
      run(store, "UNIT-X", { uid: uidA });
      run(store, "UNIT-B", { uid: uidB });
    });
    const there = copyOf(
      books("line2", (store) => {
        run(store, "UNIT-A", { specs: from(100), uid: uidA });
        run(store, "UNIT-B", { uid: "c".repeat(24) });
      }),
    );
    const call = (): string => bring(here, there);
    expect(call).toThrow(`chip ${uidA}: line1 has it as unit UNIT-X, line2 as UNIT-A`);
    expect(call).toThrow(`unit UNIT-B: line1 has it with the chip ${uidB}, line2 with ${"c".repeat(24)}`);
    expect(call).toThrow(
      'number 100 "V60-00100" is claimed twice: of unit UNIT-1 of line1 (committed), and of unit UNIT-A of line2 (committed)',
    );
    const store = owned(here);
    expect(store.unitLife("UNIT-A")).toEqual({ kind: "none" });
    expect(store.deeds({ kind: "imported" })).toEqual([]);
  });

  test("are not taken in a dry run, nor when they are broken, our own, or none", () => {
    const here = books("line1", (store) => void run(store, "UNIT-1", { specs }));
    const there = line2();
    expect(bring(here, copyOf(there), { dry: true })).toContain(
      "2 new records, 2 new units, 2 new numbers; a dry run",
    );
    expect(() => bring(here, copyOf(here))).toThrow("these are our own books");
    expect(() => bring(here, join(here, "nothing.db"))).toThrow("there is no such file");
    withoutTriggers(there).exec("UPDATE records SET outcome = 'PASS', code = NULL WHERE seq = 2");
    expect(() => bring(here, databaseOf(there))).toThrow("these books are not whole: row 2 (UNIT-B)");
    expect(owned(here).unitLife("UNIT-A")).toEqual({ kind: "none" });
  });

  test.each([
    ["a record of theirs that was changed", "UPDATE elsewhere SET outcome = 'PASS' WHERE seq = 2", 2],
    ["one that is gone", "DELETE FROM elsewhere WHERE seq = 2", 2],
    ["all that are gone", "DELETE FROM elsewhere; DELETE FROM sources", 1],
  ])("%s is found by our own audit", (_, sql, seq) => {
    const here = books("line1", () => {});
    bring(here, copyOf(line2()));
    withoutTriggers(here).exec(sql);
    expect(audit(databaseOf(here))).toMatchObject({ kind: "broken", broken: { table: "elsewhere", seq } });
  });
});
