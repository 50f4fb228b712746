import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { cleanText } from "../lib/clean-text.ts";
import { nearest } from "../lib/nearest.ts";
import { exitCodes } from "./exit-codes.ts";

/** What every command may be given. */
export interface Globals {
  readonly data: string | null;
  readonly json: boolean;
  readonly color: boolean;
}

/** Words after an option name, as the parser gives them. */
type Given = Readonly<Record<string, unknown>>;

/** One command of the program: its name, what it was given, the options of every command. */
export interface Parsed {
  readonly command: CommandName;
  readonly words: readonly string[];
  readonly given: Given;
  readonly globals: Globals;
}

export type CommandName =
  | "screen"
  | "run"
  | "ports"
  | "probe"
  | "image"
  | "profile check"
  | "profile release"
  | "profile list"
  | "batch open"
  | "batch close"
  | "batch list"
  | "batch show"
  | "report"
  | "unit"
  | "audit"
  | "backup"
  | "simulate"
  | "schema";

export type ParseResult =
  | { readonly kind: "command"; readonly parsed: Parsed }
  /** Help, version or a mistake was printed already. */
  | { readonly kind: "exit"; readonly code: number };

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError("a whole number was expected");
  return Number(text);
}

function countFromOne(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new InvalidArgumentError("a whole number from 1 on was expected");
  return Number(text);
}

/** Reads the words of a command line. Help goes to `out`, mistakes to `err`. */
export function parseArgs(
  argv: readonly string[],
  version: string,
  out: (text: string) => void,
  err: (text: string) => void,
): ParseResult {
  let parsed: Parsed | null = null;
  const program = new Command("gangflash");

  /** Registers a command; every one has the global options, an example, and one way to be parsed. */
  function add(parent: Command, spec: string, name: CommandName, about: string, example: string): Command {
    const command = spec === "" ? parent : parent.command(spec);
    command
      .description(about)
      .addHelpText("after", `\nExample:\n  $ ${example}`)
      .action((...words: unknown[]) => {
        // A word that is no command reaches the program itself, which takes none.
        if (command === program) refuseWords(command.args);
        // Commander ends the list with the options and the command itself.
        const texts = words
          .slice(0, -2)
          .flat()
          .filter((word): word is string => typeof word === "string");
        parsed = { command: name, words: texts, given: command.opts<Given>(), globals: globalsOf(command) };
      });
    return globals(command);
  }

  function refuseWords([word]: readonly string[]): void {
    if (word === undefined) return;
    const known = program.commands.map((command) => command.name());
    const close = nearest(word, known);
    const hint = close === null ? `There are ${known.join(", ")}.` : `Did you mean ${close}?`;
    program.error(`error: unknown command '${word}'\n(${hint})`, { code: "commander.unknownCommand" });
  }

  /** A group of commands; on its own it shows them. */
  function group(name: string, about: string, example: string): Command {
    return program.command(name).description(about).addHelpText("after", `\nExample:\n  $ ${example}`);
  }

  function globals(command: Command): Command {
    return command
      .addOption(new Option("--data <dir>", "data folder (default: the platform's, or GANGFLASH_DATA)"))
      .addOption(new Option("--json", "results as JSON, one object a line"))
      .addOption(new Option("--no-color", "no colour (NO_COLOR does the same)"));
  }

  program
    .version(version, "--version", "version of gangflash")
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (text) => out(text.trimEnd()),
      // What was typed is shown again, and may come from anywhere.
      writeErr: (text) =>
        err(
          text
            .trimEnd()
            .split("\n")
            .map((line) => cleanText(line, 1000))
            .join("\n"),
        ),
    })
    .helpCommand(true)
    .showSuggestionAfterError(true)
    .showHelpAfterError("(add --help for the words it knows)");

  add(
    program,
    "",
    "screen",
    "Production-line programming station for STM32 boards. Without a command: the operator's screen.",
    "gangflash --station stations/demo.yaml --profile profiles/demo.yaml --batch WO-4711",
  )
    .option("--station <file>", "station file; without files a demonstration tray opens")
    .option("--profile <file>", "profile file")
    .option("--batch <id>", "work order")
    .option("--operator <name>", "who works here (default: the user's name)")
    .addHelpText(
      "after",
      "\nExit codes:\n  0 every unit passed   1 a unit did not   2 usage or a bad file, nothing was touched\n  3 the station is not fit   130 SIGINT   143 SIGTERM",
    );

  add(
    program,
    "run",
    "run",
    "One gang run without a screen",
    "gangflash run --station stations/bench.yaml --profile profiles/vesc-60.yaml --batch WO-4711 --unit A1=UNIT-04113 --json",
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

  add(
    program,
    "ports",
    "ports",
    "What is plugged in, by path, with the line for a station file",
    "gangflash ports",
  );
  add(
    program,
    "probe <port>",
    "probe",
    "One board: chip, loader version, UID, flash size, option bytes, protection",
    "gangflash probe uart:/dev/ttyUSB0",
  ).addOption(new Option("--baud <rate>", "rate of a serial line").argParser(wholeNumber));
  add(
    program,
    "image <file...>",
    "image",
    "What an image file holds: format, segments, sizes, hashes, share that is blank",
    "gangflash image firmware/vesc-60.bin --at 0x08000000",
  ).option("--at <address>", "address of a .bin");

  const profile = group(
    "profile",
    "Check, release and list profiles",
    "gangflash profile check profiles/vesc-60.yaml",
  );
  add(
    profile,
    "check <file...>",
    "profile check",
    "Everything that can be checked without a board",
    "gangflash profile check profiles/vesc-60.yaml",
  );
  add(
    profile,
    "release <file>",
    "profile release",
    "Freezes this revision by its hash, with who and when",
    "gangflash profile release profiles/vesc-60.yaml --by 'M. Lang'",
  )
    .option("--by <name>", "who releases it (default: the user's name)")
    .addOption(
      new Option("--irreversible <word>", "word for what can never be undone, such as RDP_LEVEL_2").argParser(
        collect,
      ),
    );
  add(profile, "list", "profile list", "What is released", "gangflash profile list");

  const batch = group("batch", "Work orders", "gangflash batch list");
  add(
    batch,
    "open <id>",
    "batch open",
    "Opens a work order",
    "gangflash batch open WO-4711 --profile profiles/vesc-60.yaml --quantity 240",
  )
    .requiredOption("--profile <file>", "profile file")
    .addOption(new Option("--quantity <n>", "units wanted").argParser(countFromOne))
    .option("--by <name>", "who opens it (default: the user's name)");
  add(batch, "close <id>", "batch close", "Closes a work order", "gangflash batch close WO-4711").option(
    "--by <name>",
    "who closes it (default: the user's name)",
  );
  add(batch, "list", "batch list", "All work orders, newest first", "gangflash batch list");
  add(batch, "show <id>", "batch show", "One work order and its counts", "gangflash batch show WO-4711");

  add(
    program,
    "report <batch>",
    "report",
    "The report of a batch, to a file or a printer",
    "gangflash report WO-4711 --format pdf --out reports-out/",
  )
    .addOption(new Option("--format <format>", "pdf or csv").choices(["pdf", "csv"]).default("pdf"))
    .option("--out <file>", "file or folder (default: a name of its own in this folder)")
    .option("--print [printer]", "print it, on the default printer or this one")
    .option("--definition <file>", "report file (default: the standard report)");
  add(
    program,
    "unit <what>",
    "unit",
    "The life of one unit, by barcode, serial or UID",
    "gangflash unit UNIT-04113",
  );
  add(
    program,
    "audit",
    "audit",
    "Checks the hash chain; says the first broken row",
    "gangflash audit --file copy-of-gangflash.db",
  ).option("--file <copy>", "a copied gangflash.db instead of the data folder");
  add(
    program,
    "backup <file>",
    "backup",
    "A verified copy of the records while the line runs",
    "gangflash backup /media/usb/gangflash.db",
  );
  add(
    program,
    "simulate",
    "simulate",
    "Simulated boards behind real ports: serial ones on ptys, USB ones and USB adapters over USB/IP",
    "gangflash simulate --board STM32F405:uart --link board1 --dump flash1.bin",
  )
    .addOption(
      new Option("--board <line:wire>", "a simulated board; repeated, one a board").argParser(collect),
    )
    .addOption(new Option("--link <path>", "name of its port; one beside each --board").argParser(collect))
    .addOption(
      new Option("--dump <file>", "its flash, written at the end; one beside each --board or none").argParser(
        collect,
      ),
    )
    .addOption(
      new Option(
        "--mishap <plan>",
        "planned trouble such as pullAt=4096; one beside each --board or none",
      ).argParser(collect),
    )
    .addOption(
      new Option("--uid <hex>", "its UID, 24 hex digits; one beside each --board or none").argParser(collect),
    )
    .addOption(new Option("--baud <rate>", "rate that the boards are talked to at").argParser(wholeNumber))
    .addOption(
      new Option("--pace <pace>", "real: bench time; fast: as fast as the machine can")
        .choices(["real", "fast"])
        .default("real"),
    )
    .addOption(
      new Option(
        "--adapter <kind>",
        "pty or cdc (a USB adapter with DTR and RTS): one for all serial boards, or one beside each --board",
      ).argParser(collect),
    )
    .addOption(
      new Option("--wiring <pins>", "lines of a cdc adapter (default: boot0=rts,reset=dtr); none: no lines"),
    )
    .addOption(
      new Option(
        "--rom <kind>",
        "old, new or family: generation of the USB loader, one for all or one beside each --board",
      ).argParser(collect),
    )
    .addOption(new Option("--foreign <name>", "a USB device that is no board; repeated").argParser(collect))
    .addOption(
      new Option("--reseat <seconds>", "a USB board that left for good is put in again then").argParser(
        wholeNumber,
      ),
    )
    .addOption(
      new Option("--serve <port>", "port of the USB/IP server on 127.0.0.1 (default: a free one)").argParser(
        wholeNumber,
      ),
    )
    .option("--attach", "the kernel's virtual USB hub gets the devices (default: where it can)")
    .option("--no-attach", "they are only offered, beside --serve");
  add(
    program,
    "schema <kind>",
    "schema",
    "The JSON Schema of station, profile or report files",
    "gangflash schema profile > profile.schema.json",
  );

  // Behind the commands, which would inherit it: a word that is none of them is told in our way.
  program.allowExcessArguments(true);
  try {
    program.parse(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: "exit", code: error.exitCode === 0 ? exitCodes.ok : exitCodes.usage };
  }
  // A group without its command shows its help through commander, which then throws.
  return parsed === null ? { kind: "exit", code: exitCodes.usage } : { kind: "command", parsed };
}

/** The global options stand behind the command or before it. */
function globalsOf(command: Command): Globals {
  const all: Given[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) all.push(at.opts<Given>());
  return {
    data: all.map((given) => text(given, "data")).find((data) => data !== null) ?? null,
    json: all.some((given) => given["json"] === true),
    color: all.every((given) => given["color"] !== false),
  };
}

export function text(given: Given, name: string): string | null {
  const value = given[name];
  return typeof value === "string" ? value : null;
}

export function texts(given: Given, name: string): readonly string[] {
  const value = given[name];
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}

export function number(given: Given, name: string): number | null {
  const value = given[name];
  return typeof value === "number" ? value : null;
}

export type { Given };
