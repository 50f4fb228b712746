import { expect, test } from "vitest";
import { ahead } from "../../../src/job/ahead.ts";

const blocks = [{ n: 1 }, { n: 2 }, { n: 3 }];
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the next piece is begun before the last one is told, and never two at a time", async () => {
  const seen: string[] = [];
  for await (const { item, result } of ahead(blocks, async ({ n }) => {
    seen.push(`begin ${n}`);
    await turn();
    seen.push(`end ${n}`);
    return n * 10;
  }))
    seen.push(`told ${item.n} ${result}`);
  expect(seen).toEqual([
    "begin 1",
    "end 1",
    "begin 2",
    "told 1 10",
    "end 2",
    "begin 3",
    "told 2 20",
    "end 3",
    "told 3 30",
  ]);
});

test("a piece that fails is heard of after the one before it is told, however long that takes", async () => {
  const told: number[] = [];
  const all = async (): Promise<void> => {
    for await (const { item } of ahead(blocks, async ({ n }) => {
      await turn();
      if (n === 2) throw new Error("no");
    })) {
      for (let i = 0; i < 5; i += 1) await turn();
      told.push(item.n);
    }
  };
  await expect(all()).rejects.toThrow("no");
  expect(told).toEqual([1]);
});

test("without pieces there is nothing to tell", async () => {
  let told = 0;
  for await (const _ of ahead([], () => Promise.resolve(1))) told += 1;
  expect(told).toBe(0);
});
