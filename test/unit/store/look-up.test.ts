import { expect, test } from "vitest";
import { dataFolder, macSpec, raw, ready, run, serialSpec } from "./books.ts";

const specs = [serialSpec("consume-on-success"), macSpec()];
const found = (barcode: string) => ({ kind: "found", life: { barcode } });

test("a unit is found by its MAC address, with colons, dashes or none, in any letters", () => {
  const store = ready();
  run(store, "UNIT-1", { specs });
  run(store, "UNIT-2", { specs });
  for (const mac of ["70b3d5000001", "70:B3:D5:00:00:01", "70-b3-d5-00-00-01", "70B3D5000001"])
    expect(store.unitLife(mac)).toMatchObject(found("UNIT-2"));
});

test("a unit is found by a part of its code, a new one at once, and a number that went elsewhere is not it", () => {
  const store = ready();
  run(store, "PANEL-7781/A", { specs, uid: "0123456789abcdef01234567" });
  expect(store.unitLife("7781/a")).toMatchObject(found("PANEL-7781/A"));
  expect(store.unitLife("ABCDEF012")).toMatchObject(found("PANEL-7781/A"));
  expect(store.unitLife("60-00001")).toMatchObject(found("PANEL-7781/A"));
  for (const hostile of ['"', '""""', "AND OR", "NEAR(a b)", "* code:x", "-----", "'; --"])
    expect(store.unitLife(hostile)).toEqual({ kind: "none" });
});

test("a unit is found by a part whose end a thousand other codes have", () => {
  const folder = dataFolder();
  const store = ready(folder);
  run(store, "QQ7/A-000000");
  raw(folder).exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1200)
    INSERT INTO units (realm, barcode, first_seen) SELECT 'line', 'BULK' || i || '-000000', '' FROM n`);
  expect(store.unitLife("7/A-000000")).toMatchObject(found("QQ7/A-000000"));
  run(store, "XQ7/A-000000");
  expect(store.unitLife("7/A-000000")).toMatchObject({
    kind: "several",
    candidates: [{ barcode: "QQ7/A-000000" }, { barcode: "XQ7/A-000000" }],
  });
  expect(store.unitLife("X7/A-000000")).toEqual({ kind: "none" });
});

test("of hundreds with a part fifty are told, those of the line, whatever simulated ones came before", () => {
  const folder = dataFolder();
  const store = ready(folder);
  raw(folder).exec(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300)
    INSERT INTO units (realm, barcode, first_seen) SELECT iif(i < 200, 'sim', 'line'), 'Many-' || i, '' FROM n`);
  const search = store.unitLife("mANY-");
  if (search.kind !== "several") throw new Error(search.kind);
  expect(new Set(search.candidates.map(({ realm }) => realm))).toEqual(new Set(["line"]));
  expect(search.candidates).toHaveLength(50);
  expect(search.candidates[0]).toMatchObject({ barcode: "Many-200" });
});
