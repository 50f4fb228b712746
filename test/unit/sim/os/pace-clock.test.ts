import { expect, test } from "vitest";
import { debtClock, paceClock } from "../../../../src/sim/os/pace-clock.ts";

/** Lets `turns` waits of a millisecond pass, each a little late as timers are; the clock's time and the machine's. */
async function waits(turns: number, lateMs: number): Promise<{ told: number; took: number }> {
  const clock = debtClock();
  const born = performance.now();
  for (let i = 0; i < turns; i += 1)
    await new Promise<void>((resolve) => {
      clock.after(1, () => {
        const end = performance.now() + lateMs;
        while (performance.now() < end) continue;
        resolve();
      });
    });
  return { told: clock.now(), took: performance.now() - born };
}

test("who is woken finds the time that was set, however late the timer came", async () => {
  const clock = debtClock();
  const due = clock.now() + 5;
  const at = await new Promise<number>((resolve) => {
    clock.after(due - clock.now(), () => resolve(clock.now()));
  });
  expect(at).toBeCloseTo(due, 0);
});

test("a hundred waits of a millisecond take a hundred milliseconds", async () => {
  let best = Number.POSITIVE_INFINITY;
  // A busy machine only ever adds to it.
  for (let tries = 0; tries < 10 && best >= 109; tries += 1) {
    const { told, took } = await waits(100, 0);
    expect(told).toBeGreaterThanOrEqual(100);
    expect(took).toBeGreaterThan(98);
    best = Math.min(best, took);
  }
  // Each timer alone is up to 1.2 ms late: without the debt this is 110 to 220.
  expect(best).toBeLessThan(109);
});

test("time never goes back", async () => {
  const clock = debtClock();
  let last = clock.now();
  for (let i = 0; i < 50; i += 1) {
    await new Promise<void>((resolve) => {
      clock.after(Math.random() * 3, resolve);
    });
    const end = performance.now() + 1;
    while (performance.now() < end) {
      expect(clock.now()).toBeGreaterThanOrEqual(last);
      last = clock.now();
    }
  }
});

test("at the fast pace all work is over when the host acts", () => {
  const clock = paceClock("fast");
  let done = false;
  clock.after(30_000, () => (done = true));
  clock.hostActs();
  expect(done).toBe(true);
});
