import { text } from "../given.ts";
import type { Commands } from "../args.ts";

/** Who works here. */
export function peopleCommands(commands: Commands): void {
  const people = commands.group("people", "Who works here, with which rights", "gangflash people list");
  commands.add(
    people,
    "list",
    "people list",
    "Everybody whom the books know",
    "gangflash people list",
    async ({ data }, io) => (await import("../people.ts")).peopleList(data, io),
  );
  commands
    .add(
      people,
      "add <name>",
      "people add",
      "Somebody new; from the first one on the books ask who may do what",
      "gangflash people add 'M. Lang' --role lead --badge B-1001",
      async ({ first, given, data }, io) => {
        const { peopleAdd } = await import("../people.ts");
        return await peopleAdd(
          {
            name: first,
            role: text(given, "role") ?? "",
            badge: text(given, "badge"),
            pin: given["pin"] === true,
            by: text(given, "by"),
            data,
          },
          io,
        );
      },
    )
    .requiredOption("--role <role>", "operator, lead, engineer or quality")
    .option("--badge <code>", "what the scanner reads off the badge")
    .option("--pin", "read a PIN from standard input")
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
          const { peopleActive } = await import("../people.ts");
          return peopleActive(first, active, text(given, "by"), data, io);
        },
      )
      .option("--by <name>", "who says so (default: the user's name)");
}
