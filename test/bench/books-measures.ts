import { createHash } from "node:crypto";
import { audit } from "../../src/store/audit/audit.ts";
import { openConnection, type Connection } from "../../src/store/file/connection.ts";
import { disk } from "../../src/store/file/disk.ts";
import { openStore } from "../../src/store/open-store.ts";
import { stepNames } from "../../src/model/event.ts";
import type { AttemptHandle, AttemptRecord } from "../../src/model/attempt.ts";
import type { Store } from "../../src/store/store.ts";
import { barcodeOf, serialOf, uidOf } from "./make-books.ts";
import { batchOpening, opening, serialSpec, stepDone } from "../unit/store/openings.ts";
import { measured, processorNow, type Measured } from "./measured.ts";
import { median } from "./table.ts";

const timed = <T>(work: () => T): { readonly ms: number; readonly out: T } => {
  const begin = performance.now();
  const out = work();
  return { ms: performance.now() - begin, out };
};

/** Every row that the audit reads, and one pass of SHA-256 over the texts of the records. */
function bareAudit(db: Connection): void {
  const hash = createHash("sha256");
  const bodies = db.prepare<[], { body: string }>("SELECT * FROM records");
  for (const { body } of bodies.iterate()) hash.update(body, "utf8");
  hash.digest();
  for (const table of ["attempts", "units", "numbers", "moves", "deeds"])
    for (const row of db.prepare(`SELECT * FROM ${table}`).iterate()) void row;
}

/** Audit of all, beside a raw scan of the same rows and one pass of SHA-256. Each twice: the first fills the cache. */
export function auditCost(file: string): Measured {
  using db = closing(openConnection(file, { readonly: true }));
  bareAudit(db.connection);
  const bare = processorNow(() => bareAudit(db.connection)).ms;
  const ours = processorNow(() => audit(file));
  if (ours.out.kind !== "whole") throw new Error(`the books are broken: ${ours.out.broken.why}`);
  return measured("audit of all", ours.ms, bare, 2);
}

/** Looking a unit up, beside one select of a row by its number. Means over units all over the books, once warm. */
export function lookUps(folder: string, file: string, units: number): Measured[] {
  using store = openStore(folder, { mode: "reader" });
  using db = closing(openConnection(file, { readonly: true }));
  const some = Array.from(
    { length: Math.min(2000, units) },
    (_, i) => 1 + Math.floor((i * 0.618_034 * units) % units),
  );
  // One whole row, as a unit's record is.
  const point = db.connection.prepare("SELECT * FROM records WHERE seq = ?");
  const bareLook = (unit: number): void => void point.get(unit);
  const ask = (what: string, goal: number | null, code: (unit: number) => string): Measured => {
    const codes = new Map(some.map((unit) => [unit, code(unit)]));
    const ours = (unit: number): void => {
      const asked = codes.get(unit) ?? "";
      if (store.unitLife(asked).kind === "none") throw new Error(`${what}: ${asked} was not found`);
    };
    some.forEach(ours);
    some.forEach(bareLook);
    // By turns, a hundred at a time: a machine that is slower for a moment is so for both.
    const sums = { ours: 0, bare: 0 };
    for (let from = 0; from < some.length; from += 100) {
      const part = some.slice(from, from + 100);
      sums.ours += processorNow(() => part.forEach(ours)).ms;
      sums.bare += processorNow(() => part.forEach(bareLook)).ms;
    }
    return measured(what, sums.ours / some.length, sums.bare / some.length, goal);
  };
  return [
    ask("look-up by barcode", 10, barcodeOf),
    ask("look-up by serial", 10, serialOf),
    ask("look-up by UID", 10, uidOf),
    ask("look-up by 12 digits of a UID", null, (unit) => uidOf(unit).slice(6, 18)),
    ask("look-up by the end of a barcode", null, (unit) => barcodeOf(unit).slice(-8)),
    ask("look-up by 4 digits that many have", null, (unit) => barcodeOf(unit).slice(5, 9)),
  ];
}

/** The yield of the whole year, beside a raw scan of its records. */
export function yearCost(folder: string, file: string): Measured {
  using store = openStore(folder, { mode: "reader" });
  using db = closing(openConnection(file, { readonly: true }));
  const year = { from: new Date(Date.UTC(2025, 0, 1)), to: new Date(Date.UTC(2026, 0, 1)) };
  const scan = (): void => {
    for (const row of db.connection.prepare("SELECT * FROM records").iterate()) void row;
  };
  scan();
  const bare = processorNow(scan).ms;
  return measured("yield of a year", processorNow(() => store.yieldOf(year)).ms, bare, null);
}

/**
 * Closing an attempt, beside bare inserts of a text of the same length, on the same disk with the same settings, into a
 * log that was filled once, as ours was. `slots`: so many attempts are open, and end in the same moment, as the line lets
 * them end: each is written, and they wait for the disk together. Bare is once as many durable inserts, each of which waits
 * in SQLite, and once inserts that wait in the way in which ours do. Goals: one alone against either, many at once against
 * as many durable ones.
 */
export async function closingCost(folder: string, slots: number, rounds: number): Promise<Measured[]> {
  using store = openStore(folder, { mode: "owner", station: "bench", timezone: "UTC", toolVersion: "bench" });
  const batch = `CLOSE-${slots}`;
  store.openBatch(batchOpening(batch, { quantity: null, at: new Date() }));
  // A file for each way: SQLite is told once how to wait, as the line tells it.
  using durable = bareBooks(`${folder}/durable-${slots}.db`);
  using same = bareBooks(`${folder}/same-${slots}.db`);
  const end = { at: new Date(), ms: 12_000, outcome: { kind: "PASS", marginal: false } } as const;
  let last: AttemptRecord | null = null;
  const close = async (open: readonly AttemptHandle[]): Promise<void> => {
    await Promise.all(
      open.map(async (one) => {
        last = store.unhurried(() => store.closeAttempt(one, end));
        await store.onDisk();
      }),
    );
  };
  const took = { ours: [] as number[], durable: [] as number[], same: [] as number[] };
  // As long as a record's text; known once the first was closed.
  let body = "x".repeat(1700);
  for (let round = 0; round < rounds; round += 1) {
    const open = store.unhurried(() =>
      Array.from({ length: slots }, (_, slot) => beginOne(store, batch, `B${slots}-${round}-${slot}`)),
    );
    // What an attempt has written before its end is not the end's to wait for.
    await store.onDisk();
    const turns = [
      async () => {
        took.ours.push(await waited(() => close(open)));
        body = "x".repeat(JSON.stringify(last).length);
      },
      async () => {
        took.durable.push(timed(() => open.forEach(() => durable.insertDurably(body))).ms);
      },
      async () => {
        took.same.push(
          await waited(() =>
            Promise.all(
              open.map(async () => {
                same.disk.unhurried(() => same.insert(body));
                await same.disk.onDisk();
              }),
            ),
          ),
        );
      },
    ];
    // What comes later finds SQLite's code and the disk's way warm: each has each place in turn.
    for (let turn = 0; turn < turns.length; turn += 1) await turns[(round + turn) % turns.length]?.();
  }
  const ours = median(took.ours);
  const what = slots === 1 ? "closing an attempt" : `closing ${slots} at once`;
  return [
    measured(what, ours, median(took.durable), 1.5),
    measured(`${what}, waiting alike`, ours, median(took.same), slots === 1 ? 1.5 : null),
  ];
}

async function waited(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  await work();
  return performance.now() - begin;
}

/** A database of one table, whose log has had its size. */
function bareBooks(file: string) {
  const connection = openConnection(file, { wal: true });
  connection.exec("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
  const statement = connection.prepare("INSERT INTO bare (body) VALUES (?)");
  const insert = (body: string): void => void statement.run(body);
  const writes = disk(connection, file);
  // Past the thousand pages at which SQLite begins its log anew.
  writes.unhurried(() => {
    for (let i = 0; i < 1500; i += 1) insert("x".repeat(1700));
  });
  return {
    insert,
    insertDurably(body: string) {
      writes.hurry();
      insert(body);
    },
    disk: writes,
    [Symbol.dispose]() {
      writes[Symbol.dispose]();
      connection.close();
    },
  };
}

function beginOne(store: Store, batch: string, barcode: string): AttemptHandle {
  const spec = serialSpec("consume-on-success", { series: "close" });
  const [reserved = []] = store.reserveGang([{ barcode, realm: "line", specs: [spec] }]);
  const attempt = store.openAttempt(opening(barcode, { batch, images: [], startedAt: new Date() }), reserved);
  let ms = 0;
  for (const step of stepNames) {
    store.journal(attempt, { type: "step", step, state: "start", ms });
    ms += 1500;
    store.journal(attempt, { ...stepDone, step, bytes: 4096, took: 1500, ms });
  }
  store.markWritten(attempt);
  return attempt;
}

function closing(connection: Connection): Disposable & { readonly connection: Connection } {
  return { connection, [Symbol.dispose]: () => void connection.close() };
}
