import { afterEach, expect, test, vi } from "vitest";
import { lineOf } from "./line.ts";
import { recipe } from "./recipe.ts";

const one = recipe("STM32F103C6");

afterEach(() => void vi.useRealTimers());

/** A unit, while whose board runs the wall clock of the station is set by so much. */
async function runWith(stepMs: number) {
  // It stands still between, which is far less than what it is set by.
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 5, 1, 12) });
  let shown = 0;
  const line = lineOf(one, {
    show: () => {
      shown += 1;
      if (shown === 3) vi.setSystemTime(Date.now() + stepMs);
    },
  });
  const [end] = await line.run(["UNIT-0001"]);
  return { end, record: line.store.lastRecords(1)[0] };
}

test.each([
  ["a day on", 86_400_000, /went forward by 86(399|400)\.\d s/],
  ["an hour back", -3_600_000, /was set back by 360\d\.\d s/],
  ["to 1970", -Date.UTC(2026, 5, 1, 12), /was set back by 178031520\d\.\d s/],
])(
  "a wall clock that is set %s during an attempt: it passes, and its record says so",
  async (_, by, said) => {
    const { end, record } = await runWith(by);
    expect(end?.word).toBe("PASS");
    expect(record?.notes.filter((note) => said.test(note))).toHaveLength(1);
    expect(record?.ms).toBeGreaterThan(0);
    expect(record?.steps.every(({ ms }) => ms >= 0)).toBe(true);
  },
);

test("a clock that time servers steer by a few milliseconds is no note", async () => {
  expect((await runWith(40)).record?.notes).toEqual([]);
});
