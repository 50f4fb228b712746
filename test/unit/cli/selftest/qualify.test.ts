import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { installedProgram } from "../../../../src/cli/installed.ts";
import { fromDoctor, installation } from "../../../../src/cli/selftest/installation.ts";
import { ownFolder } from "../../../../src/cli/selftest/own-folder.ts";
import { groupChecks, qualify } from "../../../../src/cli/selftest/qualify.ts";
import type { Checks, Told } from "../../../../src/cli/selftest/check.ts";
import { check } from "../../../../src/cli/selftest/check.ts";
import type { QualificationCheck } from "../../../../src/model/qualification.ts";
import { openConnection } from "../../../../src/store/file/connection.ts";
import { StoreError } from "../../../../src/store/store-error.ts";
import { madeUp } from "../doctor/made-up.ts";
import { someIo } from "../some-io.ts";
import { benchWith, failures } from "./some-bench.ts";

const good: Told = { what: "one and one", expected: "2", seen: "2", passed: true };
const groups = (installs: () => Checks): typeof groupChecks => ({
  installation: [installs],
  operation: [() => telling(good)],
  durability: [],
  records: [() => telling(good, good)],
});
async function* telling(...all: Told[]): Checks {
  for (const told of all) {
    await Promise.resolve();
    yield told;
  }
}

async function all(checks: AsyncGenerator<QualificationCheck>): Promise<QualificationCheck[]> {
  const told: QualificationCheck[] = [];
  for await (const one of checks) told.push(one);
  return told;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "gangflash-selftest-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

describe("the run of all checks", () => {
  test("numbers them by group", async () => {
    const told = await all(
      qualify(
        benchWith(),
        groups(() => telling(good, good)),
      ),
    );
    expect(told.map(({ id }) => id)).toEqual(["I01", "I02", "O01", "R01", "R02"]);
  });

  test("a group that breaks off is a check that failed, and the next one goes on", async () => {
    const told = await all(
      qualify(
        benchWith(),
        groups(async function* () {
          yield* telling(good);
          throw new Error("no such program");
        }),
      ),
    );
    expect(told.map(({ id, passed }) => `${id} ${passed}`)).toEqual([
      "I01 true",
      "I02 false",
      "O01 true",
      "R01 true",
      "R02 true",
    ]);
    expect(told[1]?.seen).toBe("it broke off: no such program");
  });

  test("a check that throws has failed; a full disk ends them all", async () => {
    const broken = await check("what", "a", () => {
      throw new Error("no");
    });
    expect(broken).toMatchObject({ passed: false, seen: "it broke off: no" });
    const full = (): Checks =>
      (async function* () {
        yield await check("what", "a", () => {
          throw new StoreError("full", "the disk is full");
        });
      })();
    await expect(all(qualify(benchWith(), groups(full)))).rejects.toThrow("the disk is full");
  });

  test("Ctrl-C ends them before the next one is told", async () => {
    const { io, interrupt } = someIo();
    const told: QualificationCheck[] = [];
    const run = async (): Promise<void> => {
      for await (const one of qualify(
        benchWith({ io }),
        groups(() => telling(good, good)),
      )) {
        told.push(one);
        interrupt();
      }
    };
    await expect(run()).rejects.toThrow("SIGINT");
    expect(told.length).toBe(1);
  });
});

describe("the installation", () => {
  test("passes on a machine that is fit", async () => {
    const data = folder();
    const machine = madeUp({ more: { mayUse: () => true } });
    // Its own version is asked of the sources; a Linux of the tests says nothing of its disks.
    expect(await failures(installation(benchWith({ data, machine })))).toEqual([]);
  });

  test("fails where Node is old, a package does not load, or the disk is another machine's", async () => {
    const data = folder();
    const machine = madeUp({
      files: { "/proc/self/mounts": `server:/x ${data} nfs4 rw 0 0\n` },
      more: {
        nodeVersion: "22.1.0",
        loads: (name) => Promise.resolve(name === "usb" ? "no such file" : null),
        real: (path) => path,
      },
    });
    expect(await failures(installation(benchWith({ data, machine })))).toEqual([
      expect.stringMatching(/^doctor: Node: fail: 22\.1\.0/),
      expect.stringMatching(/^doctor: usb: fail: does not load/),
      expect.stringMatching(/^doctor: file system: fail: nfs4/),
    ]);
  });

  test("fails where commits do not wait for the disk", async () => {
    const openBooks: typeof openConnection = (file, options) => {
      const db = openConnection(file, options);
      db.pragma("synchronous = NORMAL");
      return db;
    };
    expect(await failures(installation(benchWith({ data: folder(), broken: { openBooks } })))).toEqual([
      "SQLite in new books on this disk: journal_mode wal, synchronous=1",
    ]);
  });

  test("fails where the program does not start, or is of another version", async () => {
    const bench = benchWith({
      data: folder(),
      program: [process.execPath, "-e", "console.log('9.9.9')", "--"],
    });
    expect(await failures(installation(bench))).toEqual([
      "The program starts as a process of its own: 9.9.9",
    ]);
    const none = benchWith({ data: folder(), program: [join(folder(), "none")] });
    expect((await failures(installation(none)))[0]).toMatch(/it broke off: .*ENOENT/);
  });

  test("a warning of doctor is told, and fails nothing", () => {
    expect(fromDoctor({ state: "warn", what: "clock", seen: "drifts", mend: null })).toMatchObject({
      passed: true,
      seen: "warn: drifts",
    });
  });
});

describe("the hash of the installed program", () => {
  test("is another one when a byte of a file, a name or their number is another one", () => {
    const root = folder();
    mkdirSync(join(root, "dist/program"), { recursive: true });
    const write = (name: string, text: string): string => {
      writeFileSync(join(root, name), text);
      return installedProgram(root).sha256;
    };
    const hashes = [
      write("package.json", "{}"),
      write("dist/program/main.js", "1"),
      write("dist/program/main.js", "2"),
      write("dist/program/a.js", "2"),
    ];
    expect(new Set(hashes).size).toBe(4);
    expect(installedProgram(root)).toMatchObject({ files: 3, sha256: hashes[3] });
    // What is no part of the package, such as a cache beside it, changes nothing.
    expect(write("other.txt", "x")).toBe(hashes[3]);
  });
});

describe("the folder of the qualification", () => {
  test("lies in the data folder, and leaves what is in there as it was", () => {
    const data = folder();
    writeFileSync(join(data, "gangflash.db"), "books");
    const own = ownFolder(data);
    expect(readdirSync(data).length).toBe(2);
    writeFileSync(join(own.path, "x"), "");
    own[Symbol.dispose]();
    expect(readdirSync(data)).toEqual(["gangflash.db"]);
  });

  test("goes with a data folder that was not there before", () => {
    const data = join(folder(), "new");
    ownFolder(data)[Symbol.dispose]();
    expect(existsSync(data)).toBe(false);
  });

  test("where none can be made, the station is not fit", () => {
    const file = join(folder(), "file");
    writeFileSync(file, "");
    expect(() => ownFolder(join(file, "data"))).toThrow(expect.objectContaining({ exitCode: 3 }));
  });
});
