import type { AttemptRecord } from "../../model/attempt.ts";
import type { Voids } from "../csv.ts";
import { sheetOf, type Sheet, type SheetColumn } from "../workbook/sheet.ts";

const columns = (voids: Voids): readonly SheetColumn<AttemptRecord>[] => [
  { head: "record", width: 9, of: (a) => a.seq },
  { head: "batch", width: 14, of: (a) => a.batch },
  { head: "unit", width: 20, of: (a) => a.barcode },
  { head: "serial", width: 20, of: (a) => a.serial },
  { head: "uid", width: 27, of: (a) => a.uid },
  { head: "slot", width: 7, of: (a) => a.slot },
  { head: "attempt", width: 9, of: (a) => a.attempt },
  { head: "reason", width: 9, of: (a) => a.reason },
  { head: "started (UTC)", width: 20, of: (a) => a.startedAt },
  { head: "ended (UTC)", width: 20, of: (a) => a.endedAt },
  { head: "seconds", width: 10, of: (a) => Math.round(a.ms) / 1000 },
  { head: "outcome", width: 10, of: (a) => a.outcome.kind },
  { head: "marginal", width: 10, of: ({ outcome }) => outcome.kind === "PASS" && outcome.marginal },
  { head: "code", width: 20, of: ({ outcome }) => (outcome.kind === "PASS" ? null : outcome.failure.code) },
  {
    head: "detail",
    width: 50,
    of: ({ outcome }) => (outcome.kind === "PASS" ? null : outcome.failure.detail),
  },
  { head: "void because", width: 20, of: (a) => voids.get(a.seq) ?? null },
  { head: "trial", width: 7, of: (a) => a.trial },
  { head: "simulated", width: 11, of: (a) => a.realm === "sim" },
  { head: "operator", width: 18, of: (a) => a.operator },
  { head: "station", width: 18, of: (a) => a.station },
  { head: "profile", width: 16, of: (a) => a.profile },
  { head: "revision", width: 10, of: (a) => a.revision },
  { head: "chip", width: 14, of: (a) => a.chip?.name ?? null },
  { head: "hash", width: 66, of: (a) => a.hash },
];

/** A row an attempt, in the order of the chain. */
export const attemptSheet = (attempts: readonly AttemptRecord[], voids: Voids): Sheet =>
  sheetOf("Attempts", columns(voids), attempts);

/** Option bytes of each attempt, a row a field. */
export const settingSheet = (attempts: readonly AttemptRecord[]): Sheet =>
  sheetOf(
    "Settings",
    [
      { head: "record", width: 9, of: ({ attempt }) => attempt.seq },
      { head: "unit", width: 20, of: ({ attempt }) => attempt.barcode },
      { head: "field", width: 18, of: ({ option }) => option.name },
      { head: "wanted", width: 12, of: ({ option }) => option.wanted },
      { head: "before", width: 12, of: ({ option }) => option.before },
      { head: "after reset", width: 12, of: ({ option }) => option.after },
    ],
    (function* () {
      for (const attempt of attempts) for (const option of attempt.options) yield { attempt, option };
    })(),
  );

/** Failures by code, most first. */
export const failureSheet = (failures: readonly { readonly code: string; readonly count: number }[]): Sheet =>
  sheetOf(
    "Failures",
    [
      { head: "code", width: 24, of: ({ code }) => code },
      { head: "attempts", width: 10, of: ({ count }) => count },
    ],
    failures,
  );
