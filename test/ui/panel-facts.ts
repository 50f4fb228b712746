import type { Numbers, Panel } from "../../src/model/panel.ts";

/** What covers the tiles in the sheets 3.7 to 3.15. */
const at = (text: string): Date => new Date(`2026-11-22T${text}:00Z`);

export const fitPanel: Panel = {
  kind: "fit",
  checks: [
    { what: "slots", state: "yes", facts: { found: 8, of: 8, retired: 0, suspect: 0 } },
    { what: "disk", state: "yes", facts: { freeBytes: 41e9, writeMs: 3 } },
    { what: "clock", state: "yes", facts: { offsetMs: 20 } },
    { what: "records", state: "yes", facts: { count: 18_202, lastAt: "2026-11-21T20:58:00Z" } },
    { what: "outbox", state: "yes", facts: { waiting: 0 } },
  ],
};

export const unfitPanel: Panel = {
  kind: "fit",
  checks: [
    { what: "slots", state: "look", facts: { found: 6, of: 8, retired: 0, suspect: 1 } },
    { what: "disk", state: "no", facts: { freeBytes: 184e6, neededBytes: 200e6 } },
    { what: "clock", state: "look", facts: { behindMs: 9000, kept: "no" } },
    { what: "records", state: "yes", facts: { count: 18_314 } },
    { what: "adapters", state: "no", facts: { missing: "usb:1-4.5 and usb:1-4.6" } },
  ],
};

export const ordersPanel: Panel = {
  kind: "orders",
  orders: [
    ["WO-4711", "VESC 60", "vesc-60", "C", false, 0, 240],
    ["WO-4720", "VESC 75", "vesc-75", "A", false, 0, 60],
    ["WO-4733", "Little FOC", "lfoc", "F", true, 3, 5],
  ].map(([id, product, profile, revision, trial, passed, quantity]) => ({
    id: String(id),
    product: String(product),
    profile: String(profile),
    revision: String(revision),
    trial: trial === true,
    passed: Number(passed),
    quantity: Number(quantity),
  })),
};

const row = (
  what: "chip" | "image" | "serial" | "field" | "option" | "application",
  name: string,
  wanted: string,
  found: string,
  address: number | null = null,
) => ({ what, name, wanted, found, address, same: true });

export const firstArticlePanel: Panel = {
  kind: "first-article",
  article: {
    slot: "A1",
    barcode: "UNIT-04001",
    madeBy: "A. Novak",
    rows: [
      row("chip", "", "STM32F405", "0x413, loader 3.1, 1024 KiB"),
      row("image", "", "5f03 91ac e27b, 412 KiB", "5f03 91ac e27b, every byte"),
      row("serial", "", "V60-2647-00001", "V60-2647-00001", 0x0807_f000),
      row("field", "built", "22 Nov 2026 10:07:31", "22 Nov 2026 10:07:31", 0x0807_f010),
      row("field", "check", "4C1D 77A0", "4C1D 77A0", 0x0807_f014),
      row("option", "BOR_LEV", "0", "before 3, after reset 0"),
      row("option", "nRST_STOP", "1", "before 1, after reset 1"),
      row("option", "RDP", "AA, level 0", "before AA, after reset AA"),
      row("application", "", "starts", "left the loader in 0.4 s"),
    ],
  },
};

export const completePanel: Panel = {
  kind: "complete",
  order: {
    id: "WO-4711",
    product: "VESC 60",
    revision: "C",
    openedAt: at("09:06"),
    openedBy: "M. Lang",
    lastUnitAt: at("10:24"),
    quantity: 240,
    counts: { passed: 240, failed: 6, seen: 246, firstPass: 236, firstSeen: 246, marginal: 4 },
    firstPass: { share: 236 / 246, low: 0.927, high: 0.978 },
    failures: [
      { code: "VERIFY_MISMATCH", units: 4 },
      { code: "LINK_SILENT", units: 1 },
      { code: "WRONG_CHIP", units: 1 },
    ],
    slots: [
      { slot: "A1", passed: 225, tried: 231, suspect: false },
      { slot: "A3", passed: 11, tried: 15, suspect: true },
    ],
    reworked: 4,
    voided: 0,
    serials: { committed: 240, reserved: 0, void: 4, first: "V60-2647-00001", last: "V60-2647-00244" },
    labels: { printed: 240, confirmed: 240 },
    retired: [{ slot: "A3", at: at("09:47") }],
    takt: { units: 8, ms: 135_800, load: 38_000, scan: 41_500, run: 17_800, unload: 38_500 },
    records: 18_451,
    head: "7c1e90b42f6ad8e3ffff",
  },
};

export const lookUpPanel: Panel = {
  kind: "look-up",
  board: {
    state: "read",
    code: null,
    done: 1,
    slot: "B4",
    barcode: "UNIT-04042",
    uid: "0031002b3433510a38393332",
    chip: "STM32F405",
    unit: {
      product: "VESC 60",
      revision: "C",
      batch: "WO-4711",
      serial: "V60-2647-00042",
      serialState: "committed",
    },
    inChip: [
      { what: "serial", same: true, found: "V60-2647-00042" },
      { what: "image", same: false, found: "0x0800A3F0" },
      { what: "protection", same: true, found: "AA" },
      { what: "uid", same: null, found: "" },
    ],
    records: [18_244, 18_309],
    changed: null,
    elsewhere: [{ station: "rma1", seq: 88 }],
    wire: "usb",
    life: [
      [1, "09:19", "A3", "A. Novak", "FAIL", "VERIFY_MISMATCH"],
      [2, "09:55", "B1", "A. Novak", "PASS", "rework: U1 reflowed"],
      [null, "09:56", null, "A. Novak", null, "look-up"],
    ].map(([attempt, clock, slot, by, outcome, remark]) => ({
      attempt: attempt === null ? null : Number(attempt),
      at: at(String(clock)),
      station: "line1",
      slot: slot === null ? null : String(slot),
      wire: slot === null ? null : "usb",
      by: String(by),
      outcome: outcome === "FAIL" || outcome === "PASS" ? outcome : null,
      remark: String(remark),
    })),
  },
};

const tenMinutes = "6777877677767777771177787778";

export const numbers: Numbers = {
  perHour: 212,
  takt: { units: 8, ms: 135_800, load: 38_000, scan: 41_500, run: 17_800, unload: 38_500 },
  bottleneck: "scan",
  steps: [
    { step: "write", ms: 7400 },
    { step: "erase", ms: 3600 },
    { step: "verify", ms: 2900 },
    { step: "identify", ms: 2500 },
    { step: "options", ms: 1400 },
  ],
  // Heights of the sheet's plot, 1 to 8.
  tenMinutes: {
    from: at("05:00"),
    units: Array.from(tenMinutes, (height) => Math.round(((Number(height) - 1) * 38) / 7)),
  },
  counts: { passed: 109, failed: 3, seen: 112, firstPass: 108, firstSeen: 112, marginal: 1 },
  firstPass: { share: 108 / 112, low: 0.912, high: 0.986 },
  slots: ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"].map((slot) => ({
    slot,
    passed: slot === "A3" ? 11 : slot === "B2" ? 13 : 14,
    tried: 14,
    suspect: slot === "A3",
  })),
  better: { way: "start-each", perHour: 240, endsAt: at("10:15") },
};

export const numbersPanel: Panel = { kind: "numbers", numbers };
