import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { doctorCommand, type DoctorOptions } from "../../../../src/cli/doctor/doctor.ts";
import { checkData } from "../../../../src/cli/doctor/check-data.ts";
import { udevRule } from "../../../../src/cli/doctor/udev-rule.ts";
import { openStore } from "../../../../src/store/open-store.ts";
import { someIo } from "../some-io.ts";
import { madeUp, usbFiles } from "./made-up.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gangflash-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const owner = { mode: "owner", station: null, timezone: null, toolVersion: "0.1.0" } as const;
const plain = (): DoctorOptions => ({ data: folder, station: null, printUdev: false, writeUdev: null });
const states = (found: ReturnType<typeof checkData>): string[] =>
  found.map(({ state, what }) => `${state} ${what}`);

describe("the data folder", () => {
  test("with books is read as it is, and left as it was", () => {
    openStore(folder, owner).close();
    const before = readdirSync(folder);
    expect(states(checkData(folder, madeUp()))).toEqual([
      "ok data folder",
      "ok file system",
      expect.stringMatching(/^(ok|warn) disk$/),
      "ok books",
      "ok durability",
    ]);
    expect(readdirSync(folder).filter((name) => !/-(shm|wal)$/.test(name))).toEqual(
      before.filter((name) => !/-(shm|wal)$/.test(name)),
    );
  });

  test("is read beside a running line, which goes on", () => {
    const store = openStore(folder, owner);
    try {
      const machine = madeUp({ files: { [`/proc/${process.pid}/comm`]: "node" } });
      const [first] = checkData(folder, machine);
      expect(first?.seen).toContain(`a line runs in it, process ${process.pid}`);
      expect(states(checkData(folder, machine))).toContain("ok books");
      expect(() => openStore(folder, owner)).toThrow("is in use by gangflash");
    } finally {
      store.close();
    }
  });

  test("with damaged books fails, and says how to get them back", () => {
    openStore(folder, owner).close();
    writeFileSync(join(folder, "gangflash.db"), "not a database at all, and long enough to be read as one");
    const found = checkData(folder, madeUp()).find(({ what }) => what === "books");
    expect(found?.state).toBe("fail");
    expect(found?.mend).toContain("backup");
  });

  test("that is not there yet is no trouble, unless nobody may make it", () => {
    const none = join(folder, "not", "yet");
    const here = madeUp({ more: { mayUse: () => true } });
    expect(states(checkData(none, here))[0]).toBe("ok data folder");
    const denied = madeUp({ more: { mayUse: () => false } });
    expect(states(checkData(none, denied))[0]).toBe("fail data folder");
    expect(existsSync(none)).toBe(false);
  });

  test("on a network file system fails, by the mount that lies nearest above it", () => {
    const mounts = (kind: string): string =>
      `dev / ext4 rw 0 0\nserver:/x ${tmpdir()} ${kind} rw 0 0\ntmpfs /run tmpfs rw 0 0`;
    const kindOf = (kind: string): string | undefined =>
      states(checkData(folder, madeUp({ files: { "/proc/self/mounts": mounts(kind) } }))).find((line) =>
        line.endsWith("file system"),
      );
    expect(kindOf("nfs4")).toBe("fail file system");
    expect(kindOf("fuse.sshfs")).toBe("fail file system");
    expect(kindOf("xfs")).toBe("ok file system");
  });
});

describe("doctor", () => {
  test("ends with 0 when nothing fails, warnings or not", async () => {
    const { io, out } = someIo(false);
    const machine = madeUp({ files: usbFiles({ usb1: { speed: 480, hub: { sockets: 4 } } }) });
    expect(await doctorCommand(plain(), io, machine)).toBe(0);
    expect(out.at(-1)).toMatch(/^This station is fit: 0 fail, [0-9]+ warn\.$/);
    expect(out.filter((line) => line.startsWith("warn")).length).toBe(
      out.filter((line) => line.startsWith("      mend: ")).length,
    );
  });

  test("ends with 3 when one check fails; as JSON it is one object a line", async () => {
    const { io, out } = someIo(true);
    const machine = madeUp({ more: { loads: () => Promise.resolve("gone") } });
    expect(await doctorCommand(plain(), io, machine)).toBe(3);
    const lines = out.map((line) => JSON.parse(line) as { type: string; state?: string; failed?: number });
    expect(lines.at(-1)).toMatchObject({ type: "summary", failed: 3 });
    expect(lines.filter(({ state }) => state === "fail")).toHaveLength(3);
  });

  test("a station file with a mistake is told as everywhere", async () => {
    const { io } = someIo(false);
    const station = join(folder, "s.yaml");
    writeFileSync(station, "station: x\nslots: []\n");
    await expect(doctorCommand({ ...plain(), station }, io, madeUp())).rejects.toMatchObject({ exitCode: 2 });
  });

  test("prints its udev rule and nothing else", async () => {
    const { io, out, err } = someIo(false);
    expect(await doctorCommand({ ...plain(), printUdev: true }, io, madeUp())).toBe(0);
    expect(out).toEqual([udevRule().trimEnd()]);
    expect(err).toEqual([]);
  });

  test("writes its udev rule whole, readable for all, and tells where it may not", async () => {
    const { io } = someIo(false);
    const file = join(folder, "60-gangflash.rules");
    expect(await doctorCommand({ ...plain(), writeUdev: file }, io, madeUp())).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(udevRule());
    expect(statSync(file).mode & 0o777).toBe(0o644);
    expect(readdirSync(folder)).toEqual(["60-gangflash.rules"]);
    const nowhere = join(folder, "not", "there");
    await expect(doctorCommand({ ...plain(), writeUdev: nowhere }, io, madeUp())).rejects.toMatchObject({
      exitCode: 3,
      message: `gangflash: ${nowhere}: there is no folder ${join(folder, "not")}`,
    });
  });
});
