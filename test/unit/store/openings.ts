import type { AttemptOpening } from "../../../src/model/attempt.ts";
import type { AttemptEvent } from "../../../src/model/event.ts";
import type { NumberSpec } from "../../../src/model/ledger.ts";
import type { SerialPolicy } from "../../../src/model/profile.ts";
import type { BatchOpening, StoredProfile } from "../../../src/store/terms.ts";

export const profile: StoredProfile = {
  hash: "ab".repeat(32),
  name: "vesc-60",
  revision: "C",
  text: "profile: vesc-60\nrevision: C\n",
};

export const morning = new Date("2026-11-23T06:00:00.000Z");

export const batchOpening = (id = "WO-1", more: Partial<BatchOpening> = {}): BatchOpening => ({
  id,
  profile,
  product: "VESC 60",
  quantity: 8,
  trial: false,
  by: "lead",
  at: morning,
  ...more,
});

export const opening = (barcode: string, more: Partial<AttemptOpening> = {}): AttemptOpening => ({
  batch: "WO-1",
  slot: "A1",
  port: "usb:1-4.1",
  wire: "usb",
  bitRate: null,
  barcode,
  panel: null,
  realm: "line",
  trial: false,
  reason: "first",
  reworkReason: null,
  operator: "op7",
  station: "line1-bench",
  stationHash: "cd".repeat(32),
  profile: profile.name,
  revision: profile.revision,
  profileHash: profile.hash,
  releasedBy: "eng",
  product: "VESC 60",
  partNumber: "100-0060",
  images: [{ file: "fw.bin", sha256: "ef".repeat(32), ranges: [{ start: 0x08000000, end: 0x08004000 }] }],
  toolVersion: "0.1.0",
  startedAt: morning,
  ...more,
});

export const serialSpec = (policy: SerialPolicy, more: Partial<NumberSpec> = {}): NumberSpec => ({
  kind: "serial",
  series: "vesc-60",
  start: 1,
  end: null,
  text: (n) => `V60-${String(n).padStart(5, "0")}`,
  policy,
  ...more,
});

export const stepDone = {
  type: "step",
  step: "write",
  state: "done",
  bytes: 1024,
  took: 800,
  retries: 0,
  code: null,
  ms: 1000,
} as const satisfies AttemptEvent;
