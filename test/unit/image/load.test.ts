import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmod, mkdtemp, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadImage, maxFileBytes } from "../../../src/image/load.ts";
import { elfVector, lines, memory, plainHex, plainMemory } from "./vectors.ts";

const windows = process.platform === "win32";
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "gangflash-load-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function place(name: string, content: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function refusal(path: string, options = {}): Promise<string> {
  const loaded = await loadImage(path, options);
  if (loaded.ok) throw new Error("This was to be refused, and was read.");
  expect(loaded.complaint.message).not.toContain(folder);
  return loaded.complaint.message;
}

test("a file gives its image, its size and the hash of what was read", async () => {
  const content = lines(...plainHex);
  const loaded = await loadImage(await place("app.hex", content));
  if (!loaded.ok) throw new Error(loaded.complaint.message);
  expect(memory({ ok: true, value: loaded.image })).toEqual(plainMemory);
  expect(loaded.fileBytes).toBe(content.length);
  expect(loaded.sha256).toBe(createHash("sha256").update(content).digest("hex"));
});

test("an ELF named .bin is read as ELF, and its base address refused", async () => {
  const path = await place("app.bin", elfVector);
  expect(await loadImage(path)).toMatchObject({ ok: true, image: { format: "elf" } });
  expect(await refusal(path, { at: 0x0800_0000 })).toContain("A base address belongs to .bin only");
});

test.skipIf(windows)("a link leads to its file", async () => {
  const path = join(folder, "link.hex");
  await symlink(await place("real.hex", lines(...plainHex)), path);
  expect(await loadImage(path)).toMatchObject({ ok: true });
});

test.each(["app.hex", "app.S19", "app.elf", "app.dfu"])(
  "a %s that holds nothing of its format is refused, with a base address, too",
  async (name) => {
    const path = await place(name, Buffer.from("<html>404 not found</html>"));
    const format = name.slice(3);
    expect(await refusal(path)).toContain(`nothing of the format that its name says: ${format}`);
    expect(await refusal(path, { at: 0x0800_0000 })).toContain("nothing of the format that its name says");
  },
);

test("what is wrong inside the file is told with its place", async () => {
  const path = await place("broken.hex", lines(":0400000001020304F3"));
  expect(await loadImage(path)).toMatchObject({ ok: false, complaint: { line: 1 } });
});

test("an empty file is refused", async () => {
  expect(await refusal(await place("empty.hex", new Uint8Array()))).toBe("The file is empty.");
});

test("a file that is not there is refused in a plain sentence", async () => {
  expect(await refusal(join(folder, "missing.hex"))).toBe("There is no such file.");
});

test("a folder is refused in a plain sentence", async () => {
  expect(await refusal(folder)).toBe("This is a folder, not a file.");
});

test("a name with a NUL in it is refused, not thrown", async () => {
  expect(await refusal("app\0.hex")).toBe("The file cannot be read (ERR_INVALID_ARG_VALUE).");
});

test.skipIf(windows)("a circle of links is refused in a plain sentence", async () => {
  const path = join(folder, "circle");
  await symlink(path, path);
  expect(await refusal(path)).toBe("The link leads in a circle.");
});

test("a file above the cap is refused before it is read", async () => {
  const path = await place("huge.bin", new Uint8Array());
  await truncate(path, maxFileBytes + 1);
  expect(await refusal(path, { at: 0 })).toBe(
    "The file is too large: 67108865 bytes found, at most 67108864 were expected.",
  );
});

test.skipIf(windows)("a device that never ends is refused", async () => {
  expect(await refusal("/dev/zero")).toBe("This is a device or a pipe, not a file.");
});

test.skipIf(windows)("a pipe that nobody writes to is refused without waiting", async () => {
  const path = join(folder, "pipe");
  execFileSync("mkfifo", [path]);
  expect(await refusal(path)).toBe("This is a device or a pipe, not a file.");
});

test.skipIf(windows || process.getuid?.() === 0)(
  "a file without permission is refused in a plain sentence",
  async () => {
    const path = await place("secret.hex", lines(...plainHex));
    await chmod(path, 0o000);
    expect(await refusal(path)).toBe("The file cannot be read: permission is denied.");
  },
);
