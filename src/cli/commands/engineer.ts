import { Option } from "commander";
import { collect } from "../option-words.ts";
import { text, texts } from "../given.ts";
import type { Commands } from "../command.ts";

/** The engineer's files: images, profiles, schemas. */
export function engineerCommands(commands: Commands): void {
  commands
    .add(
      null,
      "image <file...>",
      "image",
      "What an image file holds: format, segments, sizes, hashes, share that is blank",
      "gangflash image firmware/vesc-60.bin --at 0x08000000",
      async ({ words, given }, io) => {
        const { addressOption, imageCommand } = await import("../engineer/image.ts");
        const at = text(given, "at");
        return await imageCommand({ files: words, at: at === null ? null : addressOption("--at", at) }, io);
      },
    )
    .option("--at <address>", "address of a .bin");
  const profile = commands.group(
    "profile",
    "Check, release and list profiles",
    "gangflash profile check profiles/vesc-60.yaml",
  );
  commands.add(
    profile,
    "check <file...>",
    "profile check",
    "Everything that can be checked without a board",
    "gangflash profile check profiles/vesc-60.yaml",
    async ({ words }, io) => {
      return await (await import("../engineer/profile.ts")).profileCheck(words, io);
    },
  );
  commands
    .add(
      profile,
      "release <file>",
      "profile release",
      "Freezes this revision by its hash, with who and when",
      "gangflash profile release profiles/vesc-60.yaml --by 'M. Lang' --reviewed-by 'A. Kim'",
      async ({ first, given, data }, io) => {
        const { profileRelease } = await import("../engineer/profile.ts");
        return await profileRelease(
          {
            file: first,
            by: text(given, "by"),
            reviewedBy: text(given, "reviewedBy"),
            irreversible: texts(given, "irreversible"),
            data,
          },
          io,
        );
      },
    )
    .option("--by <name>", "who releases it (default: the user's name)")
    .option("--reviewed-by <name>", "another person, who reviewed it; needed where people are kept")
    .addOption(
      new Option("--irreversible <word>", "word for what can never be undone, such as RDP_LEVEL_2").argParser(
        collect,
      ),
    );
  commands.add(
    profile,
    "list",
    "profile list",
    "What is released",
    "gangflash profile list",
    async ({ data }, io) => {
      return (await import("../engineer/profile.ts")).profileList(data, io);
    },
  );
  commands.add(
    profile,
    "show <hash>",
    "profile show",
    "A profile that was ever released or run, by its hash or the start of it",
    "gangflash profile show 5f0c2a91",
    async ({ first, data }, io) => {
      return (await import("../engineer/profile.ts")).profileShow(first, data, io);
    },
  );
  commands.add(
    null,
    "schema <kind>",
    "schema",
    "The JSON Schema of station, profile or report files",
    "gangflash schema profile > profile.schema.json",
    async ({ first }, io) => {
      return (await import("../engineer/schema.ts")).schemaCommand(first, io);
    },
  );
}
