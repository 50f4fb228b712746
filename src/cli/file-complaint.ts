import { errorCode } from "../lib/thrown.ts";
import { CommandError } from "./complain.ts";
import { exitCodes } from "./exit-codes.ts";

const why: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "there is no such folder",
  EACCES: "this user may not write there",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  EISDIR: "it is a folder",
  EFTYPE: "a device or a pipe has this name",
  ENAMETOOLONG: "the name is too long",
};

/** What the system says of a file that could not be written, as CommandError; any other error as it is. */
export function fileComplaint(error: unknown, file: string, what: string): unknown {
  const code = errorCode(error);
  if (!code.startsWith("E")) return error;
  const exit = code === "ENOSPC" || code === "EROFS" ? exitCodes.unfit : exitCodes.usage;
  return new CommandError(`${file}: ${what} cannot be written: ${why[code] ?? code}`, exit);
}
