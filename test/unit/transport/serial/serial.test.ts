import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { realClock } from "../../../../src/lib/clock.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import { Fault } from "../../../../src/model/fault.ts";
import type { ByteLink } from "../../../../src/protocol/links.ts";
import { openPty, type Pty } from "../../../../src/sim/os/pty.ts";
import { serialState } from "../../../../src/transport/serial/serial-port.ts";
import { openSerial } from "../../../../src/transport/serial/serial.ts";
import { ptyHere } from "../../sim/os/pty-here.ts";

const never = new AbortController().signal;
const options = { baud: 115_200, boot0: "dtr", reset: "rts", clock: realClock } as const;

/** A pty that answers each byte with the next one. */
async function echo(): Promise<Pty> {
  const pty = await openPty({
    opened: () => undefined,
    bytes: (bytes) => pty.send(bytes.map((byte) => byte + 1)),
    closed: () => undefined,
  });
  return pty;
}

async function codeOf(opening: Promise<ByteLink>): Promise<string> {
  try {
    await using _link = await opening;
    return "opened";
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}

describe.skipIf(!ptyHere)("a serial port", () => {
  test("gives exact counts, in the order the bytes came", async () => {
    using pty = await echo();
    await using link = await openSerial(pty.path, options, never);
    link.send(Uint8Array.of(1, 2, 3, 4, 5));
    expect(toHex(await link.receive(2, never))).toBe("0203");
    expect(toHex(await link.receive(3, never))).toBe("040506");
  });

  test("takes 8 KiB at once, more than the system's buffer", async () => {
    using pty = await echo();
    await using link = await openSerial(pty.path, options, never);
    const bytes = Uint8Array.from({ length: 8192 }, (_, i) => i);
    link.send(bytes);
    link.send(Uint8Array.of(7));
    const back = await link.receive(8193, never);
    expect(back.subarray(0, 8192)).toEqual(bytes.map((byte) => byte + 1));
    expect(back[8192]).toBe(8);
  });

  test("drain throws away what came and was not asked for", async () => {
    const pty = await openPty({ opened: () => undefined, bytes: () => undefined, closed: () => undefined });
    using _end = pty;
    await using link = await openSerial(pty.path, options, never);
    link.send(Uint8Array.of(0));
    // The far end notices its host first.
    await new Promise((resolve) => setTimeout(resolve, 50));
    pty.send(Uint8Array.of(0x1f, 0x1f));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(link.drain()).toBe(2);
    expect(link.drain()).toBe(0);
  });

  test("a wait ends with the reason of its signal, and the next one gets the bytes", async () => {
    using pty = await echo();
    await using link = await openSerial(pty.path, options, never);
    const stop = new AbortController();
    const waiting = link.receive(1, stop.signal);
    stop.abort(new Fault("LINK_SILENT", "no answer"));
    await expect(waiting).rejects.toThrow("LINK_SILENT");
    link.send(Uint8Array.of(1));
    expect(toHex(await link.receive(1, never))).toBe("02");
  });

  test("is ours alone while it is open", async () => {
    using pty = await echo();
    await using _link = await openSerial(pty.path, options, never);
    expect(await codeOf(openSerial(pty.path, options, never))).toBe("ADAPTER_BUSY");
  });

  test("is free again once it is closed; closing twice is closing once", async () => {
    using pty = await echo();
    const link = await openSerial(pty.path, options, never);
    await link[Symbol.asyncDispose]();
    await link[Symbol.asyncDispose]();
    expect(await codeOf(openSerial(pty.path, options, never))).toBe("opened");
  });

  test("an adapter that goes ends every wait with ADAPTER_LOST, and the closing is quiet", async () => {
    const pty = await echo();
    const link = await openSerial(pty.path, options, never);
    link.send(Uint8Array.of(1));
    await link.receive(1, never);
    const waiting = link.receive(1, never);
    pty[Symbol.dispose]();
    await expect(waiting).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    link.send(Uint8Array.of(1));
    await expect(link.receive(1, never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    expect(link.drain()).toBe(0);
    await link[Symbol.asyncDispose]();
  });

  test("an adapter that went while nobody waited is told at the next wait", async () => {
    const pty = await echo();
    await using link = await openSerial(pty.path, options, never);
    pty[Symbol.dispose]();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(link.receive(1, never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
  });

  test("a port without modem lines says that no reset went out", async () => {
    using pty = await echo();
    await using link = await openSerial(pty.path, options, never);
    expect(await link.resetToLoader(never)).toBe(false);
    expect(await link.resetToApplication(never)).toBe(false);
  });

  test("an aborted start opens nothing", async () => {
    using pty = await echo();
    const stopped = AbortSignal.abort(new Fault("INTERRUPTED", "Ctrl-C"));
    expect(await codeOf(openSerial(pty.path, options, stopped))).toBe("INTERRUPTED");
    expect(await codeOf(openSerial(pty.path, options, never))).toBe("opened");
  });
});

describe.skipIf(process.platform === "win32")("a device that cannot be opened", () => {
  let folder = "";
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "gangflash-serial-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is missing where there is nothing, a file, or a link to a port that left", async () => {
    const file = join(folder, "file");
    const link = join(folder, "link");
    writeFileSync(file, "");
    symlinkSync(join(folder, "gone"), link);
    for (const device of [join(folder, "nothing"), file, link]) {
      expect((await serialState(device)).kind).toBe("missing");
      expect(await codeOf(openSerial(device, options, never))).toBe("ADAPTER_LOST");
    }
  });

  test("named by its adapter's serial number is the one port that has it", async () => {
    const list =
      (...serials: readonly string[]) =>
      () =>
        Promise.resolve({
          ok: true as const,
          found: serials.map((serial) => ({ device: "/dev/null", byPath: null, serial, slcan: null })),
        });
    expect(await serialState("serial:A5", list("B1", "A5"))).toEqual({ kind: "there", device: "/dev/null" });
    expect(await serialState("serial:A5", list("A51"))).toMatchObject({
      why: "no serial adapter with the serial number A5 is plugged in",
    });
    expect(await serialState("serial:A5", list("A5", "A5"))).toMatchObject({
      why: expect.stringContaining("2 ports have the serial number A5: name one by its path") as string,
    });
  });

  test("is lost where it is no terminal", async () => {
    expect((await serialState("/dev/null")).kind).toBe("there");
    expect(await codeOf(openSerial("/dev/null", options, never))).toBe("ADAPTER_LOST");
  });
});
