import { readFileSync } from "node:fs";
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from "yaml";
import type { z } from "zod";
import { cleanText } from "../lib/clean-text.ts";
import { nearest } from "../lib/nearest.ts";
import type { Checked, Issue } from "./issue.ts";

/** Largest file of ours that anybody wrote by hand. */
const mostBytes = 1024 * 1024;

type Path = readonly PropertyKey[];

/** A checked file, and the way from a key of it to its line and column. */
export interface YamlFile<T> {
  readonly file: string;
  readonly text: string;
  readonly value: T;
  /** An issue at a key; a missing key takes its parent's place. */
  issue(path: Path, message: string): Issue;
}

/** Reads a YAML file and checks it against its definition. Never throws for what is in the file. */
export function readYaml<T>(file: string, schema: z.ZodType<T>): Checked<YamlFile<T>> {
  let text: string;
  try {
    const bytes = readFileSync(file);
    if (bytes.length > mostBytes)
      return wrong(file, `has ${bytes.length} bytes, at most ${mostBytes} are read`);
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    return wrong(file, unreadable(error));
  }
  return checkYaml(file, text, schema);
}

function wrong(file: string, message: string): { ok: false; issues: Issue[] } {
  return { ok: false, issues: [{ file, line: null, column: null, key: null, message }] };
}

function unreadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code === "ENOENT") return "no such file";
  if (code === "EISDIR") return "is a folder, a file was expected";
  if (code === "EACCES") return "may not be read by this user";
  return error instanceof TypeError ? "is not UTF-8 text" : "cannot be read";
}

export function checkYaml<T>(file: string, text: string, schema: z.ZodType<T>): Checked<YamlFile<T>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false });
  if (document.errors.length > 0) {
    const issues = document.errors.slice(0, 10).map((error) => {
      const { line, col } = lines.linePos(error.pos[0]);
      return { file, line, column: col, key: null, message: syntaxSentence(error.code, error.message) };
    });
    return { ok: false, issues };
  }
  const issue = (path: Path, message: string): Issue => {
    const place = placeOf(document, lines, path);
    return { file, ...place, key: path.map(String).join("."), message };
  };
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: 50 });
  } catch {
    return wrong(file, "refers to itself too often (aliases)");
  }
  const result = schema.safeParse(data);
  if (result.success) return { ok: true, value: { file, text, value: result.data, issue } };
  const issues = result.error.issues.flatMap((mistake) => translate(mistake, data, schema, issue));
  return { ok: false, issues: issues.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0)) };
}

function syntaxSentence(code: string, message: string): string {
  if (code === "DUPLICATE_KEY") return "this key stands here twice, it was expected once";
  if (code === "TAB_AS_INDENT") return "a tab was found, spaces were expected";
  return `not YAML: ${cleanText(message.split("\n")[0] ?? "", 120)}`;
}

function placeOf(document: Document, lines: LineCounter, path: Path): { line: number; column: number } {
  // A missing key has no node: walk up to the nearest thing that is there.
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const at = keyOffset(document, path.slice(0, depth));
    if (at !== null) {
      const { line, col } = lines.linePos(at);
      return { line, column: col };
    }
  }
  return { line: 1, column: 1 };
}

function keyOffset(document: Document, path: Path): number | null {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair: { key: unknown; value: unknown } | undefined = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(part),
      );
      if (pair === undefined || !isScalar(pair.key)) return null;
      offset = pair.key.range?.[0] ?? offset;
      node = isNode(pair.value) ? pair.value : null;
    } else if (isSeq(node) && typeof part === "number") {
      const item: unknown = node.items[part];
      if (!isNode(item)) return null;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return null;
  }
  return offset;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "range" in value;

/** The words of the schema library are for programmers: these are for whoever wrote the file. */
function translate(
  mistake: z.core.$ZodIssue,
  data: unknown,
  schema: z.ZodType,
  issue: (path: Path, message: string) => Issue,
): Issue[] {
  const found = show(valueAt(data, mistake.path));
  switch (mistake.code) {
    case "unrecognized_keys": {
      const known = keysAt(schema, mistake.path);
      return mistake.keys.map((key) => {
        const close = nearest(key, known);
        const hint = close === null ? `known here: ${known.join(", ")}` : `did you mean "${close}"?`;
        return issue([...mistake.path, key], `unknown key, ${hint}`);
      });
    }
    case "invalid_type":
      return [
        issue(
          mistake.path,
          found === null
            ? `missing, ${a(mistake.expected)} was expected`
            : `${found} found, ${a(mistake.expected)} was expected`,
        ),
      ];
    case "invalid_value": {
      const words = mistake.values.map(String);
      const close = nearest(String(valueAt(data, mistake.path)), words);
      const hint = close === null ? "" : `; did you mean "${close}"?`;
      return [
        issue(mistake.path, `${found ?? "nothing"} found, one of ${words.join(", ")} was expected${hint}`),
      ];
    }
    case "too_small":
      return [
        issue(
          mistake.path,
          `${found} found, ${mistake.origin === "string" || mistake.origin === "array" ? "at least" : "not less than"} ${mistake.minimum}${unitOf(mistake.origin)} expected`,
        ),
      ];
    case "too_big":
      return [
        issue(mistake.path, `${found} found, at most ${mistake.maximum}${unitOf(mistake.origin)} expected`),
      ];
    case "invalid_union":
      return [issue(mistake.path, `${found ?? "nothing"} found, ${mistake.message}`)];
    default:
      return [issue(mistake.path, `${found ?? "nothing"} found, ${mistake.message}`)];
  }
}

const unitOf = (origin: string): string =>
  origin === "string" ? " characters" : origin === "array" ? " entries" : "";

function a(type: string): string {
  const words: Record<string, string> = {
    string: "text",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
    object: "a block of keys",
    array: "a list",
    record: "a block of keys",
  };
  return words[type] ?? type;
}

function valueAt(data: unknown, path: Path): unknown {
  let value: unknown = data;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[part];
  }
  return value;
}

function show(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return `"${cleanText(value, 60)}"`;
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a block of keys";
  return typeof value === "bigint" ? value.toString() : JSON.stringify(value);
}

/** Keys that the definition knows at a path, for the hint. */
function keysAt(schema: z.ZodType, path: Path): string[] {
  let node: unknown = schema;
  for (const part of path) node = step(unwrap(node), part);
  const shape = (unwrap(node) as { shape?: Record<string, unknown> } | undefined)?.shape;
  return shape === undefined ? [] : Object.keys(shape);
}

function unwrap(node: unknown): unknown {
  let inner = node;
  for (;;) {
    // The library keeps what is wrapped (optional, default, pipe) in `def`; its types do not say so for all kinds.
    const def = (inner as { def?: { innerType?: unknown; in?: unknown } } | undefined)?.def;
    const next = def?.innerType ?? def?.in;
    if (next === undefined) return inner;
    inner = next;
  }
}

function step(node: unknown, part: PropertyKey): unknown {
  const open = node as { shape?: Record<PropertyKey, unknown>; element?: unknown } | undefined;
  return typeof part === "number" ? open?.element : open?.shape?.[part];
}
