import { expect, test } from "vitest";
import { seed } from "../reliability/random.ts";
import { codeOf, stalledScans } from "./scans.ts";

test(`200 scans come out exactly, in order, from a loop that stands still for up to 200 ms again and again (SEED=${seed})`, async () => {
  const { heard, stalls } = await stalledScans(200);
  expect(heard).toEqual(Array.from({ length: 200 }, (_, i) => codeOf(i)));
  expect(stalls).toBeGreaterThan(1);
});
