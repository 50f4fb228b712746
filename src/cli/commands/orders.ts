import { Option } from "commander";
import { countFromOne } from "../option-words.ts";
import { number, text } from "../given.ts";
import type { Commands } from "../command.ts";

/** Work orders. */
export function orderCommands(commands: Commands): void {
  const batch = commands.group("batch", "Work orders", "gangflash batch list");
  commands
    .add(
      batch,
      "open <id>",
      "batch open",
      "Opens a work order",
      "gangflash batch open WO-4711 --profile profiles/vesc-60.yaml --quantity 240",
      async ({ first, given, data }, io) => {
        const { batchOpen } = await import("../order/batch.ts");
        return await batchOpen(
          {
            id: first,
            profile: text(given, "profile") ?? "",
            quantity: number(given, "quantity"),
            by: text(given, "by"),
            data,
          },
          io,
        );
      },
    )
    .requiredOption("--profile <file>", "profile file")
    .addOption(new Option("--quantity <n>", "units wanted").argParser(countFromOne))
    .option("--by <name>", "who opens it (default: the user's name)");
  commands
    .add(
      batch,
      "close <id>",
      "batch close",
      "Closes a work order",
      "gangflash batch close WO-4711",
      async ({ first, given, data }, io) => {
        return (await import("../order/batch.ts")).batchClose(first, text(given, "by"), data, io);
      },
    )
    .option("--by <name>", "who closes it (default: the user's name)");
  commands.add(
    batch,
    "list",
    "batch list",
    "All work orders, newest first",
    "gangflash batch list",
    async ({ data }, io) => {
      return (await import("../order/batch.ts")).batchList(data, io);
    },
  );
  commands.add(
    batch,
    "show <id>",
    "batch show",
    "One work order and its counts",
    "gangflash batch show WO-4711",
    async ({ first, data }, io) => {
      return (await import("../order/batch.ts")).batchShow(first, data, io);
    },
  );
}
