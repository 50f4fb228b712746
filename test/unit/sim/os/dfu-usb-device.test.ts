import { describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import type { Mishap } from "../../../../src/model/mishap.ts";
import { dfuBootloader } from "../../../../src/protocol/dfu/dfu-bootloader.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { dfuRom } from "../../../../src/sim/dfu/dfu-rom.ts";
import { dfuUsbDevice } from "../../../../src/sim/os/dfu-usb-device.ts";
import { usbipServer } from "../../../../src/sim/os/usbip-server.ts";
import { importDevice, refusal } from "./usbip-host.ts";
import { dfuLink } from "./usbip-links.ts";

const never = new AbortController().signal;

async function bench(pace: "fast" | "real", chip = "STM32F405", mishap: Mishap = {}) {
  const spec = chipSpec(
    chip,
    Uint8Array.from({ length: 12 }, (_, i) => i + 1),
  );
  const board = simBoard(spec, mishap);
  const device = dfuUsbDevice(board, dfuRom(spec.family), pace);
  const server = await usbipServer([{ busid: "1-1", device }], { port: 0 });
  const loader = async () => {
    const link = await dfuLink(server.port, "1-1");
    const opened = await dfuBootloader(link, never);
    opened.adopt(spec.family);
    return { loader: opened, host: link.host, facts: link.facts };
  };
  return { spec, board, device, server, loader };
}

const firmware = Uint8Array.from({ length: 5000 }, (_, i) =>
  i < 8 ? ([0, 0, 2, 0x20, 1, 1, 0, 8][i] ?? 0) : (i * 7) & 0xff,
);
/** In blocks of the loader's own size; the last one padded. */
function* blocks(size: number): Generator<[number, Uint8Array]> {
  for (let at = 0; at < firmware.length; at += size)
    yield [0x0800_0000 + at, firmware.subarray(at, at + size)];
}

describe.each(["STM32F405", "STM32G474", "STM32L476"])("a simulated %s over USB/IP", (chip) => {
  test("tells its descriptors, is erased, written, read and started; then it is off the bus", async () => {
    const { board, device, server, loader, spec } = await bench("fast", chip);
    await using _end = server;
    const { loader: open, host, facts } = await loader();
    await using dfu = open;
    expect(facts).toMatchObject({ vendorId: 0x0483, productId: 0xdf11, dfuVersion: 0x011a });
    expect(facts.alternates[0]?.name).toMatch(/^@Internal Flash/);
    const sectors = spec.mapOf(new Map()).sectors.filter(({ address }) => address < 0x0800_0000 + 5000);
    await dfu.erase(sectors, never);
    for (const [address, bytes] of blocks(dfu.blockBytes)) await dfu.write(address, bytes, never);
    const size = dfu.blockBytes;
    for (const [address, bytes] of blocks(size))
      expect(await dfu.read(address, bytes.length, never)).toEqual(bytes);
    expect(board.chip().flash.subarray(0, 5000)).toEqual(firmware);
    await dfu.launch(0x0800_0000, never);
    await host.unplugged;
    expect(device.chip.launched()).toBe(true);
    expect(await refusal(server.port, "1-1")).toBe(4);
    expect(board.chip().complaints).toEqual([]);
  });
});

describe("a board that leaves and comes back", () => {
  test("after a leave without an application it is in its loader again, a new arrival", async () => {
    const { device, server, loader } = await bench("fast");
    await using _end = server;
    const { loader: dfu, host } = await loader();
    await dfu.launch(0x0800_0000, never);
    await host.unplugged;
    await vi.waitFor(() => expect(device.attached()).toBe(true));
    expect(device.chip.enumeration()).toBe(1);
    const again = await loader();
    expect(again.facts.productId).toBe(0xdf11);
    await again.loader[Symbol.asyncDispose]();
  });

  test("its answer to the last request comes before it leaves", async () => {
    const { device, server } = await bench("real");
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    await host.controlOut({ kind: 0x21, request: 4 });
    const address = Uint8Array.of(0x21, 0, 0, 0, 8);
    await host.controlOut({ kind: 0x21, request: 1 }, address);
    await host.controlIn({ kind: 0xa1, request: 3 }, 6);
    await host.controlIn({ kind: 0xa1, request: 3 }, 6);
    await host.controlOut({ kind: 0x21, request: 1, value: 0 });
    const last = await host.controlIn({ kind: 0xa1, request: 3 }, 6);
    expect(last).toMatchObject({ status: 0, length: 6 });
    await host.unplugged;
    // No application: the reset takes the time that the ROM needs to start.
    await vi.waitFor(() => expect(device.attached()).toBe(true));
  });

  test("a board that is pulled ends the transfer without an answer; put in again it is back", async () => {
    const { board, device, server, loader } = await bench("fast", "STM32F405", { pullAt: 1000 });
    await using _end = server;
    const { loader: dfu, host } = await loader();
    await expect(
      (async () => {
        for (const [address, bytes] of blocks(dfu.blockBytes)) await dfu.write(address, bytes, never);
      })(),
    ).rejects.toThrow("BOARD_LEFT");
    await host.unplugged;
    expect(board.present()).toBe(false);
    expect(await refusal(server.port, "1-1")).toBe(4);
    device.reseat();
    await vi.waitFor(() => expect(device.attached()).toBe(true));
    const again = await loader();
    expect(await again.loader.read(0x0800_0000, 8, never)).toEqual(firmware.subarray(0, 8));
    await again.loader[Symbol.asyncDispose]();
  });
});

describe("time", () => {
  test("a GETSTATUS that the new ROM holds can be taken back; the flash works on", async () => {
    const { server, spec } = await bench("real", "STM32G474");
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    await host.controlOut({ kind: 0, request: 9, value: 1 });
    // Erases the first page, then asks at once: a NAK until it is done.
    await host.controlOut({ kind: 0x21, request: 1 }, Uint8Array.of(0x41, 0, 0, 0, 8));
    expect(await host.controlIn({ kind: 0xa1, request: 3 }, 6)).toMatchObject({
      data: expect.objectContaining({ 4: 4 }) as object,
    });
    const held = host.submit(0, "in", { setup: Uint8Array.of(0xa1, 3, 0, 0, 0, 0, 6, 0), length: 6 });
    expect(await host.unlink(held.seqnum)).toMatchObject({ kind: "unlinked", status: -104 });
    const done = await host.controlIn({ kind: 0xa1, request: 3 }, 6);
    if (done.kind !== "submitted") throw new Error("no answer");
    expect(done.data[4]).toBe(5);
    expect(spec.family.family).toBe("G4");
  });

  test("a silent board is a transfer that never ends, until it is taken back", async () => {
    const { server } = await bench("fast", "STM32F405", { muteAfter: 0 });
    await using _end = server;
    using host = await importDevice(server.port, "1-1");
    const { seqnum, reply } = host.submit(0, "in", {
      setup: Uint8Array.of(0x80, 6, 0, 1, 0, 0, 18, 0),
      length: 18,
    });
    let answered = false;
    void reply.then(() => (answered = true));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(answered).toBe(false);
    expect(await host.unlink(seqnum)).toMatchObject({ status: -104 });
  });

  test("at the real pace an erase takes what the flash takes", async () => {
    const { server, loader, spec, board } = await bench("real");
    await using _end = server;
    const { loader: open } = await loader();
    await using dfu = open;
    const [sector] = spec.mapOf(new Map()).sectors;
    if (sector === undefined) throw new Error("no sector");
    const before = performance.now();
    await dfu.erase([sector], never);
    const took = performance.now() - before;
    const { ms } = simBoard(spec).chip().erase(sector);
    expect(took).toBeGreaterThan(ms);
    expect(took).toBeLessThan(ms + 150);
    expect(board.chip().complaints).toEqual([]);
  });
});
