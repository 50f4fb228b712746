// The kernel bench: test/kernel/guest/*.test.ts, inside a Linux of their own, where node-usb, a USB stack and real
// ttys meet the simulated boards.  npm run test:kernel [-- the words of vitest, such as a file's name or -t "a title"]
//
// To add a test, put a file into test/kernel/guest. It is an ordinary vitest file, and what it says there is:
//  - The guest has the root of this machine, so the checkout, dist (built before) and every program of ours lie where
//    they always do; packages that only the guest needs are named in build-guest.sh. All may be written; nothing
//    stays, except what is put into /run/out, which `run-guest.ts --out FOLDER` hands over.
//  - It is root there. udevd runs, vhci_hcd is loaded (`usbip attach` takes boards), other modules come with modprobe
//    or by themselves: cdc_acm and ftdi_sio when udev sees their device, vcan with `ip link add … type vcan`.
//  - All files share one kernel and, to save seconds, one process: give back what you attach, add and load, in
//    afterAll, and expect no device but yours by name.
//  - Everything is 5 to 20 times slower than here, and uneven. A node takes 0.6 to 2 s to start, gangflash 2 to 5 s, a
//    gang run of one board 10 to 15 s (what loads files is the time, not the compiling, which the cache has: that is
//    one reason why the program is built into few), a modprobe up to 4 s: wait for things (vi.waitFor), assert ratios
//    of one run, no times.
//  - GANGFLASH_KERNEL_FULL=1 runs the long form, for an engineer and not for a check: 512 KiB images, each gang of 20,
//    50 cycles, CAN images of an F103's size. The short form shows the same with fewer and smaller ones. It makes its
//    images; GANGFLASH_KERNEL_FIRMWARE=FOLDER gives it a vesc-60.bin and an f103-boot20.bin of yours instead.
//  - One command in the guest, for trying: node test/kernel/run-guest.ts -- usbip port
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interruption, runGuest } from "./run-guest.ts";

/** All of it, boot included: a bench that hangs must not hang the check. */
const isFull = process.env["GANGFLASH_KERNEL_FULL"] === "1";
const seconds = isFull ? 3600 : 1100;

/** What vitest's JSON reporter says, as far as it is read here and in .ci/run. */
interface Figures {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

function single(status: "failed" | "skipped", title: string): Figures {
  return {
    numPassedTests: 0,
    numFailedTests: status === "failed" ? 1 : 0,
    numPendingTests: status === "skipped" ? 1 : 0,
    numTodoTests: 0,
    testResults: [
      {
        name: "kernel bench",
        status: status === "failed" ? "failed" : "passed",
        assertionResults: [
          { ancestorTitles: ["kernel bench"], title, fullName: `kernel bench ${title}`, status },
        ],
      },
    ],
  };
}

/** The figures, and whether something failed outside all tests, as an error that nobody caught. */
async function bench(out: string, stop: AbortSignal): Promise<{ figures: Figures; outside: boolean }> {
  const vitest = ["vitest", "run", "--config", "test/kernel/vitest.config.ts", ...process.argv.slice(2)];
  const words = ["GANGFLASH_KERNEL_FULL", "GANGFLASH_KERNEL_FIRMWARE"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  const env = Object.fromEntries(words) as Record<string, string>;
  const end = await runGuest({ command: vitest, seconds, out, env }, stop);
  switch (end.kind) {
    case "not run":
      console.log(`kernel bench: not run, ${end.why}`);
      return { figures: single("skipped", `not run, ${end.why}`), outside: false };
    case "lost":
      console.log(end.console.split("\n").slice(-40).join("\n"));
      console.log(`kernel bench: failed, ${end.why}`);
      return { figures: single("failed", end.why), outside: true };
    case "ended": {
      const [boot, all] = [end.bootSeconds, end.seconds].map((one) => one.toFixed(1));
      console.log(`kernel bench: booted in ${boot} s, all of it ${all} s`);
      const text = await readFile(join(out, "figures.json"), "utf8").catch(() => null);
      const none = `vitest ended with ${end.code} and left no figures`;
      const figures = text === null ? single("failed", none) : (JSON.parse(text) as Figures);
      return { figures, outside: end.code !== 0 };
    }
    default:
      return end satisfies never;
  }
}

const out = await mkdtemp(join(tmpdir(), "gangflash-kernel-figures-"));
try {
  const stop = interruption();
  const { figures, outside } = await bench(out, stop);
  const copy = process.env["VITEST_JSON"];
  if (copy !== undefined) await writeFile(copy, JSON.stringify(figures));
  const broken = figures.testResults.filter(
    (one) => one.status === "failed" && one.assertionResults.length === 0,
  );
  const failed = Math.max(figures.numFailedTests + broken.length, outside ? 1 : 0);
  const skipped = figures.numPendingTests + figures.numTodoTests;
  console.log(`kernel bench: ${figures.numPassedTests} passed, ${failed} failed, ${skipped} skipped`);
  process.exitCode = stop.aborted ? 130 : failed === 0 ? 0 : 1;
} finally {
  await rm(out, { recursive: true, force: true });
}
