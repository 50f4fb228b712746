import { createHash } from "node:crypto";
import type { AttemptRecord } from "../../src/model/attempt.ts";
import type { Outcome } from "../../src/model/event.ts";
import type { BatchFacts } from "../../src/model/facts.ts";
import { faults, type FaultCode } from "../../src/model/fault.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** 22 November 2026, 06:00 in Berlin. */
const morning = Date.UTC(2026, 10, 22, 5, 0, 0);
const slots = ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"];

const pass: Outcome = { kind: "PASS", marginal: false };

export function failed(code: FaultCode, detail: string): Outcome {
  const { verdict, say } = faults[code];
  return { kind: verdict, failure: { code, message: say, detail } };
}

/** One closed attempt that passed; `over` says what is different. The place in the chain decides time and unit. */
export function attemptOf(seq: number, over: Partial<AttemptRecord> = {}): AttemptRecord {
  const startedAt = new Date(morning + Math.floor((seq - 1) / 8) * 160_000 + (seq % 8) * 900);
  const serial = `V60-2647-${String(seq).padStart(5, "0")}`;
  return {
    seq,
    attempt: 1,
    batch: "WO-4711",
    slot: slots[(seq - 1) % 8] ?? "A1",
    port: `usb:1-4.${((seq - 1) % 8) + 1}`,
    wire: "usb",
    bitRate: null,
    barcode: `UNIT-${String(4000 + seq).padStart(5, "0")}`,
    panel: null,
    realm: "line",
    trial: false,
    reason: "first",
    reworkReason: null,
    operator: "A. Weiß",
    station: "line1-bench",
    stationHash: sha256("station"),
    profile: "vesc-60",
    revision: "C",
    profileHash: sha256("profile"),
    releasedBy: "M. Lang",
    product: "VESC 60",
    partNumber: "100-0060",
    images: [
      {
        file: "firmware/vesc-60.bin",
        sha256: sha256("image"),
        ranges: [{ start: 0x08000000, end: 0x08040000 }],
      },
    ],
    toolVersion: "0.1.0",
    startedAt,
    endedAt: new Date(startedAt.getTime() + 14_200),
    ms: 14_200 + (seq % 7) * 110,
    uid: sha256(`uid ${seq}`).slice(0, 24),
    uidHow: "read",
    serial,
    serials: [{ series: "vesc-60", number: seq, text: serial, state: "committed" }],
    chip: {
      name: "STM32F405",
      productId: 0x413,
      familyKey: "f405",
      protocolVersion: 0x2200,
      bootloaderId: 0x91,
      flashKiB: 1024,
      usbSerial: "3276364D3337",
    },
    options: [
      { name: "RDP", wanted: 0xaa, before: 0xaa, after: 0xaa },
      { name: "BOR_LEV", wanted: 0, before: 3, after: 0 },
      { name: "nRST_STOP", wanted: 1, before: 1, after: 1 },
    ],
    steps: [
      { step: "identify", start: 0, ms: 310, bytes: 0, retries: 0, outcome: "done", code: null },
      { step: "bind", start: 310, ms: 40, bytes: 12, retries: 0, outcome: "done", code: null },
      { step: "erase", start: 350, ms: 3100, bytes: 0, retries: 0, outcome: "done", code: null },
      { step: "write", start: 3450, ms: 5900, bytes: 262_144, retries: 0, outcome: "done", code: null },
      { step: "verify", start: 9350, ms: 2700, bytes: 262_144, retries: 0, outcome: "done", code: null },
      { step: "options", start: 12_050, ms: 700, bytes: 16, retries: 0, outcome: "done", code: null },
      { step: "prove", start: 12_750, ms: 300, bytes: 28, retries: 0, outcome: "done", code: null },
    ],
    injected: { fields: ["serial", "built", "check"], hash: sha256(serial) },
    verify: { method: "readback", hash: sha256("image"), bytes: 262_144 },
    notes: [],
    outcome: pass,
    previousHash: sha256(`record ${seq - 1}`),
    hash: sha256(`record ${seq}`),
    ...over,
  };
}

/** Facts of a batch, counted from its attempts as the store counts them. */
export function factsOf(attempts: readonly AttemptRecord[], over: Partial<BatchFacts> = {}): BatchFacts {
  const last = new Map<string, AttemptRecord>();
  const first = new Map<string, AttemptRecord>();
  for (const attempt of attempts) {
    last.set(attempt.barcode, attempt);
    if (attempt.attempt === 1) first.set(attempt.barcode, attempt);
  }
  const count = <T>(all: Iterable<T>, keep: (one: T) => boolean): number => [...all].filter(keep).length;
  const passed = count(last.values(), ({ outcome }) => outcome.kind === "PASS");
  const codes = new Map<string, number>();
  for (const { outcome } of attempts)
    if (outcome.kind !== "PASS" && outcome.kind !== "SKIPPED")
      codes.set(outcome.failure.code, (codes.get(outcome.failure.code) ?? 0) + 1);
  const bySlot = new Map<string, { passed: number; tried: number }>();
  for (const { slot, outcome } of first.values()) {
    const sum = bySlot.get(slot) ?? { passed: 0, tried: 0 };
    bySlot.set(slot, { passed: sum.passed + (outcome.kind === "PASS" ? 1 : 0), tried: sum.tried + 1 });
  }
  const serials = attempts.flatMap((attempt) => attempt.serials);
  const texts = serials.map(({ text }) => text).sort();
  const inState = (state: string): number => count(serials, (serial) => serial.state === state);
  const end = attempts.at(-1);
  return {
    batch: {
      id: "WO-4711",
      profile: "vesc-60",
      revision: "C",
      profileHash: sha256("profile"),
      product: "VESC 60",
      quantity: 240,
      trial: false,
      openedAt: new Date(morning - 600_000),
      openedBy: "J. Ortega",
      closedAt: end === undefined ? null : new Date(end.endedAt.getTime() + 300_000),
      closedBy: end === undefined ? null : "J. Ortega",
    },
    release: { by: "M. Lang", reviewedBy: "A. Kim", at: new Date(morning - 86_400_000) },
    counts: {
      passed,
      failed: last.size - passed,
      seen: last.size,
      firstPass: count(first.values(), ({ outcome }) => outcome.kind === "PASS"),
      firstSeen: first.size,
      marginal: count(last.values(), ({ outcome }) => outcome.kind === "PASS" && outcome.marginal),
    },
    attempts,
    failures: [...codes].map(([code, n]) => ({ code, count: n })),
    bySlot: [...bySlot].map(([slot, sum]) => ({ slot, ...sum })).sort((a, b) => (a.slot < b.slot ? -1 : 1)),
    serials: {
      committed: inState("committed"),
      written: inState("written"),
      reserved: inState("reserved"),
      void: inState("void"),
      first: texts[0] ?? null,
      last: texts.at(-1) ?? null,
    },
    head: end === undefined ? null : { seq: end.seq, hash: end.hash },
    figures: { attempts: attempts.length, retried: 0, reworked: 0, scrapped: 0, voided: 0 },
    voids: [],
    reworks: [],
    scraps: [],
    deeds: [],
    signature: null,
    simulated: attempts.some(({ realm }) => realm === "sim"),
    timezone: "Europe/Berlin",
    ...over,
  };
}

const troubles: readonly { readonly code: FaultCode; readonly detail: string }[] = [
  {
    code: "VERIFY_MISMATCH",
    detail: "0x0801F2A4: wanted 5A 00 31 C2, found 5A 00 B1 C2; read twice, the same",
  },
  { code: "LINK_SILENT", detail: "no answer to Get Status within 5000 ms after block 118 of 128" },
  { code: "OPTION_MISMATCH", detail: "RDP after the reset: wanted 0xAA, found 0xFF" },
  { code: "BOARD_LEFT", detail: "left the bus during write, 0x08021000 of 0x08040000, not back within 10 s" },
  {
    code: "STATION_BUG",
    detail:
      "TypeError: Cannot read properties of undefined (reading 'address')\n    at plan (src/plan/writes.ts:61:14)\n" +
      "    at runAttempt (src/job/run-attempt.ts:88:21)\n    at async runSlot (src/station/run-slot.ts:40:7)",
  },
];

/** `units` units in trays of eight, with failures, retries, rework, marginal passes, void numbers and notes. */
export function largeBatch(units: number, over: Partial<AttemptRecord> = {}): AttemptRecord[] {
  const attempts: AttemptRecord[] = [];
  for (let unit = 1; unit <= units; unit += 1) {
    const seq = attempts.length + 1;
    const barcode = `UNIT-${String(4000 + unit).padStart(5, "0")}`;
    const base = attemptOf(seq, { barcode, ...over });
    const trouble = troubles[Math.floor(unit / 31) % troubles.length];
    const breaks = unit % 31 === 7 || (base.slot === "A3" && unit % 5 === 0);
    if (breaks && trouble !== undefined) {
      attempts.push(broken(base, trouble));
      if (unit % 2 === 0) attempts.push(second(attempts.length + 1, base));
    } else if (unit % 61 === 0)
      attempts.push({
        ...base,
        outcome: { kind: "PASS", marginal: true },
        steps: base.steps.map((step) => (step.step === "verify" ? { ...step, retries: 1 } : step)),
      });
    else if (unit === 90) attempts.push({ ...base, notes: ["two devices with the DFU serial 3276364D3337"] });
    else if (unit === 113)
      attempts.push({
        ...base,
        uid: null,
        serial: null,
        outcome: failed("FOREIGN_DEVICE", "08bb:2902 Burr-Brown USB Audio Codec"),
      });
    else attempts.push(base);
  }
  return attempts;
}

function broken(base: AttemptRecord, { code, detail }: (typeof troubles)[number]): AttemptRecord {
  const state = base.seq % 3 === 0 ? "void" : "written";
  return {
    ...base,
    outcome: failed(code, detail),
    ms: 9800,
    steps: base.steps
      .slice(0, 5)
      .map((step, i) => (i === 4 ? { ...step, outcome: "fail", ms: 450, code } : step)),
    options: code === "OPTION_MISMATCH" ? [{ name: "RDP", wanted: 0xaa, before: 0xff, after: 0xff }] : [],
    serials: base.serials.map((serial) => ({ ...serial, state })),
  };
}

function second(seq: number, base: AttemptRecord): AttemptRecord {
  const rework = base.seq % 3 === 0;
  return attemptOf(seq, {
    barcode: base.barcode,
    uid: base.uid,
    serial: base.serial,
    serials: base.serials,
    trial: base.trial,
    realm: base.realm,
    attempt: 2,
    slot: "B4",
    reason: rework ? "rework" : "retry",
    reworkReason: rework ? "pin 14 of U3 soldered again" : null,
  });
}
