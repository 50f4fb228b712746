import { describe, expect, test } from "vitest";
import { chainStart, recordHash } from "../../../../src/model/chain.ts";
import { Fault } from "../../../../src/model/fault.ts";
import { audit } from "../../../../src/store/audit/audit.ts";
import { openStore } from "../../../../src/store/open-store.ts";
import {
  batchOpening,
  begin,
  databaseOf,
  dataFolder,
  end,
  failed,
  macSpec,
  marginalPass,
  morning,
  opening,
  owned,
  pass,
  profile,
  raw,
  ready,
  refused,
  run,
  serialSpec,
  states,
  stepDone,
  unlocked,
} from "../books.ts";

const consume = serialSpec("consume-on-success");
const burn = serialSpec("burn-on-failure");
const uid = "0123456789abcdef01234567";

describe("the record of an attempt", () => {
  test("is what was known at its opening, what the events add up to, and its place in the chain", () => {
    const store = ready();
    const specs = [consume, macSpec()];
    const record = run(store, "UNIT-0001", { specs, uid, outcome: marginalPass, wrote: true });
    expect(record).toMatchObject({
      ...opening("UNIT-0001"),
      seq: 1,
      attempt: 1,
      endedAt: new Date(morning.getTime() + 12_000),
      ms: 12_000,
      uid,
      uidHow: "Read Memory over usb",
      serial: "V60-00001",
      outcome: marginalPass,
      previousHash: chainStart,
    });
    expect(states(record.serials)).toEqual(["V60-00001 committed", "70b3d5000000 committed"]);
    expect(record.steps).toEqual([
      { step: "identify", start: 0, ms: 0, bytes: 0, retries: 0, outcome: "cut", code: null },
      { step: "write", start: 200, ms: 800, bytes: 1024, retries: 0, outcome: "done", code: null },
    ]);
  });

  test("reads back from the disk as it was closed", () => {
    const store = ready();
    const records = [
      run(store, "UNIT-0001", { specs: [consume], uid }),
      run(store, "UNIT-0002", { outcome: failed("NO_BOARD"), opening: { trial: true, realm: "sim" } }),
    ];
    expect([...store.records()]).toEqual(records);
    expect(store.lastRecords(1)).toEqual(records.slice(1));
  });

  test("keeps text that no scanner should send, byte for byte", () => {
    const store = ready();
    const hostile = "=1+1\u0000\u001B]0;x\u0007\u202E\u{1F600}' \"; DROP TABLE records";
    const record = run(store, hostile, { opening: { operator: "lone \uD800 half" } });
    expect(store.attemptsOf(hostile, "line")).toEqual([record]);
    expect(store.audit()).toMatchObject({ kind: "whole", rows: 1 });
  });

  test("follows the one before: hash over hash, number, and the stored text", () => {
    const folder = dataFolder();
    const store = ready(folder);
    const [first, second] = [run(store, "UNIT-0001"), run(store, "UNIT-0002")];
    const bodies = raw(folder).prepare<[], { body: string }>("SELECT body FROM records ORDER BY seq").all();
    expect(second.previousHash).toBe(first.hash);
    expect(bodies.map(({ body }, i) => recordHash(i === 0 ? chainStart : first.hash, i + 1, body))).toEqual([
      first.hash,
      second.hash,
    ]);
    expect(store.head()).toEqual({ seq: 2, hash: second.hash });
  });

  test("numbers the attempts of a unit from 1, each unit for itself, realms apart", () => {
    const store = ready();
    const attempt = (barcode: string, realm: "line" | "sim"): number =>
      run(store, barcode, { opening: { realm } }).attempt;
    expect([attempt("A", "line"), attempt("B", "line"), attempt("A", "line"), attempt("A", "sim")]).toEqual([
      1, 1, 2, 1,
    ]);
  });

  test("holds no serial number where the number went back", () => {
    const record = run(ready(), "UNIT-0001", { specs: [consume, macSpec()], outcome: failed("NO_BOARD") });
    expect(record.serial).toBeNull();
    expect(states(record.serials)).toEqual(["V60-00001 returned", "70b3d5000000 returned"]);
  });

  test("tells a serial number from an address, whatever came first", () => {
    const record = run(ready(), "UNIT-0001", { specs: [macSpec(), consume] });
    expect(record.serial).toBe("V60-00001");
  });
});

describe("the journal", () => {
  test("keeps each event but progress, before the attempt is closed", () => {
    const folder = dataFolder();
    const store = ready(folder);
    const { attempt } = begin(store, "UNIT-0001");
    store.journal(attempt, { type: "step", step: "write", state: "start", ms: 1 });
    store.journal(attempt, { type: "progress", step: "write", done: 1, total: 2, ms: 2 });
    store.journal(attempt, stepDone);
    using reader = openStore(folder, { mode: "reader" });
    const [running] = reader.running();
    expect(running).toMatchObject({ handle: attempt, opening: opening("UNIT-0001") });
    expect(running?.events.map(({ type, ms }) => [type, ms])).toEqual([
      ["step", 1],
      ["step", 1000],
    ]);
    end(store, attempt);
    expect(reader.running()).toEqual([]);
  });

  test("keeps the verdict in the record, and only when the attempt is closed", () => {
    const folder = dataFolder();
    const store = ready(folder);
    const { attempt } = begin(store, "UNIT-0001");
    store.journal(attempt, { type: "ended", outcome: pass, ms: 5 });
    expect(store.running()[0]?.events).toEqual([]);
    const record = end(store, attempt, { outcome: failed("BOARD_CHANGED") });
    expect(record.outcome).toMatchObject({ failure: { code: "BOARD_CHANGED" } });
    expect(store.lastAttempt("UNIT-0001", "line")?.outcome).toEqual(record.outcome);
    const events = raw(folder).prepare<[], { event: string }>("SELECT event FROM events ORDER BY id").all();
    expect(events.map(({ event }) => event)).not.toContainEqual(expect.stringContaining('"ended"'));
    expect(events.at(-1)?.event).toContain('"step"');
  });
});

describe("a closed attempt", () => {
  test("takes no event, no number, no chip, and no second end", () => {
    const store = ready();
    const { attempt } = begin(store, "UNIT-0001", { specs: [consume] });
    end(store, attempt);
    expect(refused(() => store.journal(attempt, stepDone), "conflict").message).toBe("the attempt is closed");
    refused(() => store.bindUid(attempt, uid), "conflict");
    expect(refused(() => end(store, attempt), "conflict").message).toContain("the attempt is closed");
    const again = (): unknown => store.closeAttempt(attempt, { at: morning, ms: 1, outcome: pass });
    expect(refused(again, "conflict").message).toContain("attempt 1 of unit UNIT-0001 is closed");
    expect(() => store.adoptExisting(attempt, "vesc-60", 9, "V60-00009")).toThrow("runs without a number");
    expect(store.audit()).toMatchObject({ rows: 1 });
  });
});

test("one unit has one attempt at a time", () => {
  const store = ready();
  begin(store, "UNIT-0001");
  expect(refused(() => begin(store, "UNIT-0001"), "conflict").message).toContain("being programmed already");
  begin(store, "UNIT-0001", { opening: { realm: "sim" } });
});

test("an attempt needs a batch that is open, and a profile that is stored", () => {
  const store = ready();
  expect(refused(() => run(store, "A", { opening: { batch: "WO-9" } }), "conflict").message).toContain(
    "WO-9",
  );
  expect(() => run(store, "A", { opening: { profileHash: "none" } })).toThrow("FOREIGN KEY");
  store.closeBatch("WO-1", "lead", morning);
  expect(refused(() => run(store, "A"), "conflict").message).toContain("batch WO-1 was closed");
  expect(store.lastAttempt("A", "line")).toBeNull();
});

describe("a unit's chip", () => {
  const other = "ffffffff0000000011111111";

  function mismatch(call: () => unknown): Fault {
    try {
      call();
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
    throw new Error("no fault");
  }

  test("is bound to its barcode for ever, over batches and restarts", () => {
    const folder = dataFolder();
    const store = ready(folder);
    run(store, "UNIT-0001", { uid });
    store.close();
    const next = owned(folder);
    next.openBatch(batchOpening("WO-2"));
    run(next, "UNIT-0001", { uid: uid.toUpperCase(), opening: { batch: "WO-2" } });
    const { attempt } = begin(next, "UNIT-0001", { opening: { batch: "WO-2" } });
    const fault = mismatch(() => next.bindUid(attempt, other));
    expect(fault.code).toBe("UNIT_MISMATCH");
    expect(fault.detail).toBe(`unit UNIT-0001 has the chip ${uid}, here lies ${other}`);
  });

  test("takes no second label", () => {
    const store = ready();
    run(store, "UNIT-0001", { uid });
    const { attempt } = begin(store, "UNIT-0002");
    const fault = mismatch(() => store.bindUid(attempt, uid));
    expect(fault.code).toBe("UNIT_MISMATCH");
    expect(fault.detail).toBe(`the chip ${uid} is unit UNIT-0001, here it has the label UNIT-0002`);
    store.bindUid(attempt, other);
  });

  test("that cannot be read binds nothing", () => {
    const store = ready();
    const { attempt } = begin(store, "UNIT-0001");
    store.bindUid(attempt, null);
    expect(store.unitLife("UNIT-0001")).toMatchObject({ life: { uid: null } });
    store.bindUid(attempt, other);
    expect(store.unitLife("UNIT-0001")).toMatchObject({ life: { uid: other } });
  });

  test("of a simulated board has nothing to do with the line", () => {
    const store = ready();
    run(store, "UNIT-0001", { uid });
    expect(run(store, "UNIT-0002", { uid, opening: { realm: "sim" } }).uid).toBe(uid);
  });
});

describe("after a crash", () => {
  test("what was open is closed as ABORTED, STOPPED_BY_POWER, as of its last sign of life", () => {
    const folder = dataFolder();
    unlocked(folder).openBatch(batchOpening());
    const before = unlocked(folder, () => new Date("2026-11-23T06:00:09.000Z"));
    const { attempt } = begin(before, "UNIT-0001", { specs: [consume], uid });
    before.bindUid(attempt, uid);
    before.journal(attempt, { type: "bound", uid, how: "Read Memory over usb", ms: 150 });
    before.markWritten(attempt);

    const after = unlocked(folder, () => new Date("2026-11-23T07:30:00.000Z"));
    const { attempts, returned } = after.recover();
    expect(returned).toEqual([]);
    expect(attempts).toHaveLength(1);
    expect(attempts[0]).toMatchObject({
      barcode: "UNIT-0001",
      uid,
      ms: 150,
      endedAt: new Date("2026-11-23T06:00:09.000Z"),
      serial: "V60-00001",
      outcome: {
        kind: "ABORTED",
        failure: {
          code: "STOPPED_BY_POWER",
          detail:
            "last sign of life 2026-11-23T06:00:09.000Z, closed at the next start, 2026-11-23T07:30:00.000Z",
        },
      },
    });
    expect(after.recover()).toEqual({ attempts: [], returned: [] });
    expect(after.audit()).toMatchObject({ kind: "whole", rows: 1 });
    expect(run(after, "UNIT-0001", { specs: [consume] }).serial).toBe("V60-00001");
  });

  test("an attempt without any event ends when it began", () => {
    const folder = dataFolder();
    const before = unlocked(folder);
    before.openBatch(batchOpening());
    begin(before, "UNIT-0001");
    const [record] = unlocked(folder).recover().attempts;
    expect(record).toMatchObject({ endedAt: morning, ms: 0, serials: [] });
  });

  test.each([
    ["consume-on-success", false, "returned"],
    ["consume-on-success", true, "written"],
    ["keep-existing", false, "returned"],
    ["keep-existing", true, "written"],
    ["burn-on-failure", false, "void"],
    ["burn-on-failure", true, "void"],
  ] as const)("under %s, written %s: the number is %s", (policy, wrote, state) => {
    const folder = dataFolder();
    const before = unlocked(folder);
    before.openBatch(batchOpening());
    const { attempt } = begin(before, "UNIT-0001", { specs: [serialSpec(policy)] });
    if (wrote) before.markWritten(attempt);
    const [record] = unlocked(folder).recover().attempts;
    expect(states(record?.serials ?? [])).toEqual([`V60-00001 ${state}`]);
  });

  test("numbers that were reserved for attempts that never began are free again", () => {
    const folder = dataFolder();
    const before = unlocked(folder);
    before.openBatch(batchOpening());
    run(before, "UNIT-0003", { specs: [burn] });
    before.reserveGang(
      ["UNIT-0001", "UNIT-0002", "UNIT-0003"].map((barcode) => ({ barcode, realm: "line", specs: [burn] })),
    );
    const after = unlocked(folder);
    const { attempts, returned } = after.recover();
    expect(attempts).toEqual([]);
    expect(states(returned)).toEqual(["V60-00002 returned", "V60-00003 returned"]);
    expect(run(after, "UNIT-0009", { specs: [burn] }).serial).toBe("V60-00002");
    expect(run(after, "UNIT-0003", { specs: [burn] }).serial).toBe("V60-00001");
  });

  test("nothing of the present session is touched", () => {
    const folder = dataFolder();
    const store = ready(folder);
    const { attempt } = begin(store, "UNIT-0001", { specs: [consume] });
    store.reserveGang([{ barcode: "UNIT-0002", realm: "line", specs: [consume] }]);
    expect(store.recover()).toEqual({ attempts: [], returned: [] });
    expect(end(store, attempt).outcome.kind).toBe("PASS");
  });

  test("a row that was acknowledged is there, and every number has a place", () => {
    const folder = dataFolder();
    const before = unlocked(folder);
    before.openBatch(batchOpening());
    before.keepProfile(profile);
    const record = run(before, "UNIT-0001", { specs: [consume] });
    begin(before, "UNIT-0002", { specs: [consume] });
    begin(before, "UNIT-0003", { specs: [burn] });
    const after = unlocked(folder);
    after.recover();
    expect(after.attemptsOf("UNIT-0001", "line")).toEqual([record]);
    const open = raw(folder).prepare("SELECT text FROM numbers WHERE state = 'reserved'").all();
    expect(open).toEqual([]);
    expect(audit(databaseOf(folder))).toMatchObject({ kind: "whole", rows: 3 });
  });
});
