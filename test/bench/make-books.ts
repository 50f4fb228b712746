import { createHash } from "node:crypto";
import type { AttemptRecord } from "../../src/model/attempt.ts";
import { stepNames } from "../../src/model/event.ts";
import { chainStart, recordHash } from "../../src/model/chain.ts";
import { openConnection } from "../../src/store/file/connection.ts";
import { databaseName, openStore } from "../../src/store/open-store.ts";
import {
  openingText,
  queriedColumns,
  recordText,
  type RecordBody,
} from "../../src/store/records/record-text.ts";
import { batchOpening, opening, profile } from "../unit/store/openings.ts";

export const barcodeOf = (unit: number): string => `UNIT-${String(unit).padStart(8, "0")}`;
export const serialOf = (unit: number): string => `V60-${String(unit).padStart(7, "0")}`;
export const uidOf = (unit: number): string =>
  createHash("sha256").update(String(unit)).digest("hex").slice(0, 24);

const start = Date.UTC(2025, 0, 1);

/**
 * Books of so many units and a fifth more attempts, spread over a year, in batches of 10 000 units: every fifth unit
 * fails at first and passes at its second attempt. Rows go in without the triggers, which come back word for word, and
 * without a wait for the disk; texts and hashes are made by the program's own functions. The journal of single steps
 * (about ten rows an attempt) is left out: neither audit nor look-up reads it.
 */
export function makeBooks(folder: string, units: number, said: (done: number) => void): string {
  const file = `${folder}/${databaseName}`;
  const store = openStore(folder, { mode: "owner", station: "line1", timezone: "UTC", toolVersion: "bench" });
  for (let batch = 0; batch * 10_000 < units; batch += 1)
    store.openBatch(batchOpening(`WO-${batch}`, { quantity: 10_000, at: new Date(start) }));
  store.close();

  const db = openConnection(file, { wal: true });
  db.pragma("synchronous = OFF");
  db.pragma("foreign_keys = OFF");
  const triggers = db
    .prepare<[], { name: string; sql: string }>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
  const columns = [...queriedColumns.map(({ name }) => name), "attempt_id", "body", "previous_hash", "hash"];
  const insertUnit = db.prepare(
    "INSERT INTO units (id, realm, barcode, uid, first_seen) VALUES (?, 'line', ?, ?, ?)",
  );
  const insertAttempt = db.prepare(
    `INSERT INTO attempts (id, unit_id, attempt, batch, session_id, profile_hash, opening) VALUES (?, ?, ?, ?, 1, ?, ?)`,
  );
  const insertRecord = db.prepare(
    `INSERT INTO records (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
  );
  const insertNumber = db.prepare(
    `INSERT INTO numbers (id, series, realm, number, text, kind, origin, policy, state, unit_id, attempt_id, session_id)
     VALUES (@unit, 'vesc-60', 'line', @unit, @text, 'serial', 'issued', 'consume-on-success', 'committed', @unit, @attempt, 1)`,
  );
  const insertMove = db.prepare(
    `INSERT INTO moves (number_id, state_before, state, text, unit_id, attempt_id, session_id, reason, at)
     VALUES (@unit, @was, @is, @text, @unit, @attempt, 1, 'bench', @when)`,
  );
  let seq = 0;
  let hash = chainStart;

  function one(unit: number, attempt: number, passed: boolean): void {
    const at = start + Math.floor((unit / units) * 364 * 86_400_000) + (attempt - 1) * 60_000;
    const whole = recordOf(seq + 1, unit, attempt, passed, at);
    const { opened, record } = whole;
    const body = recordText(record);
    const before = hash;
    seq += 1;
    hash = recordHash(before, seq, body);
    insertAttempt.run(seq, unit, attempt, record.batch, profile.hash, openingText(opened));
    insertRecord.run(...queriedColumns.map(({ of }) => of(record)), seq, body, before, hash);
  }

  const many = db.transaction((from: number, to: number) => {
    for (let unit = from; unit <= to; unit += 1) {
      const when = new Date(start).toISOString();
      insertUnit.run(unit, barcodeOf(unit), uidOf(unit), when);
      const again = unit % 5 === 0;
      if (again) one(unit, 1, false);
      one(unit, again ? 2 : 1, true);
      const text = serialOf(unit);
      insertNumber.run({ unit, text, attempt: seq });
      for (const [was, is] of [
        [null, "reserved"],
        ["reserved", "written"],
        ["written", "committed"],
      ] as const)
        insertMove.run({ unit, was, is, text, attempt: seq, when });
    }
  });
  const step = 10_000;
  for (let from = 1; from <= units; from += step) {
    many(from, Math.min(units, from + step - 1));
    said(Math.min(units, from + step - 1));
  }
  // As the third step of the books fills it from rows that are there.
  db.exec(`INSERT INTO codes (rowid, code) SELECT 4 * id, barcode FROM units;
    INSERT INTO codes (rowid, code) SELECT 4 * id + 1, uid FROM units;
    INSERT INTO codes (rowid, code) SELECT 4 * id + 2, text FROM numbers`);
  for (const { sql } of triggers) db.exec(sql);
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.close();
  return file;
}

function recordOf(seq: number, unit: number, attempt: number, passed: boolean, at: number) {
  const opened = opening(barcodeOf(unit), {
    batch: `WO-${Math.floor((unit - 1) / 10_000)}`,
    slot: `A${(unit % 8) + 1}`,
    port: `usb:1-4.${(unit % 8) + 1}`,
    reason: attempt === 1 ? "first" : "retry",
    images: [{ file: "fw.bin", sha256: "ef".repeat(32), ranges: [{ start: 0x08000000, end: 0x08040000 }] }],
    startedAt: new Date(at),
  });
  const steps: AttemptRecord["steps"] = stepNames.map((step, i) => ({
    step,
    start: i * 1500.25,
    ms: 1500.25,
    bytes: step === "write" || step === "verify" ? 262_144 : 0,
    retries: 0,
    outcome: "done",
    code: null,
  }));
  const record: RecordBody = {
    seq,
    attempt,
    ...opened,
    endedAt: new Date(at + 12_000),
    uid: uidOf(unit),
    uidHow: "Read Memory over usb",
    chip: {
      name: "STM32F405",
      productId: 0x413,
      familyKey: "f405",
      protocolVersion: 0x2200,
      bootloaderId: null,
      flashKiB: 1024,
      usbSerial: "3276364D3337",
    },
    options: [{ name: "RDP", wanted: 0xaa, before: 0xaa, after: 0xaa }],
    steps,
    injected: { fields: ["serial", "built", "check"], hash: "12".repeat(32) },
    verify: { method: "readback", hash: "34".repeat(32), bytes: 262_144 },
    notes: [],
    outcome: passed
      ? { kind: "PASS", marginal: false }
      : {
          kind: "FAIL",
          failure: {
            code: "VERIFY_MISMATCH",
            message: "Flash does not match the image. Red bin.",
            detail: "0x0801F2A4",
          },
        },
    ms: 12_000.5,
    serial: serialOf(unit),
    serials: [
      { series: "vesc-60", number: unit, text: serialOf(unit), state: passed ? "committed" : "written" },
    ],
  };
  return { opened, record };
}
