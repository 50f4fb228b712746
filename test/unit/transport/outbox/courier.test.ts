import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, onTestFinished, test } from "vitest";
import type { Delivered } from "../../../../src/model/outbox.ts";
import { courier, type Parcel } from "../../../../src/transport/outbox/courier.ts";
import { dropInFolder, fileOf } from "../../../../src/transport/outbox/folder-drop.ts";

const hash = "0123456789abcdef0123456789abcdef";
const never = new AbortController().signal;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "gangflash-drop-"));
  onTestFinished(() => {
    chmodSync(made, 0o700);
    rmSync(made, { recursive: true, force: true });
  });
  return made;
}

const parcel = (path: string, n: number): Parcel => {
  const key = `r${n}-${hash}`;
  return { to: { kind: "folder", path }, key, file: fileOf(n - 1, key), text: `{"n":${n}}` };
};

function carrier() {
  const one = courier();
  onTestFinished(() => one[Symbol.dispose]());
  return one;
}

const whyOf = (said: Delivered): string => ("why" in said ? said.why : "");

test("files sort in the order of the messages, and have their bytes", () => {
  const place = folder();
  for (const n of [9, 10, 100]) {
    const { file, text } = parcel(place, n);
    expect(dropInFolder(place, file, text)).toEqual({ kind: "taken" });
  }
  const names = readdirSync(place);
  expect(names.toSorted()).toEqual([9, 10, 100].map((n) => parcel(place, n).file));
  expect(readFileSync(join(place, names.toSorted()[2] ?? ""), "utf8")).toBe('{"n":100}');
});

test("a file that lies there already is fine; half of one, or another one, is written over", () => {
  const place = folder();
  const { file, text } = parcel(place, 1);
  expect(dropInFolder(place, file, text)).toEqual({ kind: "taken" });
  const old = new Date(0);
  utimesSync(join(place, file), old, old);
  expect(dropInFolder(place, file, text)).toEqual({ kind: "taken" });
  writeFileSync(join(place, file), '{"n"');
  expect(dropInFolder(place, file, text)).toEqual({ kind: "taken" });
  expect(readFileSync(join(place, file), "utf8")).toBe(text);
  expect(readdirSync(place)).toEqual([file]);
});

test("a folder that is not there is not made: a share that is not mounted stays empty", () => {
  const place = join(folder(), "share");
  const said = dropInFolder(place, "x.json", "{}");
  expect(said).toEqual({
    kind: "later",
    why: `${place}: there is no such folder; make it, or mount the share`,
    waitMs: null,
  });
  writeFileSync(place, "");
  expect(whyOf(dropInFolder(place, "x.json", "{}"))).toContain("there is a file of this name");
});

test.skipIf(process.getuid?.() === 0 || process.platform === "win32")(
  "a folder that this user may not write is told (not as root)",
  () => {
    const place = folder();
    chmodSync(place, 0o500);
    expect(whyOf(dropInFolder(place, "x.json", "{}"))).toContain("this user may not write there");
  },
);

test.skipIf(process.platform !== "linux")(
  "a folder that takes nothing is told, and no half is left (Linux: /proc)",
  () => {
    expect(dropInFolder("/proc/self", "x.json", "{}").kind).toBe("later");
  },
);

const small = mkdtempSync(join(tmpdir(), "gangflash-small-"));
const mountable = spawnSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", small]).status === 0;
afterAll(() => {
  if (mountable) spawnSync("umount", [small]);
  rmSync(small, { recursive: true, force: true });
});

test.skipIf(!mountable)(
  "a disk that is full is told, nothing half is left, and it goes on when there is room (mount is needed)",
  () => {
    const filler = join(small, "filler");
    writeFileSync(filler, "x".repeat(12_000));
    const { file } = parcel(small, 1);
    const text = "y".repeat(9000);
    expect(whyOf(dropInFolder(small, file, text))).toBe(`${small}: no room is left there`);
    expect(readdirSync(small)).toEqual(["filler"]);
    rmSync(filler);
    expect(dropInFolder(small, file, text)).toEqual({ kind: "taken" });
    spawnSync("mount", ["-o", "remount,ro", small]);
    expect(whyOf(dropInFolder(small, "other.json", text))).toBe(`${small}: it can only be read`);
  },
);

test("the half of a file that a power cut left is swept away when it is old, and nothing else", () => {
  const place = folder();
  const half = `.${parcel(place, 1).file}.4711.part`;
  const fresh = `.${parcel(place, 2).file}.4712.part`;
  for (const name of [half, fresh, ".other.part"]) writeFileSync(join(place, name), "{");
  const old = new Date(Date.now() - 3_600_000);
  utimesSync(join(place, half), old, old);
  const { file, text } = parcel(place, 3);
  dropInFolder(place, file, text);
  expect(readdirSync(place).toSorted()).toEqual([fresh, ".other.part", file].toSorted());
});

test("a courier is a program of its own that carries one message after another", async () => {
  const place = folder();
  const one = carrier();
  for (let n = 1; n <= 20; n += 1)
    expect(await one.deliver(parcel(place, n), never)).toEqual({ kind: "taken" });
  expect(readdirSync(place)).toHaveLength(20);
});

test.skipIf(spawnSync("mkfifo", ["--version"]).status !== 0)(
  "a share that never answers holds neither the caller nor a second try, and goes on when it is back (mkfifo is needed)",
  async () => {
    const place = folder();
    const first = parcel(place, 1);
    // Reading a pipe that nobody writes waits for ever, as a dead share does.
    expect(spawnSync("mkfifo", [join(place, first.file)]).status).toBe(0);
    const same = { ...first, text: "" };
    const one = carrier();
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 500);
    expect((await one.deliver(same, stop.signal)).kind).toBe("later");
    const again = new AbortController();
    setTimeout(() => again.abort(), 200);
    expect(await one.deliver(same, again.signal)).toMatchObject({ why: "the try before it is not over yet" });
    // The share is back.
    writeFileSync(join(place, first.file), "");
    expect(await one.deliver(parcel(place, 2), never)).toEqual({ kind: "taken" });
  },
);

test("a server that never answers is left when the try is over, and the next message goes", async () => {
  let asked = 0;
  const stop = new AbortController();
  const server = createServer((_, response) => {
    asked += 1;
    if (asked > 1) response.writeHead(200).end();
    // It has the message, and says nothing.
    else setTimeout(() => stop.abort(), 50);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const to = { kind: "http", url: `http://127.0.0.1:${port}/`, headers: {}, token: null, ca: null } as const;
  const one = carrier();
  const message = { to, key: `r1-${hash}`, file: "", text: "{}" };
  expect((await one.deliver(message, stop.signal)).kind).toBe("later");
  expect(await one.deliver(message, never)).toEqual({ kind: "taken" });
  expect(asked).toBe(2);
});

test("a folder that has the name of a message is told, and stays", () => {
  const place = folder();
  const { file, text } = parcel(place, 1);
  mkdirSync(join(place, file));
  expect(dropInFolder(place, file, text).kind).toBe("later");
  expect(readdirSync(place)).toEqual([file]);
});
