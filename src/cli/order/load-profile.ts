import { dirname, join } from "node:path";
import { hex32, hexShort } from "../../lib/bytes.ts";
import { fieldBytes } from "../../inject/fields.ts";
import { fieldConflict, fieldSpan } from "../../inject/patch.ts";
import { fileInside } from "../../config/file-inside.ts";
import { inOrder, type Checked, type Issue } from "../../config/issue.ts";
import { readProfile, type ProfileFile } from "../../config/profile-file.ts";
import { baseAddressBesideOwn, noSuchFile } from "../../image/refuse.ts";
import { loadImage } from "../../image/load.ts";
import { endOf, type Segment } from "../../model/memory.ts";
import type { Profile, ProfileImage } from "../../model/profile.ts";
import { profileHash } from "../../model/profile-hash.ts";
import { dateParts, fillFormat, parseFormat } from "../../model/serial.ts";
import { profileChips, flashOf } from "../chips.ts";
import { sentence } from "../sentence.ts";

/** A profile with its images read, everything checked that can be checked without a board. */
export interface LoadedProfile {
  readonly profile: Profile;
  /** Remarks on the profile and its images, each with its file. */
  readonly warnings: readonly string[];
}

/** Reads a profile and its images, each file once. Mistakes come back with their places; nothing is thrown. */
export async function loadProfile(file: string): Promise<Checked<LoadedProfile>> {
  const read = readProfile(file, profileChips);
  if (!read.ok) return read;
  const { value } = read;
  const issues: Issue[] = [];
  const warnings: string[] = [];
  const images: ProfileImage[] = [];
  for (const [i] of value.images.entries()) {
    const image = await loadOne(value, i, issues, warnings);
    if (image !== null) images.push(image);
  }
  checkValues(value, issues);
  if (issues.length === 0) checkPlaces(value, images, issues);
  if (issues.length > 0) return { ok: false, issues: inOrder(issues) };
  const locked = otherOpen(value.recipe);
  if (locked !== null) warnings.push(`${file}: optionBytes.RDP: ${locked}`);
  const hash = profileHash(
    value.text,
    images.map(({ sha256 }) => sha256),
  );
  return { ok: true, value: { profile: { ...value.recipe, images, hash, text: value.text }, warnings } };
}

async function loadOne(
  profile: ProfileFile,
  i: number,
  issues: Issue[],
  warnings: string[],
): Promise<ProfileImage | null> {
  const entry = profile.images[i];
  if (entry === undefined) return null;
  const folder = dirname(profile.file);
  const inside = fileInside(folder, entry.file);
  if (!inside.ok) {
    issues.push(profile.imageIssue(i, "file", inside.why));
    return null;
  }
  const shown = join(folder, entry.file);
  const loaded = await loadImage(inside.path, entry.at === null ? {} : { at: entry.at });
  if (!loaded.ok) {
    const { line, offset, message } = loaded.complaint;
    const said = sentence(message);
    // What is asked of the file, and not what is in it, is a mistake of the profile.
    if (message === baseAddressBesideOwn)
      issues.push(profile.imageIssue(i, "at", `${hex32(entry.at ?? 0)} found, ${said}`));
    else if (message === noSuchFile)
      issues.push(profile.imageIssue(i, "file", `"${entry.file}" found, ${said} as ${shown}`));
    else if (line === null && offset === null && entry.at === null && message.includes("base address"))
      issues.push(profile.imageIssue(i, "at", `missing, ${said}`));
    else
      issues.push({
        file: shown,
        line,
        column: null,
        key: null,
        message: offset === null ? said : `at byte ${offset}: ${said}`,
      });
    return null;
  }
  if (entry.sha256 !== null && entry.sha256 !== loaded.sha256)
    issues.push(profile.imageIssue(i, "sha256", `${entry.sha256} found, the file has ${loaded.sha256}`));
  warnings.push(...loaded.image.warnings.map((warning) => `${shown}: ${warning}`));
  return { file: entry.file, sha256: loaded.sha256, image: loaded.image };
}

const opens = [0xa5, 0xaa];

/** One line is open where another is locked: what was copied from a profile of the other is told. */
function otherOpen({ chip, optionBytes }: ProfileFile["recipe"]): string | null {
  const wanted = optionBytes.get("RDP");
  const open = profileChips
    .layouts(chip)
    .flatMap(({ fields }) => fields)
    .find(({ name }) => name === "RDP")?.factory;
  if (wanted === undefined || open === undefined || open === null) return null;
  if (wanted === open || !opens.includes(wanted) || !opens.includes(open)) return null;
  return `${hexShort(wanted)} locks an ${chip.name}, which is open with ${hexShort(open)}`;
}

/** Everything inside the flash of every chip that the profile accepts, nothing on something else. */
function checkPlaces(profile: ProfileFile, images: readonly ProfileImage[], issues: Issue[]): void {
  const { recipe } = profile;
  const flash = flashOf(recipe.chip);
  const room = `${recipe.chip.name} has flash from ${hex32(flash.start)} to ${hex32(flash.end - 1)}`;
  for (const [i, { image, file }] of images.entries()) {
    const outside = image.segments.find((s) => s.address < flash.start || endOf(s) > flash.end);
    if (outside !== undefined)
      issues.push({
        file: join(dirname(profile.file), file),
        line: null,
        column: null,
        key: null,
        message: `needs ${hex32(outside.address)} to ${hex32(endOf(outside) - 1)}, ${room}`,
      });
    const other = images.slice(0, i).find((before) => meets(before.image.segments, image.segments));
    if (other !== undefined)
      issues.push(
        profile.imageIssue(i, "file", `"${file}" found, "${other.file}" has bytes at the same addresses`),
      );
  }
  for (const [i, span] of fieldSpan(recipe.data).entries())
    if (span.address < flash.start || endOf(span) > flash.end)
      issues.push(profile.dataIssue(i, `needs ${hex32(span.address)} to ${hex32(endOf(span) - 1)}, ${room}`));
  for (const [i, field] of recipe.data.entries())
    if (field.kind === "crc" && (field.over[0] < flash.start || field.over[1] >= flash.end))
      issues.push(profile.dataIssue(i, `covers ${hex32(field.over[0])} to ${hex32(field.over[1])}, ${room}`));
  const conflict = fieldConflict(recipe.data);
  if (conflict !== null) issues.push(profile.dataIssue(conflict.field, conflict.message));
}

/**
 * A value that cannot be in its field for any unit: the first and the last number are tried, with the date of now. What
 * hangs on the barcode or its length is found when a unit is named.
 */
function checkValues(profile: ProfileFile, issues: Issue[]): void {
  const { serial, mac, data } = profile.recipe;
  const numbers = serial === null ? [null] : [serial.start, serial.end ?? serial.start];
  const dates = dateParts(new Date(), null);
  for (const [i, field] of data.entries()) {
    if (field.kind === "crc" || tokensOf(field.value).includes("barcode")) continue;
    const complaints = numbers.map((n) =>
      fieldBytes(field, {
        ...dates,
        uid: "0".repeat(24),
        ...(serial === null || n === null ? {} : { n, serial: fillFormat(serial.format, dates, n) }),
        ...(mac === null ? {} : { mac: mac.first.toString(16).padStart(2 * mac.bytes, "0") }),
      }),
    );
    const why = complaints.find((complaint) => typeof complaint === "string");
    if (why !== undefined) issues.push(profile.dataIssue(i, why));
  }
}

const tokensOf = (value: string): readonly string[] => {
  const format = parseFormat(value);
  return typeof format === "string" ? [] : format.flatMap((p) => (p.kind === "token" ? [p.name] : []));
};

function meets(a: readonly Segment[], b: readonly Segment[]): boolean {
  return a.some((one) => b.some((two) => one.address < endOf(two) && endOf(one) > two.address));
}
