import { Ajv, type AnySchema } from "ajv";
import { expect, test } from "vitest";
import { writtenSchemaText } from "../../../../src/cli/engineer/schema.ts";
import { chainStart, deedHash, recordHash } from "../../../../src/model/chain.ts";
import type { Message, Subscription } from "../../../../src/model/outbox.ts";
import { isSigned } from "../../../../src/model/statement.ts";
import { audit } from "../../../../src/store/audit/audit.ts";
import { openStore } from "../../../../src/store/open-store.ts";
import { skipBeside } from "../../../../src/store/record-beside.ts";
import type { Store } from "../../../../src/store/store.ts";
import {
  batchOpening,
  databaseOf,
  dataFolder,
  failed,
  morning,
  owned,
  ready,
  refused,
  run,
  withoutTriggers,
} from "../books.ts";

const production: Subscription = {
  station: "line1-bench",
  simulatedStation: false,
  trial: false,
  simulated: false,
};
const all: Subscription = { ...production, trial: true, simulated: true };
const why = { reason: "fixture was not closed", by: "A. Kim", role: null, at: morning } as const;
const unit = (barcode: string) => ({ barcode, realm: "line" as const });

interface Said {
  readonly type: "attempt" | "deed";
  readonly key: string;
  readonly chain: string;
  readonly seq: number;
  readonly hash: string;
  readonly previous: string;
  readonly station: string;
  readonly trial: boolean;
  readonly simulated: boolean;
  readonly kind?: string;
  readonly statement?: string | null;
  readonly signature?: string | null;
  readonly publicKey?: string | null;
  readonly record: { readonly barcode: string | null; readonly batch: string | null };
}
const read = ({ text }: Pick<Message, "text">): Said => JSON.parse(text) as Said;
const short = ({ type, kind, record: { barcode, batch } }: Said): string =>
  type === "attempt" ? `attempt ${barcode ?? ""}` : `${kind ?? ""} ${barcode ?? batch ?? ""}`.trim();

/** All that waits for a destination, acknowledged as it comes. */
function drained(store: Store, of: Subscription = production, name = "mes"): Said[] {
  const taken: Said[] = [];
  for (;;) {
    const next = store.outboxNext(name, of);
    if (next.kind === "none") return taken;
    if (next.kind === "lost") throw new Error(next.why);
    if (next.kind === "passed") store.outboxPass(name, next.from, next.to);
    else {
      taken.push(read(next.message));
      store.outboxTaken(name, next.message, morning);
    }
  }
}

/** The next message, with what lies before it passed over. */
function waitingAt(store: Store, of: Subscription = production): Message {
  for (;;) {
    const next = store.outboxNext("mes", of);
    if (next.kind === "message") return next.message;
    if (next.kind !== "passed") throw new Error(`${next.kind}: a message was expected`);
    store.outboxPass("mes", next.from, next.to);
  }
}

/** Books with a destination from their beginning. */
function sending(folder = dataFolder()): Store {
  const store = owned(folder);
  store.outboxBegin("mes", "beginning", morning);
  store.openBatch(batchOpening());
  return store;
}

test("each attempt and each decision comes once, in the order of the bench", () => {
  const store = sending();
  run(store, "UNIT-1");
  run(store, "UNIT-2", { outcome: failed("NO_BOARD") });
  store.voidAttempt(unit("UNIT-1"), null, why);
  store.reworkUnit(unit("UNIT-2"), why);
  run(store, "UNIT-2");
  store.scrapUnit(unit("UNIT-2"), why);
  store.closeBatch("WO-1", "lead", morning);
  expect(drained(store).map(short)).toEqual([
    "batch-opened WO-1",
    "attempt UNIT-1",
    // The clock says earlier: it is about a record, so it comes behind it, and here before the next one.
    "unit-voided UNIT-1",
    "attempt UNIT-2",
    "unit-reworked UNIT-2",
    "attempt UNIT-2",
    "unit-scrapped UNIT-2",
    "batch-closed WO-1",
  ]);
  expect(drained(store)).toEqual([]);
  expect(store.outboxState("mes")).toMatchObject({ delivered: 8, failure: null });
});

test("a clock that was set back moves no record before its order, and no closing before its last record", () => {
  const store = owned(dataFolder());
  store.outboxBegin("mes", "beginning", morning);
  const tomorrow = new Date(morning.getTime() + 86_400_000);
  store.openBatch(batchOpening("WO-1", { at: tomorrow }));
  run(store, "UNIT-1");
  run(store, "UNIT-2");
  store.closeBatch("WO-1", "lead", new Date(morning.getTime() - 86_400_000));
  expect(drained(store).map(short)).toEqual([
    "batch-opened WO-1",
    "attempt UNIT-1",
    "attempt UNIT-2",
    "batch-closed WO-1",
  ]);
});

test("what nobody asked for is not sent: log-ins, exports, labels, trials and simulated boards", () => {
  const store = sending();
  for (const kind of ["logged-in", "exported", "looked-up", "label-printed"] as const)
    store.record({
      kind,
      at: morning,
      by: "op7",
      role: null,
      realm: null,
      batch: "WO-1",
      barcode: null,
      slot: null,
      detail: {},
    });
  store.openBatch(batchOpening("WO-T", { trial: true }));
  run(store, "UNIT-1", { opening: { realm: "sim" } });
  run(store, "UNIT-2", { opening: { batch: "WO-T", trial: true } });
  store.voidAttempt({ barcode: "UNIT-1", realm: "sim" }, null, why);
  store.voidAttempt(unit("UNIT-2"), null, why);
  run(store, "UNIT-3");
  store.outboxBegin("trials", "beginning", morning);
  store.outboxBegin("both", "beginning", morning);
  expect(drained(store).map(short)).toEqual(["batch-opened WO-1", "attempt UNIT-3"]);
  const trials = drained(store, { ...production, trial: true }, "trials");
  expect(trials.map(short)).toContain("attempt UNIT-2");
  expect(trials.map(short)).not.toContain("attempt UNIT-1");
  expect(trials.find(({ record }) => record.barcode === "UNIT-2")).toMatchObject({
    trial: true,
    simulated: false,
  });
  const both = drained(store, all, "both");
  expect(both.find(({ record }) => record.barcode === "UNIT-1")).toMatchObject({ simulated: true });
  expect(both.map(short).toSorted()).toEqual(
    [
      "batch-opened WO-1",
      "batch-opened WO-T",
      "attempt UNIT-1",
      "attempt UNIT-2",
      "attempt UNIT-3",
      "unit-voided UNIT-1",
      "unit-voided UNIT-2",
    ].toSorted(),
  );
});

test("the orders of a station with simulated slots only are simulated, too", () => {
  const store = sending();
  const station = { ...production, simulatedStation: true };
  run(store, "UNIT-1", { opening: { realm: "sim" } });
  expect(drained(store, station)).toEqual([]);
  store.outboxBegin("both", "beginning", morning);
  const told = drained(store, { ...station, simulated: true }, "both");
  expect(told.map(({ simulated }) => simulated)).toEqual([true, true]);
});

test("a message has the text that was hashed, at its end, and each link checks", () => {
  const store = sending();
  for (let i = 1; i <= 3; i += 1) run(store, `UNIT-${i} Ω\ud800`);
  const messages: Message[] = [];
  for (;;) {
    const next = store.outboxNext("mes", production);
    if (next.kind === "none") break;
    if (next.kind !== "message") throw new Error(next.kind);
    messages.push(next.message);
    store.outboxTaken("mes", next.message, morning);
  }
  const heads = new Map<string, string>();
  for (const { text } of messages) {
    const said = read({ text });
    const body = text.slice(text.indexOf(',"record":') + 10, -1);
    const hash = said.type === "attempt" ? recordHash : deedHash;
    expect(hash(said.previous, said.seq, body)).toBe(said.hash);
    expect(said.previous).toBe(heads.get(said.type) ?? chainStart);
    heads.set(said.type, said.hash);
  }
  expect(messages).toHaveLength(4);
});

test("messages are what the published schema says, read by a validator that is not ours", () => {
  const store = sending();
  run(store, "UNIT-1", { uid: "ab".repeat(12) });
  run(store, "UNIT-2", { outcome: failed("NO_BOARD") });
  store.voidAttempt(unit("UNIT-1"), null, why);
  store.release(
    { hash: "cd".repeat(32), name: "vesc-60", revision: "D", text: "x" },
    [],
    "eng",
    morning,
    "A. Kim",
  );
  store.closeBatch("WO-1", "lead", morning);
  const check = new Ajv({ allErrors: true, allowUnionTypes: true, formats: { "date-time": true } }).compile(
    JSON.parse(writtenSchemaText("outbox")) as AnySchema,
  );
  const messages = drained(store);
  expect(messages.map(short)).toContain("profile-released");
  for (const said of messages) expect(check(said) ? [] : check.errors).toEqual([]);
  const [first] = messages;
  expect(check({ ...first, key: "17" })).toBe(false);
});

test("the closing of an order carries what the station signed, and so does a void after it", () => {
  const store = sending();
  run(store, "UNIT-1");
  store.closeBatch("WO-1", "lead", morning);
  store.voidAttempt(unit("UNIT-1"), null, why);
  const [, attempt, closed, voided] = drained(store);
  for (const said of [closed, voided]) {
    const { statement, signature, publicKey } = said ?? {};
    expect(
      isSigned({ statement: statement ?? "", signature: signature ?? "", publicKey: publicKey ?? "" }),
    ).toBe(true);
    const signed = JSON.parse(statement ?? "") as Record<string, unknown>;
    expect(signed).toMatchObject({
      recordHead: { seq: 1, hash: attempt?.hash },
      deedHead: { seq: said?.seq, hash: said?.hash },
    });
  }
  expect(voided?.statement).not.toBe(closed?.statement);
});

test("keys stay, whatever happens to the books: the same row has the same key, another row in its place another one", () => {
  const folder = dataFolder();
  const store = sending(folder);
  run(store, "UNIT-1");
  const before = drained(store).map(({ key }) => key);
  store.close();
  const again = owned(folder);
  again.outboxBegin("other", "beginning", morning);
  expect(drained(again, production, "other").map(({ key }) => key)).toEqual(before);
  const elsewhere = sending();
  run(elsewhere, "UNIT-9");
  const there = drained(elsewhere);
  expect(there.map(({ seq }) => seq)).toEqual([1, 1]);
  expect(there.filter(({ key }) => before.includes(key)).map(short)).toEqual(["batch-opened WO-1"]);
});

test("a new destination begins with what happens from then on, or with the first record, and keeps its place", () => {
  const store = ready();
  run(store, "UNIT-1");
  store.outboxBegin("now", "now", morning);
  store.outboxBegin("begin", "beginning", morning);
  run(store, "UNIT-2");
  expect(drained(store, production, "now").map(short)).toEqual(["attempt UNIT-2"]);
  expect(drained(store, production, "begin").map(short)).toHaveLength(3);
  store.outboxBegin("now", "beginning", morning);
  expect(drained(store, production, "now")).toEqual([]);
  expect(store.outboxState("nobody")).toBeNull();
});

test("what waits is counted, with the time of the oldest", () => {
  const store = sending();
  for (let i = 1; i <= 20; i += 1) run(store, `UNIT-${i}`);
  expect(store.outboxWaiting("mes", production, 1000)).toEqual({ count: 21, more: false, oldest: morning });
  expect(store.outboxWaiting("mes", production, 5)).toMatchObject({ count: 6, more: true });
  drained(store);
  expect(store.outboxWaiting("mes", production, 1000)).toEqual({ count: 0, more: false, oldest: null });
});

test("thousands of rows that a destination does not get are passed over in small pieces", () => {
  const store = sending();
  for (let i = 1; i <= 1200; i += 1) run(store, `UNIT-${i}`, { opening: { realm: "sim" } });
  run(store, "UNIT-9999");
  let questions = 0;
  const seen: string[] = [];
  for (;;) {
    questions += 1;
    const next = store.outboxNext("mes", production);
    if (next.kind === "none" || next.kind === "lost") break;
    if (next.kind === "passed") store.outboxPass("mes", next.from, next.to);
    else {
      seen.push(short(read(next.message)));
      store.outboxTaken("mes", next.message, morning);
    }
  }
  expect(seen).toEqual(["batch-opened WO-1", "attempt UNIT-9999"]);
  expect(questions).toBeGreaterThan(3);
});

test("an answer that comes when the place was moved by somebody else changes nothing", () => {
  const store = sending();
  run(store, "UNIT-1");
  const first = waitingAt(store);
  store.outboxTaken("mes", first, morning);
  store.outboxTaken("mes", first, morning);
  expect(store.outboxState("mes")).toMatchObject({ delivered: 1 });
  expect(drained(store).map(short)).toEqual(["attempt UNIT-1"]);
});

test("a place that does not fit the books is told, and nothing is sent", () => {
  const folder = dataFolder();
  const store = sending(folder);
  run(store, "UNIT-1");
  drained(store);
  store.close();
  const db = withoutTriggers(folder);
  db.prepare("UPDATE destinations SET record_hash = ?").run("ab".repeat(32));
  db.close();
  const reader = openStore(folder, { mode: "reader" });
  expect(reader.outboxNext("mes", production)).toMatchObject({
    kind: "lost",
    why: expect.stringContaining("record 1") as string,
  });
  reader.close();
});

test("a refused message is passed over by its key, with a reason, beside a running line; the audit log says so", () => {
  const folder = dataFolder();
  const store = sending(folder);
  run(store, "UNIT-1");
  run(store, "UNIT-2");
  const opened = waitingAt(store);
  store.outboxTaken("mes", opened, morning);
  const bad = waitingAt(store);
  store.outboxFailed("mes", { why: "HTTP 422", at: morning, refused: bad.key });
  expect(store.outboxState("mes")?.failure).toMatchObject({
    why: "HTTP 422",
    refused: bad.key,
    since: morning,
  });
  expect(refused(() => skipBeside(folder, "mes", opened.key, production, why), "conflict").message).toContain(
    bad.key,
  );
  expect(
    refused(() => skipBeside(folder, "mes", bad.key, production, { ...why, reason: " " }), "conflict")
      .message,
  ).toContain("reason");
  const deed = skipBeside(folder, "mes", bad.key, production, why);
  expect(deed).toMatchObject({
    kind: "message-skipped",
    by: "A. Kim",
    detail: {
      destination: "mes",
      key: bad.key,
      message: "record 1, UNIT-1",
      reason: "fixture was not closed",
    },
  });
  expect(store.outboxState("mes")).toMatchObject({ delivered: 1, failure: null });
  expect(drained(store).map(short)).toEqual(["attempt UNIT-2"]);
  expect(refused(() => skipBeside(folder, "mes", bad.key, production, why), "conflict").message).toContain(
    "nothing waits",
  );
  expect(store.audit()).toMatchObject({ kind: "whole" });
});

test("places go forward only, by the database itself", () => {
  const folder = dataFolder();
  const store = sending(folder);
  run(store, "UNIT-1");
  drained(store);
  const { from, to } = { from: { record: 1, deed: 1 }, to: { record: 0, deed: 0 } };
  expect(refused(() => store.outboxPass("mes", from, to), "conflict").message).toContain("never goes back");
});

test("a copy of the books has the places with it, and its audit and the chains do not know of them", async () => {
  const folder = dataFolder();
  const store = sending(folder);
  run(store, "UNIT-1");
  drained(store);
  const copy = `${databaseOf(folder)}.copy`;
  expect(await store.backup(copy)).toMatchObject({ kind: "whole", rows: 1 });
  expect(audit(copy)).toMatchObject({ kind: "whole", rows: 1, deeds: 1 });
});

test("an attempt that closes writes nothing for the outbox", () => {
  const store = sending();
  const before = store.outboxState("mes");
  run(store, "UNIT-1");
  expect(store.outboxState("mes")).toEqual(before);
});
