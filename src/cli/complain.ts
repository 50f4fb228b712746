import { cleanText } from "../lib/clean-text.ts";
import { issueText, type Issue } from "../config/issue.ts";
import { StoreError } from "../store/store-error.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** A mistake that ends a command before anything was touched, as a sentence and an exit code. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.usage) {
    super(message);
    this.name = "CommandError";
    this.exitCode = exitCode;
  }
}

/** Mistakes in files, each with its place. */
export class FileMistakes extends CommandError {
  constructor(issues: readonly Issue[]) {
    super(issues.map(issueText).join("\n"));
    this.name = "FileMistakes";
  }
}

/** The exit code of what the books say: a contradiction is the caller's mistake, the rest is the station's. */
function storeCode(error: StoreError): number {
  return error.kind === "conflict" || error.kind === "missing" ? exitCodes.usage : exitCodes.unfit;
}

/** Says on standard error why a command ended, never with a stack trace; the exit code. What is not known is thrown on. */
export function complain(error: unknown, io: Io): number {
  if (error instanceof CommandError) {
    for (const line of error.message.split("\n")) io.err(line);
    return error.exitCode;
  }
  if (error instanceof StoreError) {
    io.err(`gangflash: ${error.message}`);
    return storeCode(error);
  }
  const told = systemComplaint(error);
  if (told === null) throw error;
  io.err(`gangflash: ${told.words}`);
  return told.code;
}

/** Codes that are about the name that was given; all others are about the machine. */
const ofNames = new Set(["EACCES", "EISDIR", "ELOOP", "ENAMETOOLONG", "ENOENT", "ENOTDIR", "EPERM"]);

/** What the system says of a file that nobody had a sentence for. */
function systemComplaint(error: unknown): { readonly words: string; readonly code: number } | null {
  if (!(error instanceof Error) || !("path" in error) || !("code" in error)) return null;
  const { path, code } = error;
  if (typeof path !== "string" || typeof code !== "string") return null;
  const [said = code] = error.message.split(", ");
  return {
    words: `${cleanText(path)}: ${said}`,
    code: ofNames.has(code) ? exitCodes.usage : exitCodes.unfit,
  };
}
