import { cleanText } from "../lib/clean-text.ts";

/** A mistake in a file: where it is, what was found, what was expected (contract, "A mistake is written …"). */
export interface Issue {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  /** Dotted path of the key: `slots.1.port`. */
  readonly key: string | null;
  readonly message: string;
}

/**
 * `FILE:LINE:COLUMN: key: what was found, what was expected`, with as much place as there is. Keys and values come from
 * a file, so what a terminal would obey is left out.
 */
export function issueText(issue: Issue): string {
  const place = [issue.file, issue.line, issue.column].filter((part) => part !== null).join(":");
  const parts = issue.key === null || issue.key === "" ? [issue.message] : [issue.key, issue.message];
  return [place, ...parts].map((part) => cleanText(part, 2000)).join(": ");
}

/** More lines than this help nobody: most of them follow from the first. */
const mostIssues = 20;

/** In the order of the file, each once, and no more than somebody reads. */
export function inOrder(issues: readonly Issue[]): Issue[] {
  const once = new Map(issues.map((issue) => [issueText(issue), issue]));
  const sorted = [...once.values()].toSorted(
    (a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
  const [first] = sorted;
  if (first === undefined || sorted.length <= mostIssues) return sorted;
  const message = `and ${sorted.length - mostIssues} more mistakes`;
  return [...sorted.slice(0, mostIssues), { file: first.file, line: null, column: null, key: null, message }];
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };
