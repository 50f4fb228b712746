/** One thing that a program asked of the kernel, or was answered, in the order in which strace saw it. */
export type TraceEvent = { readonly line: number } & (
  | { readonly type: "wrote"; readonly file: string; readonly at: number; readonly bytes: Uint8Array }
  | { readonly type: "cut"; readonly file: string; readonly length: number }
  | { readonly type: "removed"; readonly file: string }
  | { readonly type: "sync began"; readonly file: string }
  | { readonly type: "sync returned"; readonly file: string }
  /** A write to standard output began. */
  | { readonly type: "saying"; readonly text: string }
);

/** What strace has to be told for `parseTrace`: paths beside files, all text in full and as hex. */
export const straceWords = [
  "-f",
  // The other calls run at their own speed (strace 5.3 of 2019).
  "--seccomp-bpf",
  "-y",
  "-xx",
  "-s",
  "1048576",
  "-e",
  "trace=fsync,fdatasync,write,writev,pwrite64,pwritev,ftruncate,unlink",
] as const;

type Call = { readonly name: string; readonly args: string };

/** Reads a trace. Throws for a call that it cannot follow: an event left out would prove nothing. */
export function parseTrace(text: string): TraceEvent[] {
  const events: TraceEvent[] = [];
  const waiting = new Map<string, Call>();
  for (const [i, row] of text.split("\n").entries()) {
    const line = i + 1;
    const [, pid = "", rest = ""] = /^(\d+) +(.*)$/.exec(row) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>.* = (-?\d+)/.exec(rest);
    const begun = /^(\w+)\((.*?)(?: <unfinished \.\.\.>|\) += (-?\d+|\?).*)$/.exec(rest);
    if (resumed !== null) {
      const call = waiting.get(pid);
      waiting.delete(pid);
      if (call !== undefined) events.push(...returned(call, Number(resumed[1]), line));
    } else if (begun !== null) {
      const [, name = "", args = "", answer] = begun;
      const call: Call = { name, args };
      events.push(...began(call, line));
      if (answer === undefined) waiting.set(pid, call);
      else events.push(...returned(call, Number(answer), line));
    }
  }
  return events;
}

function began({ name, args }: Call, line: number): TraceEvent[] {
  const { fd, path } = fileOf(args);
  if (/^f(?:data)?sync$/.test(name)) return [{ type: "sync began", file: path, line }];
  if (fd !== 1) return [];
  if (name !== "write" && name !== "writev")
    throw new Error(`line ${line}: standard output was written with ${name}`);
  return [{ type: "saying", text: Buffer.concat(partsOf(args, line)).toString("utf8"), line }];
}

function returned({ name, args }: Call, answer: number, line: number): TraceEvent[] {
  if (!(answer >= 0)) return [];
  const { path: file } = fileOf(args);
  switch (name) {
    case "fsync":
    case "fdatasync":
      return [{ type: "sync returned", file, line }];
    case "pwrite64": {
      const at = Number(/, (\d+)$/.exec(args)?.[1]);
      return [{ type: "wrote", file, at, bytes: bytesOf(args, line).subarray(0, answer), line }];
    }
    case "ftruncate":
      return [{ type: "cut", file, length: Number(/, (\d+)$/.exec(args)?.[1]), line }];
    case "unlink":
      return [{ type: "removed", file: Buffer.from(bytesOf(args, line)).toString("utf8"), line }];
    case "write":
    case "writev":
    case "pwritev":
      if (/\.db(?:-wal)?$/.test(file)) throw new Error(`line ${line}: ${file} was written with ${name}`);
      return [];
    default:
      return [];
  }
}

function fileOf(args: string): { readonly fd: number; readonly path: string } {
  const [, fd, path = ""] = /^(\d+)<([^>]*)>/.exec(args) ?? [];
  return { fd: Number(fd ?? -1), path: Buffer.from(unhex(path)).toString("utf8") };
}

/** Every text of a call, in their order: `writev` has several. */
function partsOf(args: string, line: number): Uint8Array[] {
  return [...args.matchAll(/"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?/g)].map(([, hex = "", more]) => {
    if (more !== undefined) throw new Error(`line ${line}: the text is not there in full`);
    return unhex(hex);
  });
}

function bytesOf(args: string, line: number): Uint8Array {
  const [bytes] = partsOf(args, line);
  if (bytes === undefined) throw new Error(`line ${line}: the text is not there in full`);
  return bytes;
}

const unhex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll("\\x", ""), "hex"));
