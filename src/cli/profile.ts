import { cleanText, visibleJson } from "../lib/clean-text.ts";
import { levelTwoWord } from "../model/option-write.ts";
import { imageBytes } from "../model/memory.ts";
import type { Profile } from "../model/profile.ts";
import { openStore } from "../store/open-store.ts";
import { StoreError } from "../store/store-error.ts";
import type { StoreReader } from "../store/store.ts";
import { CommandError, FileMistakes } from "./complain.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { loadProfile } from "./load-profile.ts";
import { profileOf } from "./open-order.ts";
import { person } from "./person.ts";
import { toolVersion } from "./version.ts";

/** `profile check FILE…`: everything that can be checked without a board. */
export async function profileCheck(files: readonly string[], io: Io): Promise<number> {
  let code: number = exitCodes.ok;
  for (const file of files) {
    const loaded = await loadProfile(file);
    if (!loaded.ok) {
      code = exitCodes.usage;
      for (const line of new FileMistakes(loaded.issues).message.split("\n")) io.err(line);
      if (io.json) io.out(visibleJson({ type: "profile", file, ok: false, issues: loaded.issues }));
      continue;
    }
    const { profile, warnings } = loaded.value;
    for (const warning of warnings) io.err(`note: ${warning}`);
    const bytes = profile.images.reduce((sum, { image }) => sum + imageBytes(image), 0);
    if (io.json)
      io.out(
        visibleJson({
          type: "profile",
          file,
          ok: true,
          profile: profile.name,
          revision: profile.revision,
          hash: profile.hash,
          chip: profile.chip.name,
          bytes,
          warnings,
        }),
      );
    else
      io.out(
        `${cleanText(file)}: ${profile.name} revision ${profile.revision} for ${profile.chip.name}, ${bytes} bytes, hash ${profile.hash.slice(0, 16)}: no mistake found`,
      );
  }
  return code;
}

export interface ReleaseOptions {
  readonly file: string;
  readonly by: string | null;
  readonly irreversible: readonly string[];
  readonly data: string;
}

/** `profile release FILE`: freezes this revision by its hash. */
export async function profileRelease(options: ReleaseOptions, io: Io): Promise<number> {
  const profile = await profileOf(options.file, io);
  const words = wordsOf(options.irreversible, profile);
  using store = openStore(options.data, { mode: "owner", station: null, timezone: null, toolVersion });
  const { name, revision, hash, text } = profile;
  const release = store.release({ name, revision, hash, text }, words, person(options.by), new Date());
  if (io.json) io.out(visibleJson({ type: "release", ...release, at: release.at.toISOString() }));
  else
    io.out(
      `${name} revision ${revision} is released by ${release.by} since ${release.at.toISOString()}, hash ${hash}`,
    );
  return exitCodes.ok;
}

function wordsOf(given: readonly string[], profile: Profile): string[] {
  for (const word of given) {
    if (word !== levelTwoWord)
      throw new CommandError(`--irreversible: "${cleanText(word, 40)}" found, ${levelTwoWord} was expected`);
    if (!profile.irreversible.includes(levelTwoWord))
      throw new CommandError(
        `--irreversible: the profile itself does not say irreversible: [${levelTwoWord}]`,
      );
  }
  for (const word of profile.irreversible)
    if (!given.includes(word))
      throw new CommandError(
        `this profile does what can never be undone: --irreversible ${word} was expected beside it`,
      );
  return [...given];
}

/** `profile list`: what is released, oldest first. */
export function profileList(data: string, io: Io): number {
  using store = readerOrNone(data);
  const releases = store?.releases() ?? [];
  for (const { profile, revision, hash, by, at } of releases)
    if (io.json) io.out(visibleJson({ type: "release", profile, revision, hash, by, at: at.toISOString() }));
    else
      io.out(`${profile.padEnd(24)} ${revision.padEnd(6)} ${hash.slice(0, 16)}  ${at.toISOString()}  ${by}`);
  if (releases.length === 0) io.err("no profile is released yet: gangflash profile release FILE");
  return exitCodes.ok;
}

/** The books to read, or `null` before the first run. */
export function readerOrNone(data: string): StoreReader | null {
  try {
    return openStore(data, { mode: "reader" });
  } catch (error) {
    if (error instanceof StoreError && error.kind === "missing") return null;
    throw error;
  }
}
