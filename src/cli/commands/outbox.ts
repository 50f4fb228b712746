import { Option } from "commander";
import type { Commands } from "../command.ts";
import { number, text } from "../given.ts";
import { countFromOne } from "../option-words.ts";

const stationOption = ["--station <file>", "station file: its outbox names the receivers"] as const;

/** The outbox: what a server beside the line gets of the books. */
export function outboxCommands(commands: Commands): void {
  const outbox = commands
    .add(
      null,
      "outbox",
      "outbox",
      "Where each receiver of records stands: what it has, what waits, and why",
      "gangflash outbox --station stations/bench.yaml",
      async ({ given, data }, io) => {
        return (await import("../outbox/outbox.ts")).outboxCommand(text(given, "station") ?? "", data, io);
      },
    )
    .option(...stationOption);
  commands
    .add(
      outbox,
      "send",
      "outbox send",
      "Sends what waits, without a line that runs",
      "gangflash outbox send --station stations/bench.yaml --for 60",
      async ({ given, data }, io) => {
        const { outboxSend } = await import("../outbox/outbox.ts");
        return await outboxSend(text(given, "station") ?? "", number(given, "for"), data, io);
      },
    )
    .requiredOption(...stationOption)
    .addOption(
      new Option("--for <seconds>", "ends after so long (default: when nothing waits)").argParser(
        countFromOne,
      ),
    )
    .addHelpText(
      "after",
      "\nExit codes:\n  0 nothing waits   2 usage or a bad file   3 something still waits",
    );
  commands
    .add(
      outbox,
      "skip <name>",
      "outbox skip",
      "Passes over the one message that a receiver refuses; the audit log says so",
      "gangflash outbox skip mes --station stations/bench.yaml --key r17-2b7e… --reason 'order deleted in the MES' --by 'A. Kim'",
      async ({ first, given, data }, io) => {
        const { outboxSkip } = await import("../outbox/outbox.ts");
        return outboxSkip(
          {
            name: first,
            station: text(given, "station") ?? "",
            key: text(given, "key") ?? "",
            reason: text(given, "reason") ?? "",
            by: text(given, "by"),
            data,
          },
          io,
        );
      },
    )
    .requiredOption(...stationOption)
    .requiredOption("--key <key>", "key of the message, as gangflash outbox tells it")
    .requiredOption("--reason <words>", "why")
    .option("--by <name>", "who decides (default: the user's name)");
}
