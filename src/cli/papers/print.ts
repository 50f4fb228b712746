import { spawn } from "node:child_process";
import { cleanText } from "../../lib/clean-text.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";

/** Hands a file to the system's printer (`true`: the default one): CUPS' `lp`, which Linux and macOS have. */
export async function print(file: string, printer: string | boolean): Promise<void> {
  const words = typeof printer === "string" ? ["-d", printer, "--", file] : ["--", file];
  await new Promise<void>((done, fail) => {
    const child = spawn("lp", words, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => {
      said = `${said}${chunk.toString("utf8")}`.slice(0, 500);
    });
    child.on("error", () =>
      fail(new CommandError("printing needs the command lp (package cups-client)", exitCodes.unfit)),
    );
    child.on("close", (code) => {
      if (code === 0) return done();
      const why = cleanText(said.trim(), 500) || `ended with ${code ?? "a signal"}`;
      fail(new CommandError(`lp: ${why}`, exitCodes.unfit));
    });
  });
}
