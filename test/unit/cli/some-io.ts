import { PassThrough } from "node:stream";
import { Interrupted, type Io } from "../../../src/cli/io.ts";

/** An Io that keeps what a command says, and a hand on its Ctrl-C. */
export function someIo(json = false) {
  const out: string[] = [];
  const err: string[] = [];
  const stop = new AbortController();
  const io: Io = {
    out: (text) => void out.push(text),
    err: (text) => void err.push(text),
    stdout: new PassThrough(),
    json,
    signal: stop.signal,
  };
  return { io, out, err, interrupt: () => stop.abort(new Interrupted("SIGINT", 130)) };
}
