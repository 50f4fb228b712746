import { Option } from "commander";
import { countFromOne } from "../option-words.ts";
import { number, text } from "../given.ts";
import type { Commands } from "../command.ts";

/** One unit: its life, and what people decide about it. */
export function unitCommands(commands: Commands): void {
  const unit = commands.add(
    null,
    "unit <what>",
    "unit",
    "The life of one unit, by barcode, serial or UID",
    "gangflash unit UNIT-04113",
    async ({ first, data }, io) => {
      return (await import("../books/unit.ts")).unitCommand(first, data, io);
    },
  );
  const decisions = [
    ["void", "An attempt counts nowhere any more; its record stays", "fixture was not closed"],
    ["rework", "Somebody worked on the board: it may run again", "U3 soldered again"],
    ["scrap", "The unit did not pass, and is never made again", "board broken"],
  ] as const;
  for (const [kind, about, reason] of decisions) {
    const command = commands
      .add(
        unit,
        `${kind} <what>`,
        `unit ${kind}`,
        about,
        `gangflash unit ${kind} UNIT-04113 --reason '${reason}' --by 'A. Kim'`,
        async ({ first, given, data }, io) => {
          const { unitDecision } = await import("../books/unit.ts");
          return unitDecision(
            {
              kind,
              what: first,
              attempt: number(given, "attempt"),
              reason: text(given, "reason") ?? "",
              by: text(given, "by"),
              data,
            },
            io,
          );
        },
      )
      .requiredOption("--reason <words>", "why")
      .option("--by <name>", "who decides (default: the user's name)");
    if (kind === "void")
      command.addOption(
        new Option("--attempt <n>", "which attempt (default: the last)").argParser(countFromOne),
      );
  }
}
