import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { StationHeld } from "../../../../src/store/store-error.ts";
import { dataFolder, owned, refused } from "../books.ts";
import { holder, killed } from "../holders.ts";

test("a second station on the same data is refused, and told who has it since when", async () => {
  const folder = dataFolder();
  const before = Date.now();
  const held = await holder(folder);
  const started = performance.now();
  const error = refused(() => owned(folder), "held");
  expect(performance.now() - started).toBeLessThan(1000);
  expect(error).toBeInstanceOf(StationHeld);
  expect(error).toMatchObject({ pid: held.pid });
  expect(error.message).toContain(`process id ${held.pid} since 20`);
  expect(error instanceof StationHeld && error.since?.getTime()).toBeGreaterThanOrEqual(before);
});

test("the folder is free at once when its holder was killed, three times of three", async () => {
  const folder = dataFolder();
  // Each holder is a Node of its own: a second or two to start on a busy machine.
  for (let i = 0; i < 3; i += 1) {
    const held = await holder(folder);
    await killed(held);
    expect(() => owned(folder).close()).not.toThrow();
  }
});

test("a second owner in the same process is refused too, and the first one keeps the folder", () => {
  const folder = dataFolder();
  const first = owned(folder);
  for (let i = 0; i < 3; i += 1) expect(() => owned(folder)).toThrow(StationHeld);
  first.close();
  expect(() => owned(folder)).not.toThrow();
});

test("a note about the holder that says nothing does not stand in the way", () => {
  const folder = dataFolder();
  const first = owned(folder);
  for (const text of ["", "{", "null", "[]", '{"pid":"x","since":"yesterday"}']) {
    writeFileSync(join(folder, "owner.json"), text);
    const error = refused(() => owned(folder), "held");
    expect(error).toMatchObject({ pid: null, since: null });
    expect(error.message).toContain("another gangflash");
  }
  first.close();
  expect(existsSync(join(folder, "owner.json"))).toBe(false);
});

test("closing twice is closing once: the next owner is not pushed out", () => {
  const folder = dataFolder();
  const first = owned(folder);
  first.close();
  const second = owned(folder);
  first.close();
  expect(() => owned(folder)).toThrow(StationHeld);
  second.close();
});

test("a folder stays held when nobody refers to its books any more", async () => {
  const folder = dataFolder();
  const held = await holder(folder, "--expose-gc");
  held.stdin?.write("collect\n");
  if (held.stdout !== null) await once(held.stdout, "data");
  expect(() => owned(folder)).toThrow(StationHeld);
});
