import { isAlias, isMap, isNode, isScalar, isSeq, type Document, type YAMLError, type YAMLMap } from "yaml";
import { cleanText } from "../lib/clean-text.ts";
import type { Path } from "./yaml-places.ts";

/** What a YAML parser takes and no file of ours has any use for, or what is no YAML at all. */
export interface Slip {
  readonly offset: number;
  readonly path: Path;
  readonly message: string;
}

/** Our files need 5 levels. */
const deepest = 50;
const tooDeep = `blocks and lists inside each other found, at most ${deepest} levels were expected`;

/** The first thing that is not YAML: what comes behind it mostly follows from it. */
export function syntaxSlip(document: Document): Slip | null {
  const [error, next] = document.errors;
  if (error !== undefined) {
    const isIndent = error.code === "BLOCK_AS_IMPLICIT_KEY" && next?.code === "MULTILINE_IMPLICIT_KEY";
    return { offset: error.pos[0], path: [], message: isIndent ? tooFarRight : sentenceOf(error) };
  }
  // A tag that nobody knows is a warning to the parser; here it is an unquoted "!", as in boot0: !dtr.
  const [warning] = document.warnings;
  if (warning !== undefined) return { offset: warning.pos[0], path: [], message: sentenceOf(warning) };
  const yaml = document.directives?.yaml;
  if (yaml !== undefined && yaml.version !== "1.2")
    return { offset: 0, path: [], message: `%YAML ${yaml.version} found, YAML 1.2 was expected` };
  return null;
}

interface Found {
  readonly node: unknown;
  readonly path: Path;
}

/**
 * Keys that stand there twice, keys that are no words, aliases to nothing, a tag, and nesting that nobody means. The
 * parser's own search for double keys takes a time that grows with the square of their number.
 */
export function structureSlip(document: Document): Slip | null {
  const anchors = new Set<string>();
  const rest: Found[] = [{ node: document.contents, path: [] }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const { node, path } = next;
    if (!isNode(node)) continue;
    const offset = node.range?.[0] ?? 0;
    if (path.length > deepest) return { offset, path: [], message: tooDeep };
    if (isAlias(node)) {
      const { source } = node;
      if (anchors.has(source)) continue;
      return { offset, path, message: `*${source} found, and no &${source} stands before it` };
    }
    if (node.anchor !== undefined) anchors.add(node.anchor);
    if (node.tag !== undefined)
      return { offset, path, message: tagSentence(node.tag.replace("tag:yaml.org,2002:", "!!")) };
    const slip = isMap(node) ? keySlip(node, path) : null;
    if (slip !== null) return slip;
    const inside: Found[] = isMap(node)
      ? node.items.map(({ key, value }) => ({ node: value, path: [...path, keyName(key)] }))
      : isSeq(node)
        ? node.items.map((item, i) => ({ node: item, path: [...path, i] }))
        : [];
    // The last one in is looked at first, and an anchor stands before its aliases.
    for (const found of inside.toReversed()) rest.push(found);
  }
  return null;
}

function keySlip(map: YAMLMap, path: Path): Slip | null {
  const seen = new Set<string>();
  for (const { key } of map.items) {
    const offset = (isNode(key) ? key.range?.[0] : map.range?.[0]) ?? 0;
    if (!isScalar(key) || key.value === null)
      return { offset, path, message: "a key was expected before the colon, as in name: value" };
    const name = keyName(key);
    const own = [...path, name];
    if (seen.has(name)) return { offset, path: own, message: "found a second time, it was expected once" };
    // No key of an object is called that, and in a block of any keys it would be lost without a word.
    if (name === "__proto__") return { offset, path: own, message: "unknown key" };
    seen.add(name);
  }
  return null;
}

const keyName = (key: unknown): string => (isScalar(key) ? String(key.value) : "");

const tagSentence = (tag: string): string =>
  `${cleanText(tag, 40)} found, and ! has a meaning of its own in YAML: put the text in quotes`;

const tooFarRight =
  "a line below that begins further to the right found, keys of one block were expected below each other";
const noColon = "text without a colon found, a key and its value were expected, as in name: value";
const quotes = 'put text that holds ": ", " #" or begins with one of these in quotes';

/** The parser's words are for whoever writes parsers. */
function sentenceOf({ code, message }: YAMLError): string {
  switch (code) {
    case "TAB_AS_INDENT":
      return "a tab found, spaces were expected";
    case "BAD_INDENT":
    case "MISSING_CHAR":
      return missing(message);
    case "BAD_SCALAR_START":
      return `text that begins with ${message.at(-1) ?? "a sign"} found: put it in quotes`;
    case "BLOCK_AS_IMPLICIT_KEY":
      return 'a second ": " in one line found: begin a new line, or put text with ": " in quotes';
    case "MULTILINE_IMPLICIT_KEY":
    case "KEY_OVER_1024_CHARS":
      return noColon;
    case "BAD_DQ_ESCAPE":
      return String.raw`an unknown escape in a text in double quotes found, \\ stands for \ itself`;
    case "MULTIPLE_DOCS":
      return "a second document (---) found, one was expected in a file";
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
    case "MULTIPLE_TAGS":
      return tagSentence(/!\S*/.exec(message)?.[0] ?? "!");
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
    case "MULTIPLE_ANCHORS":
    case "BAD_PROP_ORDER":
      return "text that begins with & or * found, which have a meaning of their own in YAML: put it in quotes";
    case "BLOCK_IN_FLOW":
      return 'a comma was expected between two entries, or quotes around text with ": "';
    case "BAD_DIRECTIVE":
      return "a line that begins with % found, put text that begins with % in quotes";
    case "RESOURCE_EXHAUSTION":
      return tooDeep;
    case "DUPLICATE_KEY":
    case "NON_STRING_KEY":
    case "IMPOSSIBLE":
    case "UNEXPECTED_TOKEN":
      return `this is not YAML here: ${quotes}`;
    default:
      return code satisfies never;
  }
}

function missing(message: string): string {
  const end = /end with a ([\]}])/.exec(message)?.[1];
  if (end !== undefined) return `"${end}" was expected at the end of ${end === "]" ? "a list" : "a block"}`;
  if (message.includes("quote")) return "a text in quotes that does not end found";
  if (message.includes("Comments")) return "a space was expected before #";
  if (message.includes("space after :")) return "a space was expected behind the colon";
  if (message.includes("Missing ,"))
    return "a comma was expected between two entries, or quotes around text with a comma";
  if (message.includes("map values")) return noColon;
  if (message.includes("without -")) return '"- " was expected before each entry of a list';
  return "the spaces before this line do not fit the lines above it";
}
