import { expect, onTestFinished, test } from "vitest";
import { benchClock, type BenchClock } from "../../../src/lib/bench-clock.ts";
import type { Delivered, Message, NextMessage } from "../../../src/model/outbox.ts";
import { pauseMs } from "../../../src/outbox/pause.ts";
import { pump, tryMs, type PumpPorts } from "../../../src/outbox/pump.ts";

const taken: Delivered = { kind: "taken" };
const down: Delivered = { kind: "later", why: "nobody listens there", waitMs: null };
const no: Delivered = { kind: "refused", why: "HTTP 422" };
const hour = 3_600_000;

const message = (n: number): Message => ({
  key: `r${n}-x`,
  what: `record ${n}`,
  text: "{}",
  at: "",
  before: n - 1,
  from: { record: n - 1, deed: 0 },
  to: { record: n, deed: 0 },
});

/** A line that makes records, a server, and the clock of both. */
function line(answer: (key: string, at: number, signal: AbortSignal) => Delivered | Promise<Delivered>) {
  const clock: BenchClock = benchClock();
  let made = 0;
  let place = 0;
  const tries: { key: string; at: number }[] = [];
  const got: string[] = [];
  const failures: string[] = [];
  let broken: string | null = null;
  let out = 0;
  let most = 0;
  const ports: PumpPorts = {
    async next() {
      if (broken !== null) throw new Error(broken);
      return await Promise.resolve<NextMessage>(
        place < made ? { kind: "message", message: message(place + 1) } : { kind: "none" },
      );
    },
    pass() {},
    taken: ({ to }) => void (place = to.record),
    failed: (at, why, refused) => void failures.push(`${at?.key ?? "-"} ${why}${refused ? " for good" : ""}`),
    async deliver({ key }, signal) {
      out += 1;
      most = Math.max(most, out);
      tries.push({ key, at: clock.now() });
      const said = await answer(key, clock.now(), signal);
      out -= 1;
      if (said.kind === "taken") got.push(key);
      return said;
    },
  };
  const works = pump(ports, clock);
  onTestFinished(() => works[Symbol.dispose]());
  return {
    clock,
    works,
    tries,
    got,
    failures,
    most: () => most,
    make(count: number) {
      made += count;
      works.wake();
    },
    makeElsewhere: (count: number) => void (made += count),
    spoil: (why: string | null) => void (broken = why),
    /** Until this holds; the clock jumps from timer to timer meanwhile. */
    async until(holds: () => boolean) {
      for (let turns = 0; turns < 200_000; turns += 1) {
        if (holds()) return;
        await new Promise((resolve) => void setImmediate(resolve));
      }
      throw new Error("it never came so far");
    },
  };
}

const keys = (count: number): string[] => Array.from({ length: count }, (_, i) => `r${i + 1}-x`);

test("messages go in order, one at a time, each once", async () => {
  const it = line(async () => {
    await new Promise((resolve) => void setImmediate(resolve));
    return taken;
  });
  it.make(50);
  await it.until(() => it.got.length === 50);
  expect(it.got).toEqual(keys(50));
  expect(it.most()).toBe(1);
});

test("a server that is down for 72 hours and back gets all of it, in order, none twice", async () => {
  const it = line((_, at) => (at < 72 * hour ? down : taken));
  for (let n = 0; n < 100; n += 1) {
    it.make(1);
    await it.until(() => it.tries.length > n);
  }
  await it.until(() => it.got.length === 100);
  expect(it.got).toEqual(keys(100));
  const before = it.tries.filter(({ at }) => at < 72 * hour);
  expect(before.every(({ key }) => key === "r1-x")).toBe(true);
  // A try a minute, no more: 72 hours have 4320 of them.
  expect(before.length).toBeGreaterThan(4300);
  expect(before.length).toBeLessThan(4340);
  expect(it.tries.find(({ at }) => at >= 72 * hour)?.at).toBeLessThan(72 * hour + 61_000);
});

test("pauses grow from 1 s to 60 s, and a new record shortens none", async () => {
  const it = line(() => down);
  it.make(1);
  await it.until(() => it.tries.length === 10);
  const gaps = it.tries.slice(1).map(({ at }, i) => at - (it.tries[i]?.at ?? 0));
  expect(gaps).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  const many = line(() => down);
  many.make(1);
  await many.until(() => many.failures.length === 1);
  for (let i = 0; i < 20; i += 1) many.make(1);
  await many.until(() => many.tries.length === 3);
  expect(many.tries.slice(1).map(({ at }, i) => at - (many.tries[i]?.at ?? 0))).toEqual([1000, 2000]);
});

test("what the receiver asks for is waited, up to ten minutes", () => {
  expect([1, 2, 7, 8, 1000].map((n) => pauseMs(n, null))).toEqual([1000, 2000, 60_000, 60_000, 60_000]);
  expect(pauseMs(1, 120_000)).toBe(120_000);
  expect(pauseMs(3, 500)).toBe(4000);
  expect(pauseMs(1, 9e9)).toBe(600_000);
});

test("after a success the pauses begin anew", async () => {
  let fails = 4;
  const it = line((key) => {
    if (key === "r3-x" && fails === 0) fails = -1;
    fails -= 1;
    return (fails >= 0 && key === "r1-x") ||
      (key === "r2-x" && it.tries.filter((t) => t.key === key).length === 1)
      ? down
      : taken;
  });
  it.make(2);
  await it.until(() => it.got.length === 2);
  const second = it.tries.filter(({ key }) => key === "r2-x");
  expect((second[1]?.at ?? 0) - (second[0]?.at ?? 0)).toBe(1000);
});

test("a record wakes a sender that rests", async () => {
  const it = line(() => taken);
  await it.until(() => it.works.state().kind === "idle");
  const begin = it.clock.now();
  it.make(1);
  expect(it.works.state().kind).toBe("sending");
  await it.until(() => it.got.length === 1);
  expect((it.tries[0]?.at ?? 0) - begin).toBeLessThan(100);
});

test("what another program wrote is seen without being told", async () => {
  const it = line(() => taken);
  await it.until(() => it.works.state().kind === "idle");
  it.makeElsewhere(1);
  await it.until(() => it.got.length === 1);
  expect(it.tries[0]?.at).toBeLessThan(5000);
});

test("a message that is refused for good stops the outbox there, and is tried once a minute", async () => {
  let mended = false;
  const it = line((key) => (key === "r2-x" && !mended ? no : taken));
  it.make(3);
  await it.until(() => it.tries.filter(({ key }) => key === "r2-x").length === 4);
  expect(it.got).toEqual(["r1-x"]);
  expect(it.works.state()).toEqual({ kind: "stuck", why: "HTTP 422" });
  expect(it.failures[0]).toBe("r2-x HTTP 422 for good");
  const [one, two, three] = it.tries.filter(({ key }) => key === "r2-x");
  expect([(two?.at ?? 0) - (one?.at ?? 0), (three?.at ?? 0) - (two?.at ?? 0)]).toEqual([60_000, 60_000]);
  mended = true;
  await it.until(() => it.got.length === 3);
  expect(it.got).toEqual(keys(3));
});

test("a try that gets no answer ends after ten seconds, and goes again", async () => {
  const it = line(async (_, _at, signal) =>
    it.tries.length > 1
      ? taken
      : await new Promise((resolve) => signal.addEventListener("abort", () => resolve(down), { once: true })),
  );
  it.make(1);
  await it.until(() => it.got.length === 1);
  expect(it.failures).toEqual(["r1-x no answer within 10 s"]);
  expect(it.tries.at(-1)?.at).toBeGreaterThanOrEqual(tryMs + 1000);
});

test("books that cannot be read or written are waited out, and nothing is left out", async () => {
  const it = line(() => taken);
  it.spoil("the disk is full");
  it.make(2);
  await it.until(() => it.failures.length === 3);
  expect(it.works.state()).toEqual({ kind: "failing", why: "the disk is full" });
  it.spoil(null);
  await it.until(() => it.got.length === 2);
  expect(it.got).toEqual(keys(2));
});

test("stopped, it stops at once, in a try and in a pause, and touches the books no more", async () => {
  const hanging = line(
    async (_, _at, signal) =>
      await new Promise((resolve) => signal.addEventListener("abort", () => resolve(taken), { once: true })),
  );
  hanging.make(1);
  await hanging.until(() => hanging.tries.length === 1);
  hanging.works[Symbol.dispose]();
  await hanging.works.settled();
  await new Promise((resolve) => void setImmediate(resolve));
  // Its answer came behind the stop: the next start sends the message again, with the same key.
  expect(hanging.failures).toEqual([]);
  const pausing = line(() => down);
  pausing.make(1);
  await pausing.until(() => pausing.failures.length === 1);
  pausing.works[Symbol.dispose]();
  const tried = pausing.tries.length;
  await pausing.works.settled();
  for (let i = 0; i < 20; i += 1) await new Promise((resolve) => void setImmediate(resolve));
  expect(pausing.tries).toHaveLength(tried);
});

test("who waits for the end of a run hears of the end, or of a failure", async () => {
  const good = line(() => taken);
  good.make(5);
  await good.works.settled();
  expect(good.got).toHaveLength(5);
  const bad = line(() => down);
  bad.make(5);
  await bad.works.settled();
  expect(bad.works.state()).toEqual({ kind: "failing", why: "nobody listens there" });
});
