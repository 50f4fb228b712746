import { expect, test } from "vitest";
import { judgeRace, race } from "./races.ts";

test(
  "eight processes reserve 4 000 numbers of one series: each once, none lost, no error",
  { timeout: 60_000 },
  async () => {
    const all = await race(8, 500);
    expect(all.told).toHaveLength(4000);
    judgeRace(all, 4000);
  },
);
