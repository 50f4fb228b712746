import { closeSync, constants, openSync, readSync, writeSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { toHex } from "../../../../src/lib/bytes.ts";
import { openPty } from "../../../../src/sim/os/pty.ts";
import { ptyHere } from "./pty-here.ts";

const asHost = (path: string): number =>
  openSync(path, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);

/** A pty that writes down what happens at its other end. */
async function watched() {
  const seen: string[] = [];
  const pty = await openPty({
    opened: () => seen.push("opened"),
    bytes: (bytes) => seen.push(toHex(bytes)),
    closed: () => seen.push("closed"),
  });
  return { pty, seen, path: pty.path };
}

function heard(host: number): string {
  const bytes = new Uint8Array(64);
  try {
    return toHex(bytes.subarray(0, readSync(host, bytes)));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return "";
    throw error;
  }
}

describe.skipIf(!ptyHere)("a pty", () => {
  test("hosts come and go, one after another, and none of their bytes is changed", async () => {
    const { pty, seen, path } = await watched();
    using _end = pty;
    for (const bytes of ["7f", "0d0a1103047f00ff"]) {
      seen.length = 0;
      const host = asHost(path);
      writeSync(host, Buffer.from(bytes, "hex"));
      await vi.waitFor(() => expect(seen).toEqual(["opened", bytes]), 10_000);
      pty.send(Buffer.from(bytes, "hex"));
      expect(heard(host)).toBe(bytes);
      closeSync(host);
      await vi.waitFor(() => expect(seen.at(-1)).toBe("closed"), 10_000);
    }
  });

  test("a host that writes and leaves at once is heard", async () => {
    const { pty, seen, path } = await watched();
    using _end = pty;
    const host = asHost(path);
    writeSync(host, "7");
    closeSync(host);
    await vi.waitFor(() => expect(seen).toEqual(["opened", "37", "closed"]), 10_000);
  });

  test("what one host did not read is not there for the next one", async () => {
    const { pty, seen, path } = await watched();
    using _end = pty;
    const first = asHost(path);
    await vi.waitFor(() => expect(seen).toEqual(["opened"]), 10_000);
    pty.send(Uint8Array.of(0x79, 0x1f));
    closeSync(first);
    await vi.waitFor(() => expect(seen.at(-1)).toBe("closed"), 10_000);
    pty.send(Uint8Array.of(0x55));
    const second = asHost(path);
    await vi.waitFor(() => expect(seen.at(-1)).toBe("opened"), 10_000);
    expect(heard(second)).toBe("");
    pty.send(Uint8Array.of(0x79));
    expect(heard(second)).toBe("79");
    closeSync(second);
  });

  test("a host that never reads loses bytes and holds nobody up", async () => {
    const { pty, seen, path } = await watched();
    using _end = pty;
    const host = asHost(path);
    await vi.waitFor(() => expect(seen).toEqual(["opened"]), 10_000);
    for (let i = 0; i < 1000; i += 1) pty.send(new Uint8Array(257));
    writeSync(host, "x");
    await vi.waitFor(() => expect(seen.at(-1)).toBe("78"), 10_000);
    closeSync(host);
  });

  test("disposing twice is disposing once; the host sees the port go", async () => {
    const { pty, seen, path } = await watched();
    const host = asHost(path);
    await vi.waitFor(() => expect(seen).toEqual(["opened"]), 10_000);
    pty[Symbol.dispose]();
    pty[Symbol.dispose]();
    await vi.waitFor(() => expect(() => writeSync(host, "x")).toThrow("EIO"), 10_000);
    closeSync(host);
    expect(seen).toEqual(["opened"]);
  });
});
