import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { atEnd } from "../../tools/at-end.ts";

const child = join(import.meta.dirname, "hold-child.ts");

/** A process of its own that has the data folder, until it is killed. */
export async function holder(folder: string, ...flags: string[]): Promise<ChildProcess> {
  const held = spawn(process.execPath, [...flags, child, folder], { stdio: ["pipe", "pipe", "inherit"] });
  atEnd(() => void held.kill("SIGKILL"));
  if (held.stdout === null) throw new Error("the child has no output");
  const ended = once(held, "exit").then(([code]) =>
    Promise.reject(new Error(`the holder ended with ${code}`)),
  );
  await Promise.race([once(held.stdout, "data"), ended]);
  // Whoever holds on is killed sooner or later.
  ended.catch(() => {});
  return held;
}

export async function killed(held: ChildProcess): Promise<void> {
  held.kill("SIGKILL");
  await once(held, "exit");
}
