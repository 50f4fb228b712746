// Runs one command in the guest of the kernel bench, as if it ran here: same root, same checkout, same programs, but
// a Linux of its own below, with USB, CAN and ttys. What it writes is gone afterwards, except in /run/out.
//
//   node test/kernel/run-guest.ts [--seconds 300] [--out FOLDER] -- usbip port
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

export const qemu = "qemu-system-x86_64";
const checkout = resolve(import.meta.dirname, "../..");

export type GuestEnd =
  | { readonly kind: "ended"; readonly code: number; readonly bootSeconds: number; readonly seconds: number }
  | { readonly kind: "not run"; readonly why: string }
  | { readonly kind: "lost"; readonly why: string; readonly console: string };

export interface GuestRun {
  readonly command: readonly string[];
  /** Everything together, boot and power-off included. */
  readonly seconds: number;
  /** A folder that gets what the command left in /run/out. */
  readonly out?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** What the guest does, in the checkout's folder and with the project's Node first on the path. */
function script({ command, env = {} }: GuestRun): string {
  const variables = {
    HOME: "/run/tmp",
    TMPDIR: "/run/tmp",
    NODE_COMPILE_CACHE: "/run/compiled", // kept between runs: vitest starts in 15 s instead of 45
    PATH: `${join(checkout, "node_modules/.bin")}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    GANGFLASH_KERNEL_BENCH: "1",
    ...(process.stdout.isTTY ? {} : { NO_COLOR: "1" }), // the guest's own words never go to a terminal
    ...env,
  };
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${quoted(value)}`);
  return [...lines, `cd ${quoted(checkout)} && exec ${command.map(quoted).join(" ")}`, ""].join("\n");
}

/** QEMU's words: an option and its value a line. */
function machine(guest: string, out: string): string[] {
  const share = (path: string, tag: string, more = ""): string =>
    `-virtfs local,path=${path.replaceAll(",", ",,")},mount_tag=${tag},security_model=none,multidevs=remap${more}`;
  const options = [
    // KVM would be quicker, but a guest hangs under the nested one of test machines.
    "-accel tcg,thread=multi",
    // What "max" adds is emulated at a price, five-level page tables and AVX: the program started sooner without. By how
    // much hangs on the machine, and was not measured side by side.
    "-cpu Nehalem",
    "-smp 2",
    "-m 2560",
    "-nodefaults",
    "-no-reboot",
    "-display none",
    "-monitor none",
    "-nic none",
    `-kernel ${join(guest, "vmlinuz")}`,
    `-initrd ${join(guest, "initramfs.gz")}`,
    // The mitigations guard against neighbours that this guest has not, and cost time.
    "-append console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on net.ifnames=0",
    `-serial file:${join(out, "console.log")}`,
    "-device virtio-serial-pci",
    "-chardev stdio,id=words,signal=off",
    "-device virtserialport,chardev=words",
    share("/", "machine", ",readonly=on"),
    share(join(guest, "tools"), "tools", ",readonly=on"),
    share(join(guest, "compiled"), "compiled"),
    share(out, "out"),
  ];
  return options.flatMap((option) => {
    const [, name = option, value] = /^(\S+) (.*)$/.exec(option) ?? [];
    return value === undefined ? [name] : [name, value];
  });
}

const oneNumber = (path: string): Promise<number> => readFile(path, "utf8").then(Number, () => Number.NaN);

/** Boots, runs, switches off. The signal kills the guest; so does the death of this process, by whatever. */
export async function runGuest(run: GuestRun, signal: AbortSignal): Promise<GuestEnd> {
  if (spawnSync(qemu, ["--version"]).error !== undefined) {
    return { kind: "not run", why: `${qemu} is not installed` };
  }
  const built = spawnSync("bash", [join(import.meta.dirname, "build-guest.sh")], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const cannotHere = 3;
  if (built.status === cannotHere)
    return { kind: "not run", why: "the guest cannot be built on this machine" };
  if (built.status !== 0) return { kind: "lost", why: "the guest could not be built", console: "" };
  const guest = built.stdout.trim();

  const out = await mkdtemp(join(tmpdir(), "gangflash-kernel-bench-"));
  try {
    await writeFile(join(out, "command"), script(run));
    const started = performance.now();
    const why = await untilOff(machine(guest, out), run.seconds, signal);
    const seconds = (performance.now() - started) / 1000;
    if (run.out !== undefined) await cp(out, run.out, { recursive: true });
    if (why === null && existsSync(join(out, "exit"))) {
      const [code, bootSeconds] = await Promise.all(
        ["exit", "booted"].map((name) => oneNumber(join(out, name))),
      );
      return { kind: "ended", code: code ?? Number.NaN, bootSeconds: bootSeconds ?? Number.NaN, seconds };
    }
    const console = await readFile(join(out, "console.log"), "utf8").catch(() => "");
    return { kind: "lost", why: why ?? "the guest went off in the middle", console };
  } finally {
    await rm(out, { recursive: true, force: true });
  }
}

/** Why the guest was switched off from outside, or null if it did so itself. */
async function untilOff(
  words: readonly string[],
  limit: number,
  signal: AbortSignal,
): Promise<string | null> {
  const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", qemu, ...words], {
    stdio: ["pipe", "pipe", "inherit"], // at the end of its input QEMU would take us for gone, and the guest's words wait
    detached: true, // Ctrl-C is for us: QEMU would end on it by itself and look as if the guest had
  });
  let why: string | null = null;
  const kill = (reason: string): void => {
    why ??= reason;
    child.kill("SIGKILL");
  };
  const interrupted = (): void => kill("interrupted");
  const timer = setTimeout(() => kill(`not done after ${String(limit)} s`), limit * 1000);
  signal.addEventListener("abort", interrupted);
  if (signal.aborted) interrupted();
  child.stdout.pipe(process.stdout, { end: false });
  try {
    await new Promise((done, fail) => {
      child.once("close", done);
      child.once("error", fail);
    });
    return why;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", interrupted);
  }
}

/** Aborts at Ctrl-C and at a polite end. */
export function interruption(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => stop.abort());
  return stop.signal;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    options: { seconds: { type: "string", default: "300" }, out: { type: "string" } },
    allowPositionals: true,
  });
  const stop = interruption();
  const end = await runGuest(
    {
      command: positionals,
      seconds: Number(values.seconds),
      ...(values.out === undefined ? {} : { out: values.out }),
    },
    stop,
  );
  if (end.kind === "ended") {
    console.error(
      `kernel bench: booted in ${end.bootSeconds.toFixed(1)} s, all of it ${end.seconds.toFixed(1)} s`,
    );
    process.exitCode = end.code;
  } else {
    if (end.kind === "lost") console.error(end.console.split("\n").slice(-40).join("\n"));
    console.error(`kernel bench: ${end.kind}, ${end.why}`);
    process.exitCode = stop.aborted ? 130 : 3;
  }
}
