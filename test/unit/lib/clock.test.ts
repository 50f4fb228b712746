import { afterEach, expect, test, vi } from "vitest";
import { realClock } from "../../../src/lib/clock.ts";

afterEach(() => void vi.useRealTimers());

test.each([
  ["a day on", 86_400_000],
  ["a day back", -86_400_000],
])("the bench's time goes on as before when somebody sets the wall clock %s", (_, jumpMs) => {
  vi.useFakeTimers({ toFake: ["Date"] });
  const before = realClock.now();
  vi.setSystemTime(Date.now() + jumpMs);
  const passed = realClock.now() - before;
  expect(passed).toBeGreaterThanOrEqual(0);
  expect(passed).toBeLessThan(3_600_000);
});
