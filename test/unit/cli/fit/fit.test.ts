import { expect, test } from "vitest";
import { chainCheck } from "../../../../src/cli/fit/fit-chain.ts";
import { clockCheck } from "../../../../src/cli/fit/fit-clock.ts";
import { ready, run } from "../../store/books.ts";

const now = new Date("2026-11-22T09:00:00Z");
const machine = (kept: boolean | null, mark: string | null = null) => ({
  now: () => now,
  text: () => mark,
  clockIsKept: async () => await Promise.resolve(kept),
});

test("a clock that is kept right is told so, one that nobody keeps is looked at, and none stops the line", async () => {
  expect(await clockCheck(machine(true), null)).toMatchObject({ state: "yes", facts: { kept: "yes" } });
  expect(await clockCheck(machine(false, ""), null)).toMatchObject({ state: "yes" });
  expect(await clockCheck(machine(false), null)).toMatchObject({ state: "look", facts: { kept: "no" } });
  expect(await clockCheck(machine(null), null)).toMatchObject({ state: "look", facts: { kept: "unknown" } });
});

test("a clock that says less than the newest record was set back: by how much is told", async () => {
  const last = new Date(now.getTime() + 86_400_000);
  expect(await clockCheck(machine(true), last)).toEqual({
    what: "clock",
    state: "look",
    facts: { behindMs: 86_400_000, kept: "yes" },
  });
});

test("the end of the chain is checked before a shift, and a record that was changed stops the station", () => {
  const store = ready();
  for (const unit of ["UNIT-1", "UNIT-2", "UNIT-3"]) run(store, unit);
  expect(chainCheck(store)).toMatchObject({ state: "yes", facts: { count: 3, checked: 3 } });
  const changed = {
    head: () => store.head(),
    lastRecords: (count: number) =>
      store
        .lastRecords(count)
        .map((record) => (record.seq === 2 ? { ...record, operator: "nobody" } : record)),
  };
  expect(chainCheck(changed)).toMatchObject({ state: "no", facts: { broken: 2 } });
  const cut = {
    head: () => store.head(),
    lastRecords: (count: number) => store.lastRecords(count).filter(({ seq }) => seq !== 3),
  };
  expect(chainCheck(cut)).toMatchObject({ state: "no" });
});
