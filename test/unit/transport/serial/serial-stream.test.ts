import { SerialPort } from "serialport";
import { describe, expect, test, vi } from "vitest";
import { toHex } from "../../../../src/lib/bytes.ts";
import { openPty } from "../../../../src/sim/os/pty.ts";
import {
  directStream,
  portStream,
  type ByteStreamStart,
  type OpenPort,
} from "../../../../src/transport/serial/serial-stream.ts";
import { ptyHere } from "../../sim/os/pty-here.ts";

const ways: readonly { name: string; over: (port: OpenPort) => ByteStreamStart | null; here: boolean }[] = [
  { name: "straight on the device", over: directStream, here: process.platform === "linux" },
  { name: "through the driver", over: portStream, here: true },
];

/** A pty that answers each byte with the next one, and one way of talking to it. */
async function bench(over: (port: OpenPort) => ByteStreamStart | null) {
  const pty = await openPty({
    opened: () => undefined,
    bytes: (bytes) => pty.send(bytes.map((byte) => byte + 1)),
    closed: () => undefined,
  });
  const port = await SerialPort.binding.open({ path: pty.path, baudRate: 115_200, parity: "even" });
  let heard = "";
  const lost: unknown[] = [];
  const stream = over(port)?.start({
    bytes: (bytes) => {
      heard += toHex(bytes);
    },
    lost: (cause) => void lost.push(cause),
  });
  if (stream === undefined) throw new Error("not on this system");
  return {
    stream,
    pty,
    heard: () => heard,
    lost,
    async close() {
      await stream.stop();
      await port.close();
      pty[Symbol.dispose]();
    },
  };
}

describe.skipIf(!ptyHere).each(ways.filter(({ here }) => here))("a byte stream $name", ({ over }) => {
  test("brings bytes there and back, in order", async () => {
    const it = await bench(over);
    it.stream.send(Uint8Array.of(1, 2));
    it.stream.send(Uint8Array.of(3));
    await vi.waitFor(() => expect(it.heard()).toBe("020304"), 10_000);
    await it.close();
    expect(it.lost).toEqual([]);
  });

  test("tells when the port goes", async () => {
    const it = await bench(over);
    it.stream.send(Uint8Array.of(1));
    await vi.waitFor(() => expect(it.heard()).toBe("02"), 10_000);
    it.pty[Symbol.dispose]();
    await vi.waitFor(() => expect(it.lost).not.toEqual([]), 10_000);
    await it.close();
  });

  test("says nothing any more once it is stopped", async () => {
    const it = await bench(over);
    const stopped = it.stream.stop();
    it.stream.send(Uint8Array.of(1));
    await stopped;
    await it.close();
    expect(it.heard()).toBe("");
    expect(it.lost).toEqual([]);
  });
});
