/** A mistake in a file: where it is, what was found, what was expected (contract, "A mistake is written …"). */
export interface Issue {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  /** Dotted path of the key: `slots.1.port`. */
  readonly key: string | null;
  readonly message: string;
}

/** `FILE:LINE:COLUMN: key: what was found, what was expected`, with as much place as there is. */
export function issueText(issue: Issue): string {
  const place = [issue.file, issue.line, issue.column].filter((part) => part !== null).join(":");
  return issue.key === null || issue.key === ""
    ? `${place}: ${issue.message}`
    : `${place}: ${issue.key}: ${issue.message}`;
}

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly issues: readonly Issue[] };
