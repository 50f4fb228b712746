import { describe, expect, test } from "vitest";
import { arrivals } from "../../../src/lib/arrivals.ts";

const never = new AbortController().signal;
const thing = (n: number): { readonly n: number } => ({ n });

describe("things that come", () => {
  test("are taken in the order they came, before and behind the question", async () => {
    const came = arrivals<{ readonly n: number }>();
    came.push(thing(1));
    came.push(thing(2));
    expect(await came.take(never)).toEqual({ n: 1 });
    expect(await came.take(never)).toEqual({ n: 2 });
    const waiting = came.take(never);
    came.push(thing(3));
    expect(await waiting).toEqual({ n: 3 });
  });

  test("a wait ends with the signal's reason, and nothing is lost by it", async () => {
    const came = arrivals<{ readonly n: number }>();
    const stop = new AbortController();
    const waiting = came.take(stop.signal);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    came.push(thing(1));
    await expect(came.take(stop.signal)).rejects.toThrow("enough");
    expect(await came.take(never)).toEqual({ n: 1 });
  });

  test("a source that is gone ends every wait, once what it gave is taken", async () => {
    const came = arrivals<{ readonly n: number }>();
    came.push(thing(1));
    came.fail(new Error("gone"));
    expect(await came.take(never)).toEqual({ n: 1 });
    await expect(came.take(never)).rejects.toThrow("gone");
  });

  test("what is unwanted can be dropped", async () => {
    const came = arrivals<{ readonly n: number }>();
    for (let n = 1; n <= 5; n += 1) came.push(thing(n));
    expect(came.drop(({ n }) => n !== 3)).toBe(4);
    expect(await came.take(never)).toEqual({ n: 3 });
  });
});
