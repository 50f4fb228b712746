import { Option } from "commander";
import { collect } from "../option-words.ts";
import { text, texts } from "../given.ts";
import type { Commands } from "../command.ts";

/** The books themselves: the chain, what comes from elsewhere, the key, the copy. */
export function booksCommands(commands: Commands): void {
  commands
    .add(
      null,
      "audit",
      "audit",
      "Checks the hash chain; says the first broken row",
      "gangflash audit --file copy-of-gangflash.db",
      async ({ given, data }, io) => {
        const { auditCommand } = await import("../books/audit.ts");
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
        const { importNumbersCommand } = await import("../books/import-numbers.ts");
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
        const { importBooksCommand } = await import("../books/import-books.ts");
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
      return (await import("../books/station-key.ts")).stationKeyCommand(data, io);
    },
  );
  commands.add(
    null,
    "backup <file>",
    "backup",
    "A verified copy of the records while the line runs",
    "gangflash backup /media/usb/gangflash.db",
    async ({ first, data }, io) => {
      return await (await import("../books/audit.ts")).backupCommand(first, data, io);
    },
  );
}
