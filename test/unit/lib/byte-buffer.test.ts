import { describe, expect, test } from "vitest";
import { byteBuffer } from "../../../src/lib/byte-buffer.ts";

const never = new AbortController().signal;

describe("bytes that wait for their reader", () => {
  test("an exact count, over several pieces", async () => {
    const buffer = byteBuffer();
    const taking = buffer.take(4, never);
    buffer.push(Uint8Array.of(1, 2));
    buffer.push(Uint8Array.of(3, 4, 5));
    expect(await taking).toEqual(Uint8Array.of(1, 2, 3, 4));
    expect(await buffer.take(1, never)).toEqual(Uint8Array.of(5));
  });

  test("a reader that was stopped leaves the bytes to the next one, on the same signal or another", async () => {
    const buffer = byteBuffer();
    const stop = new AbortController();
    const taking = buffer.take(1, stop.signal);
    stop.abort(new Error("stopped"));
    await expect(taking).rejects.toThrow("stopped");
    await expect(buffer.take(1, stop.signal)).rejects.toThrow("stopped");
    const next = buffer.take(1, never);
    buffer.push(Uint8Array.of(7));
    expect(await next).toEqual(Uint8Array.of(7));
  });

  test("a signal that ends between two readers is told to the second at once, bytes that are there come first", async () => {
    const buffer = byteBuffer();
    const stop = new AbortController();
    buffer.push(Uint8Array.of(1));
    expect(await buffer.take(1, stop.signal)).toEqual(Uint8Array.of(1));
    const second = buffer.take(1, stop.signal);
    buffer.push(Uint8Array.of(2));
    await second;
    stop.abort(new Error("stopped"));
    buffer.push(Uint8Array.of(3));
    expect(await buffer.take(1, stop.signal)).toEqual(Uint8Array.of(3));
    await expect(buffer.take(1, stop.signal)).rejects.toThrow("stopped");
  });

  test("a source that is gone ends every wait, once what came is taken", async () => {
    const buffer = byteBuffer();
    const taking = buffer.take(2, never);
    buffer.push(Uint8Array.of(1));
    buffer.fail(new Error("gone"));
    await expect(taking).rejects.toThrow("gone");
    expect(await buffer.take(1, never)).toEqual(Uint8Array.of(1));
    await expect(buffer.take(1, never)).rejects.toThrow("gone");
  });

  test("what is cleared is counted and gone", async () => {
    const buffer = byteBuffer();
    buffer.push(Uint8Array.of(1, 2, 3));
    expect(buffer.clear()).toBe(3);
    expect(buffer.clear()).toBe(0);
    const taking = buffer.take(1, never);
    buffer.push(Uint8Array.of(4));
    expect(await taking).toEqual(Uint8Array.of(4));
  });
});
