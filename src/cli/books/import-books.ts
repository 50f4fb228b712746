import { statSync } from "node:fs";
import { basename } from "node:path";
import { count } from "../../lib/count.ts";
import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { newDeed } from "../../model/deed.ts";
import { openStore } from "../../store/open-store.ts";
import { StoreError } from "../../store/store-error.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { allowed, person } from "../person.ts";
import { toolVersion } from "../version.ts";

export interface ImportBooksOptions {
  readonly file: string;
  readonly by: string | null;
  /** Looks and says what would happen. */
  readonly dry: boolean;
  readonly data: string;
}

/** `import books FILE`: what a copy of another station's books says. All of it, or nothing and why. */
export function importBooksCommand({ file, by, dry, data }: ImportBooksOptions, io: Io): number {
  if (statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    throw new CommandError(`${cleanText(file)}: there is no such file; a copy of gangflash.db was expected`);
  using store = openStore(data, { mode: "owner", station: null, timezone: null, toolVersion });
  const who = allowed(store, person(by), ["override"], "--by");
  const detail = { file: cleanText(basename(file), 120) };
  const deed = newDeed("imported", new Date(), who.name, { role: who.role, detail });
  try {
    const said = store.importBooks(file, deed, dry);
    const { station, newRecords, newUnits, newNumbers } = said;
    const counts = [
      count(newRecords, "new record"),
      count(newUnits, "new unit"),
      count(newNumbers, "new number"),
    ].join(", ");
    io.out(
      io.json
        ? visibleJson({ type: "import", file, ...said, dry })
        : cleanText(`${station}: ${counts}${dry ? "; a dry run, nothing was changed" : ""}`, 500),
    );
    return exitCodes.ok;
  } catch (error) {
    // Each line is one alarm.
    if (error instanceof StoreError && error.kind !== "full" && error.kind !== "unwritable")
      throw new CommandError(
        error.message
          .split("\n")
          .map((line) => cleanText(line, 500))
          .join("\n"),
      );
    throw error;
  }
}
