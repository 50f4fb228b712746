import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { onTestFinished } from "vitest";
import { packCommand } from "../../../../src/cli/papers/pack.ts";
import { reportCommand } from "../../../../src/cli/papers/report.ts";
import { runCommand } from "../../../../src/cli/line/run.ts";
import type { Commands, SelftestBench } from "../../../../src/cli/selftest/bench.ts";
import type { Checks, Told } from "../../../../src/cli/selftest/check.ts";
import { dice } from "../../../../src/cli/selftest/dice.ts";
import { noSeams, type Seams } from "../../../../src/cli/selftest/stand.ts";
import { audit } from "../../../../src/store/audit/audit.ts";
import { openConnection } from "../../../../src/store/file/connection.ts";
import { madeUp } from "../doctor/made-up.ts";
import { someIo } from "../some-io.ts";

// A memory disk where there is one: what the disk does is no business of these tests.
const root = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** A bench in a folder that goes with the test; faults are planted in its seams, its commands, its program. */
export function benchWith(
  more: Partial<SelftestBench> & { readonly broken?: Partial<Commands>; readonly seam?: Partial<Seams> } = {},
): SelftestBench {
  const { broken, seam, ...rest } = more;
  const folder = mkdtempSync(join(root, "gangflash-selftest-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return {
    folder,
    data: join(folder, "data"),
    dice: dice(7),
    kills: 1,
    io: someIo().io,
    machine: madeUp(),
    installed: { version: "0.1.0", files: 3, sha256: "ab".repeat(32) },
    program: [process.execPath, resolve(import.meta.dirname, "../../../../src/main.ts")],
    seams: { ...noSeams, ...seam },
    commands: {
      run: runCommand,
      report: reportCommand,
      pack: packCommand,
      audit,
      openBooks: openConnection,
      ...broken,
    },
    ...rest,
  };
}

export async function toldBy(checks: Checks): Promise<Told[]> {
  const all: Told[] = [];
  for await (const told of checks) all.push(told);
  return all;
}

/** What failed: the requirement and what was seen. */
export async function failures(checks: Checks): Promise<string[]> {
  return (await toldBy(checks)).flatMap(({ passed, what, seen }) => (passed ? [] : [`${what}: ${seen}`]));
}
