import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { open } from "node:fs/promises";

/** What the shell has opened already: `/dev/stdin`, and `<(command)`. Somebody writes to it, or it is at its end. */
const handedOver = /^\/(dev\/stdin|dev\/fd\/\d+|proc\/self\/fd\/\d+)$/;

// Without O_NONBLOCK a named pipe would hold us here until somebody writes to it. Windows has no such flag.
const toRead = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The bytes of a file that a person named, at most so many. Throws what the file system says; EFTYPE for a device or a
 * named pipe, which may have no end and nobody at the other side, EFBIG with the sizes for a file that is larger.
 */
export function readWhole(path: string, most: number): Uint8Array {
  if (handedOver.test(path)) return readFileSync(path);
  const file = openSync(path, toRead);
  try {
    refuseOther(fstatSync(file), most);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * The same of a large file, which the event loop does not wait for. What the shell hands over is refused, too; ECHANGED for a
 * file that another program wrote to meanwhile.
 */
export async function readLarge(path: string, most: number): Promise<Uint8Array> {
  await using file = await open(path, toRead);
  const stat = await file.stat();
  refuseOther(stat, most);
  const bytes = await file.readFile();
  if (bytes.length !== stat.size) throw refusal("ECHANGED", "the file changed while it was read");
  return bytes;
}

function refuseOther(stat: Stats, most: number): void {
  if (stat.isDirectory()) throw refusal("EISDIR", "a folder found, a file was expected");
  if (!stat.isFile()) throw refusal("EFTYPE", "a device or a pipe found, a file was expected");
  if (stat.size > most) throw refusal("EFBIG", `${stat.size} bytes found, at most ${most} were expected`);
}

const refusal = (code: string, words: string): Error => Object.assign(new Error(words), { code });
