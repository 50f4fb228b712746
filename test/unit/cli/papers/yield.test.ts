import { expect, test } from "vitest";
import { yieldCommand } from "../../../../src/cli/papers/yield.ts";
import { dataFolder, failed, morning, ready, run } from "../../store/books.ts";
import { someIo } from "../some-io.ts";

const hours = (n: number): Date => new Date(morning.getTime() + n * 3_600_000);
const later = hours(24);
const none = { since: null, until: null, profile: null } as const;

/** Four units: two pass at once, one at its second attempt, one never. */
function shift(): string {
  const folder = dataFolder();
  using store = ready(folder);
  const at = (n: number, slot: string) => ({ opening: { startedAt: hours(n), slot } });
  run(store, "UNIT-1", at(0, "A1"));
  run(store, "UNIT-2", at(0, "A2"));
  run(store, "UNIT-3", { ...at(1, "A2"), outcome: failed("VERIFY_MISMATCH") });
  run(store, "UNIT-3", { opening: { startedAt: hours(1), slot: "A1", reason: "retry" } });
  run(store, "UNIT-4", { ...at(2, "A2"), outcome: failed("VERIFY_MISMATCH") });
  run(store, "UNIT-4", {
    opening: { startedAt: hours(2), slot: "A2", reason: "retry" },
    outcome: failed("NO_BOARD"),
  });
  return folder;
}

test("yield says first-pass and final yield with their intervals, and the worst first, in 80 columns", () => {
  const { io, out } = someIo();
  expect(yieldCommand({ ...none, data: shift() }, io, later)).toBe(0);
  const said = out.join("\n");
  // Wilson 95 % of 2 of 4 and of 3 of 4, as tables of the interval have them.
  expect(said).toMatch(/^first pass +50.0 ?% +15.0 to 85.0 +2 of 4 units first seen here$/m);
  expect(said).toMatch(/^final +75.0 ?% +30.1 to 95.4 +3 of 4 units, 0 marginal$/m);
  expect(said).toMatch(/^retried +50.0 ?% .* 2 of 4 units$/m);
  expect(said).toMatch(/^VERIFY_MISMATCH +2 +66.7 ?% +66.7 ?%\nNO_BOARD +1 +33.3 ?% +100.0 ?%$/m);
  expect(said).toMatch(/^By slot.*\nA2 +25.0 ?% .* 1 of 4\nA1 +100.0 ?% .* 2 of 2$/m);
  expect(Math.max(...said.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
});

test("yield counts only what it is asked for, and says so where there is nothing", () => {
  const data = shift();
  const ask = (more: object): unknown => {
    const { io, out } = someIo(true);
    yieldCommand({ ...none, ...more, data }, io, later);
    return JSON.parse(out.join(""));
  };
  expect(ask({})).toMatchObject({ type: "yield", attempts: 6, firstPass: { of: 4, count: 2, share: 0.5 } });
  expect(ask({ profile: "vesc-60" })).toMatchObject({ attempts: 6 });
  expect(ask({ profile: "other" })).toMatchObject({
    attempts: 0,
    firstPass: { of: 0, count: 0 },
    failures: [],
  });
  expect(ask({ since: "2026-11-24" })).toMatchObject({ attempts: 0 });
  expect(ask({ until: "2026-11-20" })).toMatchObject({ attempts: 0 });
  const { io, out } = someIo();
  yieldCommand({ ...none, profile: "other", data }, io, later);
  expect(out.at(-1)).toBe("No attempt was made in this time.");
});

test("yield refuses a stretch that ends before it begins, and a time that is none", () => {
  const data = shift();
  const ask = (more: object) => () => yieldCommand({ ...none, ...more, data }, someIo().io, later);
  expect(ask({ since: "2026-11-24", until: "2026-11-23" })).toThrow(/--since: .* a time before --until/);
  expect(ask({ since: "yesterday" })).toThrow(/--since: "yesterday" found/);
});
