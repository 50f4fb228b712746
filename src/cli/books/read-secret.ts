import { createInterface } from "node:readline/promises";
import { CommandError } from "../complain.ts";

const ctrlC = "\x03";
const backspace = new Set(["\x7f", "\b"]);

/** One line that is not shown while it is typed; from a pipe its first line. Throws CommandError when nothing comes. */
export async function readSecret(prompt: string): Promise<string> {
  const { stdin, stderr } = process;
  if (!stdin.isTTY) {
    const lines = createInterface({ input: stdin });
    try {
      for await (const line of lines) return line;
    } finally {
      lines.close();
    }
    throw new CommandError("a PIN was expected on standard input");
  }
  stderr.write(prompt);
  stdin.setRawMode(true);
  try {
    return await typed(stdin);
  } finally {
    stdin.setRawMode(false);
    stdin.pause();
    stderr.write("\n");
  }
}

async function typed(stdin: NodeJS.ReadStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let text = "";
  const take = (bytes: Buffer): void => {
    for (const char of bytes.toString("utf8")) {
      if (char === ctrlC) reject(new CommandError("interrupted, nobody was added", 130));
      else if (char === "\r" || char === "\n") resolve(text);
      else if (backspace.has(char)) text = text.slice(0, -1);
      else if (char >= " ") text += char;
    }
  };
  stdin.on("data", take);
  stdin.resume();
  try {
    return await promise;
  } finally {
    stdin.off("data", take);
  }
}
