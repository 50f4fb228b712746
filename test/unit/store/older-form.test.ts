import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { audit } from "../../../src/store/audit/audit.ts";
import { openConnection } from "../../../src/store/file/connection.ts";
import { migrate } from "../../../src/store/file/migrate.ts";
import { migration0001 } from "../../../src/store/migrations/0001.ts";
import { migrations } from "../../../src/store/migrations/table.ts";
import { openingText } from "../../../src/store/records/record-text.ts";
import { recordWriter } from "../../../src/store/records/records.ts";
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
  stepDone,
} from "./books.ts";

/** Books as a version of the program left them, with two units: closed, or as a power cut leaves them. */
function formOf(steps: readonly string[], closed: boolean): string {
  const folder = dataFolder();
  const file = databaseOf(folder);
  const db = openConnection(file, { wal: true });
  migrate(db, file, steps);
  beginSession(db, { station: "line1", timezone: null, toolVersion: "0.1.0", startedAt: morning });
  const { hash, name, revision, text } = profile;
  db.prepare("INSERT INTO profiles VALUES (?, ?, ?, ?)").run(hash, name, revision, text);
  db.prepare("INSERT INTO batches VALUES ('WO-1', ?, ?, ?, 'VESC 60', 8, 0, 1, ?, 'lead', NULL, NULL)").run(
    name,
    revision,
    hash,
    morning.toISOString(),
  );
  const begun = [1, 2].map((id) => ({ id, uid: `${id}`.repeat(24), opening: opening(`UNIT-${id}`) }));
  for (const { id, uid, opening: open } of begun) {
    db.prepare("INSERT INTO units VALUES (?, 'line', ?, ?, ?)").run(
      id,
      open.barcode,
      uid,
      morning.toISOString(),
    );
    db.prepare("INSERT INTO attempts VALUES (?, ?, 1, 'WO-1', 1, ?, ?)").run(id, id, hash, openingText(open));
    db.prepare("INSERT INTO running VALUES (?, ?)").run(id, id);
  }
  // Two slots at once: their events lie among one another.
  const note = db.prepare("INSERT INTO events (attempt_id, at, event) VALUES (?, ?, ?)");
  for (const id of [2, 1, 1, 2, 1])
    note.run(id, morning.toISOString(), JSON.stringify({ ...stepDone, bytes: id }));
  for (const { id, uid, opening: open } of closed ? begun : []) {
    const end = { endedAt: morning, ...emptyFold, ms: 12_000, serial: null, serials: [], outcome: pass };
    recordWriter(db)(id, { attempt: 1, ...open, ...end, uid });
    db.prepare("DELETE FROM running WHERE unit_id = ?").run(id);
  }
  db.close();
  return folder;
}

/** The first version knew no deeds. */
const firstForm = (): string => formOf([migration0001], true);

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

test("an attempt that a power cut left in an older form is closed with its own events", () => {
  const folder = formOf(migrations.slice(0, 4), false);
  const store = owned(folder);
  const steps = store
    .running()
    .map(({ events }) => events.map((event) => ("bytes" in event ? event.bytes : 0)));
  expect(steps).toEqual([
    [1, 1, 1],
    [2, 2],
  ]);
  expect(store.recover().attempts).toMatchObject([
    { barcode: "UNIT-1", outcome: { kind: "ABORTED" }, steps: [{ bytes: 1 }] },
    { barcode: "UNIT-2", outcome: { kind: "ABORTED" }, steps: [{ bytes: 2 }] },
  ]);
  expect(store.running()).toEqual([]);
  run(store, "UNIT-1");
  expect(store.audit()).toMatchObject({ kind: "whole", rows: 3 });
});
