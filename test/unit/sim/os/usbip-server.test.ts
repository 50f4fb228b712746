import { spawnSync } from "node:child_process";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { connect } from "node:net";
import { once } from "node:events";
import { describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { cdcAcmDevice } from "../../../../src/sim/os/cdc-acm-device.ts";
import { dfuUsbDevice } from "../../../../src/sim/os/dfu-usb-device.ts";
import { foreignUsbDevice } from "../../../../src/sim/os/foreign-usb-device.ts";
import type { Transfer, TransferEnd, UsbDevice } from "../../../../src/sim/os/usb-device.ts";
import { usbipServer } from "../../../../src/sim/os/usbip-server.ts";
import { dfuRom } from "../../../../src/sim/dfu/dfu-rom.ts";
import { devlist, importDevice, refusal } from "./usbip-host.ts";

/** A device that answers when the test says so, and writes down what becomes of its transfers. */
function slowDevice() {
  const seen: string[] = [];
  const running: { transfer: Transfer; end: (end: TransferEnd) => void }[] = [];
  const listeners = new Set<(attached: boolean) => void>();
  let there = true;
  const base = foreignUsbDevice("slow");
  const device: UsbDevice = {
    ...base,
    attached: () => there,
    watch(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    submit(transfer, end) {
      const name = `${transfer.endpoint}${transfer.direction} ${toHex(transfer.setup).slice(0, 4)}`;
      seen.push(name);
      running.push({ transfer, end });
      return { [Symbol.dispose]: () => seen.push(`${name} taken back`) };
    },
  };
  return {
    device,
    seen,
    running,
    turn(this: void, attached: boolean) {
      there = attached;
      for (const listener of listeners) listener(attached);
    },
  };
}

const getStatus = { kind: 0xa1, request: 3 };
const getState = { kind: 0xa1, request: 5 };
const data = (...bytes: number[]): TransferEnd => ({ kind: "data", bytes: Uint8Array.from(bytes) });

async function bench() {
  const slow = slowDevice();
  const server = await usbipServer([{ busid: "1-1", device: slow.device }], { port: 0 });
  return { ...slow, server };
}

describe("imports", () => {
  test("a device is one host's at a time, and is free again when that one lets go", async () => {
    const { server } = await bench();
    await using _end = server;
    expect(await refusal(server.port, "1-9")).toBe(4);
    const first = await importDevice(server.port, "1-1");
    expect(server.imported("1-1")).toBe(true);
    expect(await refusal(server.port, "1-1")).toBe(2);
    expect((await devlist(server.port))[11]).toBe(0);
    first[Symbol.dispose]();
    await vi.waitFor(() => expect(server.imported("1-1")).toBe(false));
    using _second = await importDevice(server.port, "1-1");
  });

  test("a device that leaves ends the connection and is not there until it is back", async () => {
    const { server, turn } = await bench();
    await using _end = server;
    const host = await importDevice(server.port, "1-1");
    const { reply } = host.submit(1, "in", { length: 64 });
    turn(false);
    await host.unplugged;
    await expect(reply).rejects.toThrow("in a transfer");
    expect(await refusal(server.port, "1-1")).toBe(4);
    turn(true);
    using _again = await importDevice(server.port, "1-1");
  });

  test("who speaks something else is cut off, the others are not", async () => {
    const { server } = await bench();
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    const stranger = connect({ host: "127.0.0.1", port: server.port });
    stranger.write("GET / HTTP/1.1\r\n\r\n");
    await once(stranger, "close");
    host.submit(1, "in", { length: 64 });
    expect(server.imported("1-1")).toBe(true);
  });
});

describe("transfers", () => {
  test("of one endpoint reach the device one after another, those of two side by side", async () => {
    const { server, seen, running } = await bench();
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    const first = host.controlIn(getStatus, 6);
    const second = host.controlIn(getState, 1);
    host.submit(1, "in", { length: 64 });
    await vi.waitFor(() => expect(seen).toEqual(["0in a103", "1in 0000"]));
    running[0]?.end(data(0, 0, 0, 0, 2, 0));
    expect(await first).toMatchObject({ status: 0, length: 6 });
    await vi.waitFor(() => expect(seen.at(-1)).toBe("0in a105"));
    running[2]?.end(data(2));
    expect(await second).toMatchObject({ status: 0, length: 1 });
  });

  test("a device that gives too much is cut at what was asked for", async () => {
    const { server, seen, running } = await bench();
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    const reply = host.controlIn(getStatus, 6);
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    running[0]?.end(data(1, 2, 3, 4, 5, 6, 7, 8));
    expect(await reply).toMatchObject({ status: 0, length: 6, data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  });

  test("a STALL of an OUT transfer leaves the stream whole: its data was read", async () => {
    const { server, seen, running } = await bench();
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    const stalled = host.controlOut({ kind: 0x21, request: 1 }, new Uint8Array(2048));
    const next = host.controlIn(getState, 1);
    await vi.waitFor(() => expect(running[0]?.transfer.data).toHaveLength(2048));
    running[0]?.end({ kind: "stall" });
    expect(await stalled).toMatchObject({ status: -32, length: 0 });
    await vi.waitFor(() => expect(seen.at(-1)).toBe("0in a105"));
    running[1]?.end(data(2));
    expect(await next).toMatchObject({ length: 1 });
  });

  test("that waits is taken back with ECONNRESET and no answer; the next one has its turn", async () => {
    const { server, seen, running } = await bench();
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    const blocked = host.submit(0, "in", {
      setup: Uint8Array.of(0xa1, 3, 0, 0, 0, 0, 6, 0),
      length: 6,
    });
    const queued = host.submit(0, "in", { setup: Uint8Array.of(0xa1, 5, 0, 0, 0, 0, 1, 0), length: 1 });
    const last = host.controlIn({ kind: 0xa1, request: 2 }, 8);
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    expect(await host.unlink(queued.seqnum)).toMatchObject({ kind: "unlinked", status: -104 });
    expect(await host.unlink(blocked.seqnum)).toMatchObject({ kind: "unlinked", status: -104 });
    expect(seen).toEqual(["0in a103", "0in a103 taken back", "0in a102"]);
    // An answer that comes too late is nobody's.
    running[0]?.end(data(0, 0, 0, 0, 2, 0));
    running[1]?.end(data(9));
    expect(await last).toMatchObject({ data: Uint8Array.of(9) });
  });

  test("that was answered already is not taken back: status 0", async () => {
    const { server, seen, running } = await bench();
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    const { seqnum, reply } = host.submit(1, "in", { length: 8 });
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    running[0]?.end(data(1));
    await reply;
    expect(await host.unlink(seqnum)).toMatchObject({ kind: "unlinked", status: 0 });
  });

  test("that wait when the host goes are taken back from the device", async () => {
    const { server, seen } = await bench();
    await using _end = server;
    const host = await importDevice(server.port, "1-1");
    host.submit(1, "in", { length: 8 });
    await vi.waitFor(() => expect(seen).toHaveLength(1));
    host[Symbol.dispose]();
    await vi.waitFor(() => expect(seen.at(-1)).toBe("1in 0000 taken back"));
  });
});

// The tool of the Debian package usbip; it lists without a kernel module.
const usbip = process.env["USBIP"] ?? "usbip";
const installed = spawnSync(usbip, ["version"]).status === 0;

describe.skipIf(!installed)("the tool usbip", () => {
  test("lists a board, an adapter and a stranger, with their interfaces", async () => {
    const spec = chipSpec("STM32F405", new Uint8Array(12));
    const wiring = { boot0: "rts", reset: "dtr" } as const;
    await using server = await usbipServer(
      [
        { busid: "1-1", device: dfuUsbDevice(simBoard(spec), dfuRom(spec.family), "fast") },
        { busid: "1-2", device: cdcAcmDevice(simBoard(spec), { wiring, pace: "fast", serial: "2" }) },
        { busid: "1-3", device: foreignUsbDevice("A fan") },
      ],
      { port: 0 },
    );
    const { stdout } = await promisify(execFile)(usbip, [
      "--tcp-port",
      String(server.port),
      "list",
      "-r",
      server.host,
    ]);
    expect(stdout).toContain("1-1: ");
    expect(stdout).toContain("(0483:df11)");
    expect(stdout).toMatch(/0 - .*\(fe\/01\/02\)/);
    expect(stdout).toContain("(1209:0001)");
    expect(stdout).toMatch(/0 - .*\(02\/02\/00\)/);
    expect(stdout).toMatch(/1 - .*\(0a\/00\/00\)/);
    expect(stdout).toContain("(1209:0002)");
  });
});
