import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { databaseName } from "../../store/open-store.ts";
import { CommandError } from "../complain.ts";
import { noComplaints, same, type Checks } from "./check.ts";
import type { SelftestBench } from "./bench.ts";
import { readBooks } from "./read-books.ts";
import { imageOf, layFiles, slotName, unitName } from "./recipe.ts";

const levelTwo = "optionBytes: { RDP: 0xCC }\n";

/** What must be refused before a board is addressed; each is the command of the line, with its files. */
const refusals = [
  { name: "A barcode that does not match the profile", barcode: "WRONG-1", more: "", names: "^ST-UNIT-" },
  {
    name: "Level 2 (RDP 0xCC) without its word in the profile",
    barcode: unitName(1),
    more: levelTwo,
    names: "RDP_LEVEL_2",
  },
  {
    name: "Level 2 (RDP 0xCC) without its word in the release",
    barcode: unitName(1),
    more: `${levelTwo}irreversible: [RDP_LEVEL_2]\n`,
    names: "RDP_LEVEL_2",
  },
] as const;

export async function* refused(bench: SelftestBench): Checks {
  const { folder, dice, io, commands } = bench;
  const data = join(folder, "refused-data");
  for (const [i, { name, barcode, more, names }] of refusals.entries()) {
    const own = join(folder, `refused-${i}`);
    mkdirSync(own, { mode: 0o750 });
    const recipe = { chip: "STM32F072CB", image: imageOf(dice), policy: "consume-on-success", more } as const;
    const files = layFiles(own, recipe, [`sim:${recipe.chip}:uart`]);
    yield await same(name, `refused with exit code 2, and told that ${names} was expected`, async () => {
      const words = {
        ...files,
        batch: "SELFTEST",
        units: [`${slotName(0)}=${barcode}`],
        all: false,
        panel: null,
        rework: null,
        operator: "selftest",
        data,
      };
      try {
        return `it ran, exit code ${await commands.run(words, io)}`;
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        const { exitCode, message } = error;
        return `refused with exit code ${exitCode}, and told ${message.includes(names) ? `that ${names} was expected` : message}`;
      }
    });
  }
  yield await noComplaints("After what was refused", "no attempt and no number in the books", () => {
    const file = join(data, databaseName);
    if (!existsSync(file)) return [];
    const { attempts, numbers } = readBooks(file);
    return attempts + numbers.length === 0 ? [] : [`${attempts} attempts, ${numbers.length} numbers`];
  });
}
