import { describe, expect, test } from "vitest";
import { emptyFold, foldEvent, type AttemptFold } from "../../../src/model/attempt.ts";
import type { AttemptEvent } from "../../../src/model/event.ts";

const fold = (...events: readonly AttemptEvent[]): AttemptFold => events.reduce(foldEvent, emptyFold);
const start = (step: "write" | "verify", ms: number): AttemptEvent => ({
  type: "step",
  step,
  state: "start",
  ms,
});
const over = (step: "write" | "verify", ms: number, took: number): AttemptEvent => ({
  type: "step",
  step,
  state: "done",
  bytes: 4096,
  took,
  retries: 2,
  code: null,
  ms,
});

describe("what the events of an attempt add up to", () => {
  test("is nothing before the first", () => {
    expect(fold()).toEqual(emptyFold);
    expect(emptyFold.outcome).toBeNull();
  });

  test("is a step with begin, duration, bytes and retries", () => {
    expect(fold(start("write", 100), over("write", 900, 800)).steps).toEqual([
      { step: "write", start: 100, ms: 800, bytes: 4096, retries: 2, outcome: "done", code: null },
    ]);
  });

  test("is a step that failed, with its code", () => {
    const failed: AttemptEvent = {
      type: "step",
      step: "verify",
      state: "fail",
      bytes: 0,
      took: 50,
      retries: 0,
      code: "VERIFY_MISMATCH",
      ms: 1000,
    };
    expect(
      fold(start("write", 0), over("write", 900, 900), start("verify", 950), failed).steps.at(-1),
    ).toEqual({
      step: "verify",
      start: 950,
      ms: 50,
      bytes: 0,
      retries: 0,
      outcome: "fail",
      code: "VERIFY_MISMATCH",
    });
  });

  test("is a step that was cut, where the power went", () => {
    const { steps } = fold(start("write", 0), over("write", 900, 900), start("verify", 950));
    expect(steps.map(({ step, outcome }) => [step, outcome])).toEqual([
      ["write", "done"],
      ["verify", "cut"],
    ]);
  });

  test("is chip, binding, data, verification, options, notes and verdict, each as it was said last", () => {
    const chip = {
      name: "STM32F405",
      productId: 0x413,
      familyKey: "F405",
      protocolVersion: 0x31,
      bootloaderId: 0x91,
      flashKiB: 1024,
      usbSerial: null,
    };
    const options = [{ name: "RDP", wanted: 0xaa, before: 0xaa, after: 0xaa }];
    const result = fold(
      { type: "chip", chip, ms: 1 },
      { type: "bound", uid: "aa", how: "read", ms: 2 },
      { type: "data", serial: "V60-00001", hash: "h", fields: ["serial"], ms: 3 },
      { type: "note", text: "one", ms: 4 },
      { type: "verified", method: "readback", hash: "v", bytes: 9, ms: 5 },
      { type: "options", options, ms: 6 },
      { type: "note", text: "two", ms: 7 },
      { type: "ended", outcome: { kind: "PASS", marginal: true }, ms: 8.5 },
    );
    expect(result).toEqual({
      uid: "aa",
      uidHow: "read",
      chip,
      options,
      steps: [],
      injected: { fields: ["serial"], hash: "h" },
      verify: { method: "readback", hash: "v", bytes: 9 },
      notes: ["one", "two"],
      outcome: { kind: "PASS", marginal: true },
      ms: 8.5,
    });
  });

  test("does not change with progress", () => {
    const before = fold(start("write", 5));
    expect(foldEvent(before, { type: "progress", step: "write", done: 1, total: 2, ms: 999 })).toBe(before);
  });

  test("takes the longest time that was told, whatever the order", () => {
    expect(fold(start("write", 50), { type: "note", text: "late", ms: 20 }).ms).toBe(50);
  });

  test("leaves what it was given as it was", () => {
    const before = fold(start("write", 0));
    const copy = structuredClone(before);
    foldEvent(before, over("write", 10, 10));
    expect(before).toEqual(copy);
  });
});
