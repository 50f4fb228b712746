import { Option } from "commander";
import { roles } from "../../model/person.ts";
import { text } from "../given.ts";
import type { Commands } from "../args.ts";

/** Who works at the station. */
export function peopleCommands(commands: Commands): void {
  const people = commands.group("people", "Who works here: roles, badges and PINs", "gangflash people list");
  commands
    .add(
      people,
      "add <name>",
      "people add",
      "Somebody new; a PIN is asked for and not shown",
      "gangflash people add 'A. Novak' --role operator --badge B-000123",
      async ({ first, given, data }, io) => {
        const { peopleAdd } = await import("../people.ts");
        return await peopleAdd(
          {
            name: first,
            role: roles.find((role) => role === text(given, "role")) ?? "operator",
            badge: text(given, "badge"),
            pin: given["pin"] === true,
            by: text(given, "by"),
            data,
          },
          io,
        );
      },
    )
    .addOption(
      new Option("--role <role>", "what this person may do").choices([...roles]).makeOptionMandatory(),
    )
    .option("--badge <code>", "code of the badge, as the scanner reads it")
    .option("--pin", "a PIN, asked for on the terminal or read from standard input")
    .option("--by <name>", "who adds this person (default: the user's name)");
  commands.add(
    people,
    "list",
    "people list",
    "Everybody, with role",
    "gangflash people list",
    async ({ data }, io) => {
      return (await import("../people.ts")).peopleList(data, io);
    },
  );
  commands
    .add(
      people,
      "retire <name>",
      "people retire",
      "Somebody left: badge and PIN open nothing any more, their deeds stay",
      "gangflash people retire 'A. Novak'",
      async ({ first, given, data }, io) => {
        return (await import("../people.ts")).peopleRetire(first, text(given, "by"), data, io);
      },
    )
    .option("--by <name>", "who says so (default: the user's name)");
}
