import { Option } from "commander";
import { roles } from "../../model/person.ts";
import { text } from "../given.ts";
import type { Commands } from "../command.ts";

/** Who works here. */
export function peopleCommands(commands: Commands): void {
  const people = commands.group("people", "Who works here, with which rights", "gangflash people list");
  commands.add(
    people,
    "list",
    "people list",
    "Everybody whom the books know",
    "gangflash people list",
    async ({ data }, io) => (await import("../books/people.ts")).peopleList(data, io),
  );
  commands
    .add(
      people,
      "add <name>",
      "people add",
      "Somebody new; from the first one on the books ask who may do what",
      "gangflash people add 'M. Lang' --role lead --badge B-1001",
      async ({ first, given, data }, io) => {
        const { peopleAdd } = await import("../books/people.ts");
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
    .option("--badge <code>", "what the scanner reads off the badge")
    .option("--pin", "a PIN, asked for on the terminal or read from standard input")
    .option("--by <name>", "who adds them (default: the user's name)");
  for (const [word, active, about] of [
    ["leave", false, "Somebody logs in no longer; the deeds stay"],
    ["return", true, "Somebody who left logs in again"],
  ] as const)
    commands
      .add(
        people,
        `${word} <name>`,
        `people ${word}`,
        about,
        `gangflash people ${word} 'A. Kim' --by 'M. Lang'`,
        async ({ first, given, data }, io) => {
          const { peopleActive } = await import("../books/people.ts");
          return peopleActive(first, active, text(given, "by"), data, io);
        },
      )
      .option("--by <name>", "who says so (default: the user's name)");
}
