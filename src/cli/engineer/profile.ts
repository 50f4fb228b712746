import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { levelTwoWord } from "../../model/option-write.ts";
import { imageBytes } from "../../model/memory.ts";
import type { Profile } from "../../model/profile.ts";
import { openStore } from "../../store/open-store.ts";
import { StoreError } from "../../store/store-error.ts";
import type { StoreReader } from "../../store/store.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { loadProfile } from "../order/load-profile.ts";
import { profileOf, storedProfile } from "../order/open-order.ts";
import { allowed, person } from "../person.ts";
import { toolVersion } from "../version.ts";

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
  readonly reviewedBy: string | null;
  readonly irreversible: readonly string[];
  readonly data: string;
}

/**
 * `profile release FILE`: freezes this revision by its hash, with who, who reviewed it, and when. Where people are kept,
 * both must be known and have the right; elsewhere one name is enough, as it always was, and the books say so.
 */
export async function profileRelease(options: ReleaseOptions, io: Io): Promise<number> {
  const profile = await profileOf(options.file, io);
  const words = wordsOf(options.irreversible, profile);
  using store = openStore(options.data, { mode: "owner", station: null, timezone: null, toolVersion });
  const { name, revision, hash } = profile;
  const by = allowed(store, person(options.by), ["release-profile"], "--by").name;
  const reviewedBy = options.reviewedBy === null ? null : person(options.reviewedBy);
  refuseOneAlone(store, by, reviewedBy);
  const release = store.release(storedProfile(profile), words, by, new Date(), reviewedBy);
  if (io.json) io.out(visibleJson({ type: "release", ...release, at: release.at.toISOString() }));
  else
    io.out(
      `${name} revision ${revision} is released by ${release.by}${release.reviewedBy === null ? "" : `, reviewed by ${release.reviewedBy},`} since ${release.at.toISOString()}, hash ${hash}`,
    );
  return exitCodes.ok;
}

function refuseOneAlone(store: StoreReader, by: string, reviewedBy: string | null): void {
  if (reviewedBy === null) {
    if (store.people().length === 0) return;
    throw new CommandError("--reviewed-by: missing, the name of another person who reviewed it was expected");
  }
  if (reviewedBy.trim().toLowerCase() === by.trim().toLowerCase())
    throw new CommandError(
      `--reviewed-by: "${reviewedBy}" found, another person than the one who releases was expected`,
    );
  allowed(store, reviewedBy, ["review-profile"], "--reviewed-by");
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
  for (const { profile, revision, hash, by, reviewedBy, at } of releases)
    if (io.json)
      io.out(visibleJson({ type: "release", profile, revision, hash, by, reviewedBy, at: at.toISOString() }));
    else
      io.out(
        `${profile.padEnd(24)} ${revision.padEnd(6)} ${hash.slice(0, 16)}  ${at.toISOString()}  ${by}${reviewedBy === null ? "" : `, reviewed by ${reviewedBy}`}`,
      );
  if (releases.length === 0) io.err("no profile is released yet: gangflash profile release FILE");
  return exitCodes.ok;
}

/** `profile show HASH`: the text of a profile that was ever released or run, and its images, by content. */
export function profileShow(start: string, data: string, io: Io): number {
  using store = openStore(data, { mode: "reader" });
  const hashes = store.profileHashes(start.toLowerCase());
  const profile = hashes[0] === undefined ? null : store.profileOf(hashes[0]);
  if (profile === null)
    throw new CommandError(
      `no profile of these books has a hash that begins with "${cleanText(start, 64)}"; 4 to 64 hex digits were expected`,
    );
  if (hashes.length > 1)
    throw new CommandError(`several begin so, one was expected: ${hashes.slice(0, 5).join(", ")}`);
  const release = store.releaseOf(profile.hash);
  if (io.json) {
    io.out(visibleJson({ type: "profile", ...profile, release }));
    return exitCodes.ok;
  }
  io.out(`# ${cleanText(profile.name)} revision ${cleanText(profile.revision)}, hash ${profile.hash}`);
  io.out(
    release === null
      ? "# never released"
      : `# released by ${release.by}, reviewed by ${release.reviewedBy ?? "nobody"}, ${release.at.toISOString()}`,
  );
  for (const { file, sha256 } of profile.images ?? []) io.out(`# image ${cleanText(file)}, sha256 ${sha256}`);
  for (const line of profile.text.trimEnd().split(/\r?\n/)) io.out(cleanText(line, 2000));
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
