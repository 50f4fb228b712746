import { Command, CommanderError, Option } from "commander";
import { cleanText } from "../lib/clean-text.ts";
import { nearest } from "../lib/nearest.ts";
import { benchCommands } from "./commands/bench.ts";
import { booksCommands } from "./commands/books.ts";
import { orderCommands } from "./commands/orders.ts";
import { paperCommands } from "./commands/papers.ts";
import { unitCommands } from "./commands/units.ts";
import { engineerCommands } from "./commands/engineer.ts";
import { lineCommands } from "./commands/line.ts";
import { outboxCommands } from "./commands/outbox.ts";
import { peopleCommands } from "./commands/people.ts";
import type { Call, Commands, Perform } from "./command.ts";
import { dataFolder } from "./data-folder.ts";
import { exitCodes } from "./exit-codes.ts";
import { text, type Given } from "./given.ts";

/** One command of the program: its name, what it was given, what it does. */
export interface Parsed {
  readonly command: string;
  readonly call: Call;
  readonly json: boolean;
  readonly perform: Perform;
}

export type ParseResult =
  | { readonly kind: "command"; readonly parsed: Parsed }
  /** Help, version or a mistake was printed already. */
  | { readonly kind: "exit"; readonly code: number };

/** Reads the words of a command line. Help goes to `out`, mistakes to `err`. */
export function parseArgs(
  argv: readonly string[],
  version: string,
  out: (text: string) => void,
  err: (text: string) => void,
): ParseResult {
  let parsed: Parsed | null = null;
  const program = new Command("gangflash");

  function refuseWords([word]: readonly string[]): void {
    if (word === undefined) return;
    const known = program.commands.map((command) => command.name());
    const close = nearest(word, known);
    const hint = close === null ? `There are ${known.join(", ")}.` : `Did you mean ${close}?`;
    program.error(`error: unknown command '${word}'\n(${hint})`, { code: "commander.unknownCommand" });
  }

  const commands: Commands = {
    add(parent, spec, name, about, example, perform) {
      const command = spec === "" ? program : (parent ?? program).command(spec);
      return command
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
          const { data, json, color } = globalsOf(command);
          const given = command.opts<Given>();
          const [first = ""] = texts;
          parsed = { command: name, call: { words: texts, first, given, data, color }, json, perform };
        })
        .addOption(new Option("--data <dir>", "data folder (default: the platform's, or GANGFLASH_DATA)"))
        .addOption(new Option("--json", "results as JSON, one object a line"))
        .addOption(new Option("--no-color", "no colour (NO_COLOR does the same)"));
    },
    group: (name, about, example) =>
      program.command(name).description(about).addHelpText("after", `\nExample:\n  $ ${example}`),
  };

  program
    .version(version, "--version", "version of gangflash")
    .exitOverride()
    .enablePositionalOptions()
    .configureOutput({
      writeOut: (words) => out(words.trimEnd()),
      // What was typed is shown again, and may come from anywhere.
      writeErr: (words) =>
        err(
          words
            .trimEnd()
            .split("\n")
            .map((line) => cleanText(line, 1000))
            .join("\n"),
        ),
    })
    .helpCommand(true)
    .showSuggestionAfterError(true)
    .showHelpAfterError("(add --help for the words it knows)");

  for (const register of [
    lineCommands,
    benchCommands,
    engineerCommands,
    orderCommands,
    paperCommands,
    unitCommands,
    booksCommands,
    outboxCommands,
    peopleCommands,
  ])
    register(commands);

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
function globalsOf(command: Command): { data: string; json: boolean; color: boolean } {
  const all: Given[] = [];
  for (let at: Command | null = command; at !== null; at = at.parent) all.push(at.opts<Given>());
  return {
    data: dataFolder(all.map((given) => text(given, "data")).find((data) => data !== null) ?? null),
    json: all.some((given) => given["json"] === true),
    color: all.every((given) => given["color"] !== false),
  };
}
