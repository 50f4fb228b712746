import { count } from "../lib/count.ts";
import { alsoRead, plainRules } from "../model/bench-rules.ts";
import { hexShort } from "../lib/bytes.ts";
import { didYouMean, nearest } from "../lib/nearest.ts";
import { isSlowPattern, slowWords } from "../lib/slow-pattern.ts";
import type { ChipChoice } from "../model/family.ts";
import type { OptionLayout } from "../model/option-bytes.ts";
import { isForEver, levelTwoWord } from "../model/option-write.ts";
import type { DataField, MacSpec, Profile, SerialSpec } from "../model/profile.ts";
import { largestNumber, parseFormat, usesToken } from "../model/serial.ts";
import { toDataFields } from "./data-fields.ts";
import { toEntry } from "./entry-schema.ts";
import { inOrder, type Checked, type Issue } from "./issue.ts";
import { checkYaml, readYaml, type YamlFile } from "./read-yaml.ts";
import { profileSchema, type ProfileYaml } from "./profile-schema.ts";

/** What a profile is checked against. */
export interface ProfileChips {
  choice(name: string): ChipChoice | { readonly nearest: readonly string[] };
  /** Option layouts of the chips that a choice accepts. */
  layouts(choice: ChipChoice): readonly OptionLayout[];
}

/** A checked profile file; its images are named, not read. */
export interface ProfileFile {
  readonly file: string;
  readonly text: string;
  readonly images: readonly {
    readonly file: string;
    readonly at: number | null;
    readonly sha256: string | null;
  }[];
  readonly recipe: Omit<Profile, "images" | "hash" | "text">;
  /** An issue at image `i`, at one of its keys. */
  imageIssue(i: number, key: "file" | "at" | "sha256", message: string): Issue;
  /** An issue at a data field. */
  dataIssue(i: number, message: string): Issue;
}

export function readProfile(file: string, chips: ProfileChips): Checked<ProfileFile> {
  const read = readYaml(file, profileSchema);
  return read.ok ? toProfile(read.value, chips) : read;
}

export function checkProfile(file: string, text: string, chips: ProfileChips): Checked<ProfileFile> {
  const read = checkYaml(file, text, profileSchema);
  return read.ok ? toProfile(read.value, chips) : read;
}

function toProfile(yaml: YamlFile<ProfileYaml>, chips: ProfileChips): Checked<ProfileFile> {
  const { value } = yaml;
  const issues: Issue[] = [];
  const chip = chips.choice(value.chip);
  if ("nearest" in chip) {
    const expected = "a part such as STM32F405RG or a line such as STM32F405 was expected";
    const hint = didYouMean(chip.nearest[0], expected);
    issues.push(yaml.issue(["chip"], `"${value.chip}" found, no such chip is known, ${hint}`));
  }
  const serial = toSerial(yaml, issues);
  const mac = toMac(yaml, issues);
  if (mac !== null && mac.series === serial?.series)
    issues.push(
      yaml.issue(
        ["mac", "series"],
        `"${mac.series}" found, serial has that series already, another one was expected`,
      ),
    );
  // A block that is there with a mistake in it is told once, and not again at each field that uses it.
  const tokens = { serial: value.serial !== undefined, mac: value.mac !== undefined };
  const data = toDataFields(value.data, tokens, (i, key, message) =>
    issues.push(yaml.issue(key === null ? ["data", i] : ["data", i, key], message)),
  );
  if (serial?.policy === "keep-existing" && !data.some(isKept))
    issues.push(
      yaml.issue(
        ["serial", "policy"],
        'keep-existing found, a data field with as: ascii and value: "{serial}" was expected: a number is looked for there',
      ),
    );
  const optionBytes =
    "nearest" in chip ? new Map<string, number>() : checkOptions(yaml, chips.layouts(chip), issues);
  const entry = toEntry({ by: "none", ...value.entry }, (key, message) =>
    issues.push(yaml.issue(["entry", key], message)),
  );
  const barcode = toPattern(yaml, issues);
  if (value.from !== undefined && value.until !== undefined && value.until < value.from)
    issues.push(yaml.issue(["until"], `${value.until} found, ${value.from} or later was expected`));
  if ("nearest" in chip || entry === null || issues.length > 0) return { ok: false, issues: inOrder(issues) };
  return {
    ok: true,
    value: {
      file: yaml.file,
      text: yaml.text,
      images: value.images.map(({ file, at, sha256 }) => ({ file, at: at ?? null, sha256: sha256 ?? null })),
      recipe: {
        name: value.profile,
        revision: value.revision,
        product: { name: value.product.name, part: value.product.part ?? null },
        chip,
        serial,
        mac,
        data,
        optionBytes,
        irreversible: value.irreversible,
        onProtected: value.onProtected,
        erase: value.erase,
        verify: value.verify,
        after: value.after,
        entry,
        barcode,
        firstArticle: value.firstArticle,
        limit: value.limit ?? null,
        from: value.from ?? null,
        until: value.until ?? null,
      },
      imageIssue: (i, key, message) => yaml.issue(["images", i, key], message),
      dataIssue: (i, message) => yaml.issue(["data", i], message),
    },
  };
}

const isKept = (field: DataField): boolean =>
  field.kind === "text" && field.as === "ascii" && field.value === "{serial}";

function toSerial(yaml: YamlFile<ProfileYaml>, issues: Issue[]): SerialSpec | null {
  const { serial } = yaml.value;
  if (serial === undefined) return null;
  const complain = (key: string, message: string): null => {
    issues.push(yaml.issue(["serial", key], message));
    return null;
  };
  const format = parseFormat(serial.format);
  if (typeof format === "string") return complain("format", `"${serial.format}" found, ${format}`);
  if (!usesToken(format, "n"))
    return complain("format", `"${serial.format}" found, a number such as {n:05} was expected in it`);
  for (const token of ["serial", "mac", "uid", "barcode"] as const)
    if (usesToken(format, token))
      return complain("format", `{${token}} found, it is not known yet when a number is given`);
  const room = largestNumber(format);
  const end = serial.end ?? room;
  if (end !== null && end < serial.start)
    return complain("start", `${serial.start} found, at most ${end} was expected: there the range ends`);
  if (room !== null && serial.end !== undefined && serial.end > room)
    return complain(
      "end",
      `${serial.end} found, at most ${room} was expected: the format has no more digits`,
    );
  return { series: serial.series, format, start: serial.start, end, policy: serial.policy };
}

function toMac(yaml: YamlFile<ProfileYaml>, issues: Issue[]): MacSpec | null {
  const { mac } = yaml.value;
  if (mac === undefined) return null;
  const digits = mac.first.replaceAll(/[:-]/g, "");
  const bytes = digits.length === 12 ? 6 : 8;
  if (!/^([0-9A-Fa-f]{12}|[0-9A-Fa-f]{16})$/.test(digits)) {
    issues.push(
      yaml.issue(
        ["mac", "first"],
        `"${mac.first}" found, an EUI-48 or EUI-64 such as 02:80:E1:00:10:00 was expected`,
      ),
    );
    return null;
  }
  const first = BigInt(`0x${digits}`);
  if (first + BigInt(mac.count) > 1n << BigInt(8 * bytes)) {
    issues.push(
      yaml.issue(
        ["mac", "count"],
        `${mac.count} found, at most ${(1n << BigInt(8 * bytes)) - first} was expected: there all addresses end`,
      ),
    );
    return null;
  }
  return { series: mac.series, first, bytes, count: mac.count };
}

function checkOptions(
  yaml: YamlFile<ProfileYaml>,
  layouts: readonly OptionLayout[],
  issues: Issue[],
): Map<string, number> {
  const wanted = new Map<string, number>();
  for (const [name, value] of Object.entries(yaml.value.optionBytes)) {
    const complain = (message: string): void => {
      issues.push(yaml.issue(["optionBytes", name], message));
    };
    if (layouts.length === 0) {
      complain("found, no option bytes are known for this chip");
      continue;
    }
    const unreachable = layouts.map((layout) => layout.unreachable).find((why) => why !== null);
    if (unreachable !== undefined) complain(`found, ${unreachable}`);
    // A line may have been made with several layouts: a name must mean the same on each.
    const fields = layouts.map((layout) =>
      layout.fields.find((f) => f.name === name || f.aliases.includes(name)),
    );
    const [field] = fields;
    if (field === undefined || fields.includes(undefined)) {
      const known = (layouts[0]?.fields ?? []).map((f) => f.name);
      const hint = didYouMean(nearest(name, known), `known on this chip: ${known.join(", ")}`);
      complain(`unknown option byte, ${hint}`);
      continue;
    }
    const most = 2 ** field.width - 1;
    if (value > most)
      complain(`${shown(value)} found, 0 to ${shown(most)} was expected (${count(field.width, "bit")})`);
    else if (wanted.has(field.name))
      complain(`found, and ${field.name} is the same option under another name`);
    else if (isForEver(field.danger, value) && !yaml.value.irreversible.includes(levelTwoWord))
      complain(
        `0xCC found: level 2 can never be undone, "irreversible: [${levelTwoWord}]" was expected in this profile`,
      );
    else wanted.set(field.name, value);
  }
  return wanted;
}

// As the manual writes it: small values plain, bytes and words in hex.
const shown = (value: number): string => (value < 10 ? String(value) : hexShort(value));

function toPattern(yaml: YamlFile<ProfileYaml>, issues: Issue[]): RegExp | null {
  const { barcode } = yaml.value;
  if (barcode === undefined) return null;
  let pattern: RegExp;
  try {
    pattern = new RegExp(barcode, "u");
  } catch {
    issues.push(
      yaml.issue(
        ["barcode"],
        `"${barcode}" found, a regular expression such as ^UNIT-[0-9]{4}$ was expected`,
      ),
    );
    return null;
  }
  if (isSlowPattern(pattern)) {
    issues.push(yaml.issue(["barcode"], `"${barcode}" found, ${slowWords}`));
    return null;
  }
  const other = alsoRead(plainRules, pattern);
  if (other !== null)
    issues.push(
      yaml.issue(
        ["barcode"],
        `"${barcode}" found, it also matches ${other.text}, ${other.what}: a pattern of the product's labels alone was expected`,
      ),
    );
  return pattern;
}
