import { Option } from "commander";
import { reportFormats } from "../../report/file-name.ts";
import { countFromOne } from "../option-words.ts";
import { number, text } from "../given.ts";
import type { Commands } from "../command.ts";

/** What is read, printed and carried out: reports, yield, labels, packs. */
export function paperCommands(commands: Commands): void {
  commands
    .add(
      null,
      "report [batch]",
      "report",
      "A report of a batch, a unit, a shift, a series or the slots, to a file or a printer",
      "gangflash report WO-4711 --format pdf --out reports-out/",
      async ({ first, given, data }, io) => {
        const { reportCommand } = await import("../papers/report.ts");
        const { aboutOf } = await import("../papers/report-about.ts");
        const print = given["print"];
        const asked = text(given, "format");
        return await reportCommand(
          {
            about: aboutOf({
              batch: first,
              unit: text(given, "unit"),
              shift: text(given, "shift"),
              hours: number(given, "hours"),
              serials: text(given, "serials"),
              slots: given["slots"] === true,
              since: text(given, "since"),
            }),
            format: reportFormats.find((one) => one === asked) ?? "pdf",
            out: text(given, "out"),
            print: typeof print === "string" ? print : print === true,
            definition: text(given, "definition"),
            data,
          },
          io,
        );
      },
    )
    .option("--unit <what>", "the life of one unit, by barcode, serial or UID")
    .option("--shift <time>", 'what was made from this time on, such as "2026-11-22 06:00"')
    .addOption(new Option("--hours <n>", "length of the shift (default: 8)").argParser(countFromOne))
    .option("--serials <series>", "the numbers of a series")
    .option("--slots", "how each slot does")
    .option("--since <time>", "for --slots: only what ended since then")
    .addOption(
      new Option("--format <format>", "pdf, csv, xlsx or json").choices([...reportFormats]).default("pdf"),
    )
    .option("--out <file>", "file or folder (default: a name of its own in this folder)")
    .option("--print [printer]", "print it, on the default printer or this one")
    .option("--definition <file>", "report file (default: the standard report)");
  commands
    .add(
      null,
      "yield",
      "yield",
      "First-pass and final yield, retries, rework, and what failed where and when",
      "gangflash yield --since 2026-11-01 --profile vesc-60",
      async ({ given, data }, io) => {
        const { yieldCommand } = await import("../papers/yield.ts");
        const since = text(given, "since");
        const until = text(given, "until");
        return yieldCommand({ since, until, profile: text(given, "profile"), data }, io);
      },
    )
    .option("--since <time>", 'only attempts from this time on, such as "2026-11-22 06:00"')
    .option("--until <time>", "only attempts before this time (default: now)")
    .option("--profile <name>", "only attempts with this profile, by its name");
  commands
    .add(
      null,
      "label <unit>",
      "label",
      "The label of a unit that passed, to its printer or to a file",
      "gangflash label UNIT-04113 --label labels/unit.yaml --out label.pdf",
      async ({ first, given, data }, io) => {
        const format = given["format"];
        return await (
          await import("../papers/label.ts")
        ).labelCommand(
          {
            what: first,
            definition: text(given, "label") ?? "",
            format: format === "zpl" || format === "pdf" ? format : null,
            out: text(given, "out"),
            data,
          },
          io,
        );
      },
    )
    .requiredOption("--label <file>", "label file")
    .addOption(new Option("--format <format>", "a file instead of the printer").choices(["zpl", "pdf"]))
    .option("--out <file>", "file or folder; .pdf is a PDF, anything else ZPL");
  commands
    .add(
      null,
      "pack <batch>",
      "pack",
      "The traceability pack of a batch: one zip that anybody can check",
      "gangflash pack WO-4711 --out WO-4711.zip",
      async ({ first, given, data }, io) => {
        const { packCommand } = await import("../papers/pack.ts");
        return await packCommand(
          {
            batch: first,
            out: text(given, "out"),
            pdf: given["pdf"] !== false,
            by: text(given, "by"),
            data,
          },
          io,
        );
      },
    )
    .option("--out <file>", "file or folder (default: a name of its own in this folder)")
    .option("--no-pdf", "without the PDF report")
    .option("--by <name>", "who takes it out (default: the user's name)");
}
