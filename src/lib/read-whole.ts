import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/** What the shell has opened already: `/dev/stdin`, and `<(command)`. Somebody writes to it, or it is at its end. */
const handedOver = /^\/(dev\/stdin|dev\/fd\/\d+|proc\/self\/fd\/\d+)$/;

/**
 * The bytes of a file that a person named, at most so many. Throws what the file system says; EFTYPE for a device or a
 * named pipe, which may have no end and nobody at the other side, EFBIG with the sizes for a file that is larger.
 */
export function readWhole(path: string, most: number): Uint8Array {
  if (handedOver.test(path)) return readFileSync(path);
  // Without O_NONBLOCK a named pipe would hold us here until somebody writes to it. Windows has no such flag.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw refusal("EISDIR", "a folder found, a file was expected");
    if (!stat.isFile()) throw refusal("EFTYPE", "a device or a pipe found, a file was expected");
    if (stat.size > most) throw refusal("EFBIG", `${stat.size} bytes found, at most ${most} were expected`);
    return readFileSync(file);
  } finally {
    closeSync(file);
  }
}

const refusal = (code: string, words: string): Error => Object.assign(new Error(words), { code });
