import { LineCounter, parseDocument } from "yaml";
import type { z } from "zod";
import { errorCode, errorText } from "../lib/thrown.ts";
import { readWhole } from "../lib/read-whole.ts";
import { inOrder, type Checked, type Issue } from "./issue.ts";
import { schemaWords } from "./schema-words.ts";
import { placesOf, type Path } from "./yaml-places.ts";
import { structureSlip, syntaxSlip } from "./yaml-slips.ts";

/** Largest file of ours that anybody wrote by hand. */
const mostBytes = 1024 * 1024;

/** Entries behind anchors that one file may repeat through aliases; a bomb has millions. */
const mostRepeated = 1000;

/** Mistakes of one file that are looked at. */
const mostMistakes = 200;

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
    text = new TextDecoder("utf-8", { fatal: true }).decode(readWhole(file, mostBytes));
  } catch (error) {
    return wrong(file, unreadable(error));
  }
  return checkYaml(file, text, schema);
}

function wrong(file: string, message: string): { ok: false; issues: Issue[] } {
  return { ok: false, issues: [{ file, line: null, column: null, key: null, message }] };
}

function unreadable(error: unknown): string {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") return "no such file";
  if (code === "EISDIR" || code === "EFTYPE" || code === "EFBIG") return errorText(error);
  if (code === "EACCES" || code === "EPERM") return "this user may not read it";
  return error instanceof TypeError ? "bytes that are no UTF-8 text found" : "it cannot be read";
}

export function checkYaml<T>(file: string, text: string, schema: z.ZodType<T>): Checked<YamlFile<T>> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, prettyErrors: false });
  const places = placesOf(document, lines);
  const slip = syntaxSlip(document) ?? structureSlip(document);
  if (slip !== null) {
    const { offset, path, message } = slip;
    const key = path.length === 0 ? null : path.map(String).join(".");
    return { ok: false, issues: [{ file, ...places.at(offset), key, message }] };
  }
  const issue = (path: Path, message: string): Issue => ({
    file,
    ...places.of(path),
    key: path.map(String).join("."),
    message,
  });
  let data: unknown;
  try {
    data = document.toJS({ maxAliasCount: mostRepeated });
  } catch {
    return { ok: false, issues: [issue([], "aliases (*) that repeat more than any file needs found")] };
  }
  const result = schema.safeParse(data);
  if (result.success) return { ok: true, value: { file, text, value: result.data, issue } };
  const said = schemaWords(result.error.issues, data, schema, places);
  // A place is found by walking; for thousands of mistakes nobody waits.
  const first = said.slice(0, mostMistakes);
  return { ok: false, issues: inOrder(first.map(({ path, message }) => issue(path, message))) };
}
