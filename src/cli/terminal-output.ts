import { constants, openSync, writeSync } from "node:fs";
import { Writable } from "node:stream";
import { errorCode } from "../lib/thrown.ts";
import type { ScreenOutput } from "../ui/terminal.ts";

/**
 * A terminal that stops reading (Ctrl-S, an SSH session in trouble) must not stop the boards, and Node writes to one with
 * a call that waits until it reads again ("A note on process I/O": terminals are synchronous on POSIX). This stream
 * writes through a descriptor of its own that never waits; what the terminal does not take now goes out later, in order.
 * `writableLength` is 0 when all of it is out. Text that a terminal which is gone no longer takes is lost.
 *
 * Answers the stream itself where there is no such descriptor: no terminal, the terminal of another user (su), or a
 * system on which it cannot be opened anew. UNCONFIRMED on macOS, where /dev/fd only duplicates; writes wait there.
 */
export function terminalOutput(stream: NodeJS.WriteStream & { readonly fd: number }): ScreenOutput {
  if (!stream.isTTY || process.platform !== "linux") return stream;
  const descriptor = ownDescriptor(stream.fd);
  if (descriptor === null) return stream;
  const output: Writable = Object.defineProperties(
    new Writable({
      decodeStrings: true,
      write: (piece: Uint8Array, _encoding, done) => put(descriptor, piece, firstPauseMs, done),
    }),
    { columns: { get: () => stream.columns }, rows: { get: () => stream.rows }, isTTY: { value: true } },
  );
  stream.on("resize", () => void output.emit("resize"));
  return output;
}

const firstPauseMs = 1;
const longestPauseMs = 50;

/** Opened anew, so that what is set on it holds for nobody else who has this terminal. */
function ownDescriptor(fd: number): number | null {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return null;
  }
}

function put(descriptor: number, piece: Uint8Array, pauseMs: number, done: () => void): void {
  let at = 0;
  try {
    while (at < piece.length) at += writeSync(descriptor, piece, at);
  } catch (error) {
    // A terminal that is gone: nobody reads this any more.
    if (errorCode(error) !== "EAGAIN") return done();
    const rest = piece.subarray(at);
    const next = Math.min(longestPauseMs, at > 0 ? firstPauseMs : 2 * pauseMs);
    setTimeout(() => put(descriptor, rest, next, done), pauseMs);
    return;
  }
  done();
}
