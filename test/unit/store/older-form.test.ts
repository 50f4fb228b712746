import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { audit } from "../../../src/store/audit.ts";
import { openConnection } from "../../../src/store/connection.ts";
import { migrate } from "../../../src/store/migrate.ts";
import { migration0001 } from "../../../src/store/migrations/0001.ts";
import { openingText } from "../../../src/store/record-text.ts";
import { recordWriter } from "../../../src/store/records.ts";
import { beginSession } from "../../../src/store/sessions.ts";
import { emptyFold } from "../../../src/model/attempt.ts";
import {
  batchOpening,
  databaseOf,
  dataFolder,
  morning,
  opening,
  owned,
  pass,
  profile,
  run,
} from "./books.ts";

/** Books as the first version of the program left them: two units, no deeds. */
function firstForm(): string {
  const folder = dataFolder();
  const file = databaseOf(folder);
  const db = openConnection(file, { wal: true });
  migrate(db, file, [migration0001]);
  beginSession(db, { station: "line1", timezone: null, toolVersion: "0.1.0", startedAt: morning });
  const { hash, name, revision, text } = profile;
  db.prepare("INSERT INTO profiles VALUES (?, ?, ?, ?)").run(hash, name, revision, text);
  db.prepare("INSERT INTO batches VALUES ('WO-1', ?, ?, ?, 'VESC 60', 8, 0, 1, ?, 'lead', NULL, NULL)").run(
    name,
    revision,
    hash,
    morning.toISOString(),
  );
  for (const id of [1, 2]) {
    const begun = opening(`UNIT-${id}`);
    db.prepare("INSERT INTO units VALUES (?, 'line', ?, ?, ?)").run(
      id,
      begun.barcode,
      `${id}`.repeat(24),
      morning.toISOString(),
    );
    db.prepare("INSERT INTO attempts VALUES (?, ?, 1, 'WO-1', 1, ?, ?)").run(
      id,
      id,
      hash,
      openingText(begun),
    );
    db.prepare("INSERT INTO running VALUES (?, ?)").run(id, id);
    const end = { endedAt: morning, ...emptyFold, ms: 12_000, serial: null, serials: [], outcome: pass };
    recordWriter(db)(id, { attempt: 1, ...begun, ...end, uid: `${id}`.repeat(24) });
    db.prepare("DELETE FROM running WHERE unit_id = ?").run(id);
  }
  db.close();
  return folder;
}

test("a copy of the first form is audited as it is", () => {
  const folder = firstForm();
  expect(audit(databaseOf(folder))).toMatchObject({ kind: "whole", rows: 2, deeds: 0, signatures: 0 });
});

test("books of the first form go on: the old chain still verifies, and old units are found by a part of their code", () => {
  const folder = firstForm();
  const before = audit(databaseOf(folder));
  const store = owned(folder);
  expect(store.audit()).toMatchObject({ kind: "whole", rows: 2, deeds: 0 });
  expect(store.unitLife("NIT-2")).toMatchObject({ kind: "found", life: { barcode: "UNIT-2" } });
  expect(store.unitLife("1111111")).toMatchObject({ kind: "found", life: { barcode: "UNIT-1" } });
  run(store, "UNIT-3");
  store.closeBatch("WO-1", "lead", morning);
  store.openBatch(batchOpening("WO-2"));
  expect(store.audit({ head: before.kind === "whole" ? before.head : null })).toMatchObject({
    kind: "whole",
    rows: 3,
    signatures: 1,
  });
  copyFileSync(`${databaseOf(folder)}.form-1`, join(folder, "old.db"));
  expect(audit(join(folder, "old.db"))).toMatchObject({ kind: "whole", rows: 2 });
});
