import { Option } from "commander";
import { collect } from "../option-words.ts";
import { languageCodes } from "../../model/view.ts";
import type { LanguageCode } from "../../model/view.ts";
import { text, texts, type Given } from "../given.ts";
import type { Commands } from "../command.ts";

const languageOption = (): Option =>
  new Option("--language <code>", "language of the screen (default: the station file's)").choices(
    languageCodes,
  );

const language = (given: Given): LanguageCode | null =>
  languageCodes.find((code) => code === text(given, "language")) ?? null;

const screenReader = ["--screen-reader", "plain lines that say what changes, for a screen reader"] as const;

/** The line at work: the screen, another terminal that looks on, and a gang run without a screen. */
export function lineCommands(commands: Commands): void {
  commands
    .add(
      null,
      "",
      "screen",
      "Production-line programming station for STM32 boards. Without a command: the operator's screen.",
      "gangflash --station stations/demo.yaml --profile profiles/demo.yaml --batch WO-4711",
      async ({ given, data, color }, io) => {
        const { screenCommand } = await import("../line/screen.ts");
        return await screenCommand(
          {
            station: text(given, "station"),
            profile: text(given, "profile"),
            batch: text(given, "batch"),
            operator: text(given, "operator"),
            data,
            color,
            language: language(given),
            reader: given["screenReader"] === true,
          },
          io,
        );
      },
    )
    .option("--station <file>", "station file; without files a demonstration tray opens")
    .option("--profile <file>", "profile file")
    .option("--batch <id>", "work order")
    .option("--operator <name>", "who works here (default: the user's name)")
    .addOption(languageOption())
    .option(...screenReader)
    .addHelpText(
      "after",
      "\nExit codes:\n  0 every unit passed   1 a unit did not   2 usage or a bad file, nothing was touched\n  3 the station is not fit   130 SIGINT   143 SIGTERM",
    );
  commands
    .add(
      null,
      "run",
      "run",
      "One gang run without a screen",
      "gangflash run --station stations/bench.yaml --profile profiles/vesc-60.yaml --batch WO-4711 --unit A1=UNIT-04113 --json",
      async ({ given, data }, io) => {
        const { runCommand } = await import("../line/run.ts");
        return await runCommand(
          {
            station: text(given, "station") ?? "",
            profile: text(given, "profile") ?? "",
            batch: text(given, "batch") ?? "",
            units: texts(given, "unit"),
            all: given["all"] === true,
            panel: text(given, "panel"),
            rework: text(given, "rework"),
            operator: text(given, "operator"),
            data,
          },
          io,
        );
      },
    )
    .requiredOption("--station <file>", "station file")
    .requiredOption("--profile <file>", "profile file")
    .requiredOption("--batch <id>", "work order; opened when it is not open yet")
    .addOption(
      new Option("--unit <slot=barcode>", "a unit and its slot; repeated, one a unit").argParser(collect),
    )
    .option("--all", "every occupied slot; barcodes come from --panel")
    .option("--panel <code>", "panel code; {slot} and {n:02} in it stand for the place")
    .option("--rework <reason>", "why units that passed are made again")
    .option("--operator <name>", "who does it (default: the user's name)");
  commands
    .add(
      null,
      "watch",
      "watch",
      "The operator's screen in a second terminal, read only",
      "ssh -t line1 gangflash watch --data /var/lib/gangflash",
      async ({ given, data, color }, io) => {
        const { watchCommand } = await import("../watch/watch.ts");
        return await watchCommand(
          {
            data,
            color,
            language: language(given),
            reader: given["screenReader"] === true || process.env["INK_SCREEN_READER"] === "true",
          },
          io,
        );
      },
    )
    .addOption(languageOption())
    .option(...screenReader);
}
