import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { dfuRom } from "../../../../src/sim/dfu/dfu-rom.ts";
import { keepPlugged, type HandOver } from "../../../../src/sim/os/attach.ts";
import { dfuUsbDevice } from "../../../../src/sim/os/dfu-usb-device.ts";
import { usbipServer } from "../../../../src/sim/os/usbip-server.ts";
import { submitCommand } from "../../../../src/sim/os/usbip-urbs.ts";
import { parseStatus, vhciPorts, virtualHub } from "../../../../src/sim/os/vhci.ts";

/** Processes are started on the way. */
const soon = async (holds: () => void): Promise<void> => await vi.waitFor(holds, 10_000);

const head = "hub port sta spd dev      sockfd local_busid\n";
const free = (port: number): string => `hs  ${String(port).padStart(4, "0")} 004 000 00000000 000000 0-0\n`;
const used = (port: number, path: string): string =>
  `hs  ${String(port).padStart(4, "0")} 006 002 00010001 000003 ${path}\n`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gangflash-vhci-"));
  writeFileSync(join(folder, "attach"), "");
  writeFileSync(join(folder, "detach"), "");
});
let stop = new AbortController();
afterEach(() => {
  stop.abort();
  stop = new AbortController();
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const status = (...lines: string[]): void => writeFileSync(join(folder, "status"), head + lines.join(""));

async function bench() {
  const spec = chipSpec("STM32F405", new Uint8Array(12));
  const board = simBoard(spec);
  const device = dfuUsbDevice(board, dfuRom(spec.family), "fast");
  const exported = { busid: "1-1", device };
  const server = await usbipServer([exported], { port: 0 });
  return { board, device, exported, server };
}

describe("the virtual hub's own words", () => {
  test("name each port, its state and where its device sits (section 6)", () => {
    const lines = "hs  0001 005 000 00000000 000000 0-0\nss  0008 004 000 00000000 000000 0-0\n";
    expect(parseStatus(head + used(0, "3-1") + lines)).toEqual([
      { port: 0, kind: "hs", state: "addressed", path: "3-1" },
      { port: 1, kind: "hs", state: "taken", path: null },
      { port: 8, kind: "ss", state: "free", path: null },
    ]);
  });

  test("of all controllers are one list", () => {
    status(used(0, "3-1"), free(1));
    writeFileSync(join(folder, "status.1"), head + free(16));
    writeFileSync(join(folder, "usbip_debug"), "0");
    expect(vhciPorts(folder).map(({ port }) => port)).toEqual([0, 1, 16]);
    expect(virtualHub(folder).freePorts()).toEqual([1, 16]);
  });
});

/** A kernel that takes the connection, and whose files then say so; the connection stays open until it lets go. */
function someKernel(paths: readonly string[]) {
  const words: string[] = [];
  let letGo = (): void => undefined;
  const handOver: HandOver = (socket, { port, devid, speed }) => {
    words.push(`${port} ${devid} ${speed}`);
    // A process of its own, as the kernel is: ours closes its copy of the socket.
    const child = spawn("/bin/sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", socket] });
    letGo = () => void child.kill();
    status(used(port, paths[words.length - 1] ?? "3-1"));
  };
  return { words, handOver, letGo: () => letGo() };
}

describe.skipIf(process.platform === "win32")("a device that is kept plugged", () => {
  test("comes back to the socket that it had, each time that it was away", async () => {
    const { device, exported, server } = await bench();
    await using _end = server;
    status(free(0), free(5));
    const kernel = someKernel(["3-6", "3-6"]);
    const plugged: string[] = [];
    const kept = keepPlugged(
      {
        server,
        exported,
        port: 5,
        plugged: (path) => plugged.push(path),
        hub: virtualHub(folder),
        handOver: kernel.handOver,
      },
      stop.signal,
    );
    await soon(() => expect(plugged).toEqual(["3-6"]));
    expect(kernel.words).toEqual(["5 65537 2"]);
    kernel.letGo();
    device.reseat();
    // The kernel needs a moment to clear the socket; nothing is attached before.
    await soon(() => expect(server.imported("1-1")).toBe(false));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(kernel.words).toHaveLength(1);
    status(free(0), free(5));
    await soon(() => expect(plugged).toEqual(["3-6", "3-6"]));
    expect(kernel.words).toEqual(["5 65537 2", "5 65537 2"]);
    stop.abort();
    device.reseat();
    kernel.letGo();
    await kept;
  });

  test("is not plugged again while the system has its old device still", async () => {
    const { device, exported, server } = await bench();
    await using _end = server;
    status(free(0));
    const kernel = someKernel(["3-1", "3-1"]);
    const plugged = vi.fn<(path: string) => void>();
    const hub = virtualHub(folder, folder);
    const kept = keepPlugged(
      { server, exported, port: 0, plugged, hub, handOver: kernel.handOver },
      stop.signal,
    );
    await soon(() => expect(plugged).toHaveBeenCalledTimes(1));
    writeFileSync(join(folder, "3-1"), "");
    kernel.letGo();
    device.reseat();
    status(free(0));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(kernel.words).toHaveLength(1);
    rmSync(join(folder, "3-1"));
    await soon(() => expect(plugged).toHaveBeenCalledTimes(2));
    stop.abort();
    kernel.letGo();
    await kept;
  });

  test("is unplugged at the end", async () => {
    const { exported, server } = await bench();
    await using _end = server;
    status(free(0));
    const kernel = someKernel(["3-1"]);
    const plugged = vi.fn<(path: string) => void>();
    const kept = keepPlugged(
      { server, exported, port: 0, plugged, hub: virtualHub(folder), handOver: kernel.handOver },
      stop.signal,
    );
    await soon(() => expect(plugged).toHaveBeenCalledWith("3-1"));
    stop.abort();
    // Told when the connection is over, as the kernel ends it.
    setTimeout(() => kernel.letGo(), 20);
    await kept;
    expect(readFileSync(join(folder, "detach"), "utf8")).toBe("0");
  });

  test("that the kernel does not take is tried again, then told", async () => {
    const { exported, server } = await bench();
    await using _end = server;
    status(free(0));
    const trouble: string[] = [];
    const kept = keepPlugged(
      {
        server,
        exported,
        port: 0,
        plugged: () => undefined,
        trouble: (why) => trouble.push(why),
        hub: virtualHub(folder),
        handOver: () => {
          throw new Error("the kernel did not take it");
        },
      },
      stop.signal,
    );
    await expect(kept).rejects.toThrow("1-1 could not be attached: the kernel did not take it");
    expect(trouble).toHaveLength(3);
    await soon(() => expect(server.imported("1-1")).toBe(false));
  });

  test("is handed over by the number of our own socket", async () => {
    const { exported, server } = await bench();
    await using _end = server;
    status(free(0));
    const kept = keepPlugged(
      { server, exported, port: 0, plugged: () => undefined, hub: virtualHub(folder) },
      stop.signal,
    );
    await soon(() => expect(readFileSync(join(folder, "attach"), "utf8")).toMatch(/^0 [1-9][0-9]* 65537 2$/));
    stop.abort();
    await kept;
  });
});

describe.skipIf(process.platform === "win32")("a connection that was given away", () => {
  test("is spoken on by the one who has it, and not read by us", async () => {
    const { exported, server } = await bench();
    await using _end = server;
    status(free(0));
    const setup = Uint8Array.of(0x80, 6, 0, 1, 0, 0, 18, 0);
    const asking = submitCommand({
      seqnum: 1,
      devid: 0x0001_0001,
      direction: "in",
      endpoint: 0,
      length: 18,
      setup,
      data: new Uint8Array(),
    });
    writeFileSync(join(folder, "ask"), asking);
    // Asks for the device descriptor on the descriptor it was given: 48 bytes of header, 18 of data.
    // The descriptor does not block, as it did not here.
    const script = `: >got; cat ask >&3; while [ $(wc -c <got) -lt 66 ]; do head -c 66 <&3 >>got; done`;
    let ended = false;
    const handOver: HandOver = (socket) => {
      const child = spawn("/bin/sh", ["-c", script], {
        cwd: folder,
        stdio: ["ignore", "ignore", "ignore", socket],
      });
      child.on("close", () => (ended = true));
      status(used(0, "3-1"));
    };
    const kept = keepPlugged(
      { server, exported, port: 0, plugged: () => undefined, hub: virtualHub(folder), handOver },
      stop.signal,
    );
    await soon(() => expect(ended).toBe(true));
    const got = readFileSync(join(folder, "got"));
    expect(got).toHaveLength(66);
    expect([...got.subarray(48, 52)]).toEqual([18, 1, 0, 1]);
    stop.abort();
    await kept;
  });
});
