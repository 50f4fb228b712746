import { issueText, type Checked } from "../../../src/config/issue.ts";

/** What the person who wrote the file reads, a line a mistake; nothing for a good file. */
export const linesOf = (checked: Checked<unknown>): string[] =>
  checked.ok ? [] : checked.issues.map(issueText);
