import { Option } from "commander";
import { reportFormats } from "../../report/file-name.ts";
import { collect, countFromOne } from "../option-words.ts";
import { number, text, texts } from "../given.ts";
import type { Commands } from "../args.ts";

/** The books: work orders, reports, units, the chain. */
export function booksCommands(commands: Commands): void {
  const batch = commands.group("batch", "Work orders", "gangflash batch list");
  commands
    .add(
      batch,
      "open <id>",
      "batch open",
      "Opens a work order",
      "gangflash batch open WO-4711 --profile profiles/vesc-60.yaml --quantity 240",
      async ({ first, given, data }, io) => {
        const { batchOpen } = await import("../batch.ts");
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
        return (await import("../batch.ts")).batchClose(first, text(given, "by"), data, io);
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
      return (await import("../batch.ts")).batchList(data, io);
    },
  );
  commands.add(
    batch,
    "show <id>",
    "batch show",
    "One work order and its counts",
    "gangflash batch show WO-4711",
    async ({ first, data }, io) => {
      return (await import("../batch.ts")).batchShow(first, data, io);
    },
  );
  commands
    .add(
      null,
      "report [batch]",
      "report",
      "A report of a batch, a unit, a shift, a series or the slots, to a file or a printer",
      "gangflash report WO-4711 --format pdf --out reports-out/",
      async ({ first, given, data }, io) => {
        const { reportCommand } = await import("../report.ts");
        const { aboutOf } = await import("../report-about.ts");
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
        const { yieldCommand } = await import("../yield.ts");
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
          await import("../label.ts")
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
        const { packCommand } = await import("../pack.ts");
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
  const unit = commands.add(
    null,
    "unit <what>",
    "unit",
    "The life of one unit, by barcode, serial or UID",
    "gangflash unit UNIT-04113",
    async ({ first, data }, io) => {
      return (await import("../unit.ts")).unitCommand(first, data, io);
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
          const { unitDecision } = await import("../unit.ts");
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
  commands
    .add(
      null,
      "audit",
      "audit",
      "Checks the hash chain; says the first broken row",
      "gangflash audit --file copy-of-gangflash.db",
      async ({ given, data }, io) => {
        const { auditCommand } = await import("../audit.ts");
        return auditCommand(
          { file: text(given, "file"), head: text(given, "head"), keys: texts(given, "key"), data },
          io,
        );
      },
    )
    .option("--head <head>", "a head that somebody has kept: SEQ:HASH, or a file that has one")
    .addOption(
      new Option(
        "--key <file>",
        "the station's public key, as gangflash station key told it; repeated, where it has had several",
      ).argParser(collect),
    )
    .option("--file <copy>", "a copied gangflash.db instead of the data folder");
  const imports = commands.group(
    "import",
    "What other stations and programs have given out",
    "gangflash import numbers old-line.csv --series vesc-60",
  );
  commands
    .add(
      imports,
      "numbers <file>",
      "import numbers",
      "Numbers from elsewhere, a CSV: number,text or first,last, beside them barcode, state, reason; all rows or none",
      "gangflash import numbers old-line.csv --series vesc-60",
      async ({ first, given, data }, io) => {
        const { importNumbersCommand } = await import("../import-numbers.ts");
        return importNumbersCommand(
          {
            file: first,
            series: text(given, "series") ?? "",
            kind: text(given, "kind") === "mac" ? "mac" : "serial",
            block: text(given, "block"),
            by: text(given, "by"),
            dry: given["dryRun"] === true,
            data,
          },
          io,
        );
      },
    )
    .requiredOption("--series <name>", "series of the ledger, as the profile names it")
    .addOption(new Option("--kind <kind>", "serial or mac").choices(["serial", "mac"]).default("serial"))
    .option("--block <address>", "for a list of addresses: the first one of the profile's mac block")
    .option("--dry-run", "says what would happen, changes nothing")
    .option("--by <name>", "who brings them in (default: the user's name)");
  commands
    .add(
      imports,
      "books <file>",
      "import books",
      "A copy of another station's gangflash.db: its units, numbers and records, beside ours",
      "gangflash import books /media/usb/line2.db --dry-run",
      async ({ first, given, data }, io) => {
        const { importBooksCommand } = await import("../import-books.ts");
        const by = text(given, "by");
        return importBooksCommand({ file: first, by, dry: given["dryRun"] === true, data }, io);
      },
    )
    .option("--dry-run", "says what would happen, changes nothing")
    .option("--by <name>", "who brings them in (default: the user's name)");
  const station = commands.group("station", "This station's own key", "gangflash station key");
  commands.add(
    station,
    "key",
    "station key",
    "The public key that this station signs batches with, as PEM",
    "gangflash station key > line1.pub.pem",
    async ({ data }, io) => {
      return (await import("../station-key.ts")).stationKeyCommand(data, io);
    },
  );
  commands.add(
    null,
    "backup <file>",
    "backup",
    "A verified copy of the records while the line runs",
    "gangflash backup /media/usb/gangflash.db",
    async ({ first, data }, io) => {
      return await (await import("../audit.ts")).backupCommand(first, data, io);
    },
  );
}
