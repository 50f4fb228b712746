import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadProfile } from "../../src/cli/order/load-profile.ts";
import { schemaText } from "../../src/cli/engineer/schema.ts";
import { issueText } from "../../src/config/issue.ts";

const root = resolve(import.meta.dirname, "../..");
const textOf = (name: string): string => readFileSync(join(root, name), "utf8");
const documents = ["README.md", ...readdirSync(join(root, "docs")).map((name) => `docs/${name}`)];

/** The name that a heading has as the end of a link. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("links of the documents", () => {
  test.each(documents)("those of %s lead to a file or a heading that is there", (name) => {
    const text = textOf(name);
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    for (const [link, path = "", anchor] of links) {
      const there = path === "" ? join(root, name) : join(root, dirname(name), path);
      const found =
        existsSync(there) &&
        (anchor === undefined || anchorsOf(readFileSync(there, "utf8")).includes(anchor));
      expect(found, link).toBe(true);
    }
  });
});

describe("a document that goes key by key", () => {
  test.each([
    ["profile", "docs/profile.md"],
    ["station", "docs/station.md"],
  ] as const)("the one of a %s names each key of its schema", (kind, name) => {
    const { properties } = JSON.parse(schemaText(kind)) as { properties: object };
    const text = textOf(name);
    const silent = Object.keys(properties).filter((key) => !new RegExp(String.raw`\b${key}\b`).test(text));
    expect(silent).toEqual([]);
  });
});

describe("the profile of docs/profile.md", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-docs-"));
    mkdirSync(join(folder, "firmware"));
    writeFileSync(join(folder, "firmware/demo.hex"), readFileSync(join(root, "profiles/firmware/demo.hex")));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const blocks = [...textOf("docs/profile.md").matchAll(/^```yaml\n(.*?)^```$/gms)].map(
    ([, yaml = ""]) => yaml,
  );
  const [least = "", ...more] = blocks;

  test.each([
    ["the least that works", [least]],
    ["with all that is said of it", [least, ...more]],
  ])("is one that the program takes: %s", async (_, pieces) => {
    const file = join(folder, "mine.yaml");
    writeFileSync(file, pieces.join(""));
    const loaded = await loadProfile(file);
    expect(loaded.ok ? [] : loaded.issues.map(issueText)).toEqual([]);
    expect(pieces.length).toBeGreaterThan(0);
  });
});
