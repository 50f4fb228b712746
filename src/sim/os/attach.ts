import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { errorText } from "../../lib/thrown.ts";
import { assertNever } from "../../lib/assert-never.ts";
import { realClock, sleep } from "../../lib/clock.ts";
import { whenTrue } from "../../lib/when-true.ts";
import type { UsbipServer } from "./usbip-server.ts";
import type { Exported } from "./usbip-record.ts";
import { importRequest, opStatus, parseImportReply } from "./usbip-frames.ts";
import type { VirtualHub } from "./vhci.ts";

export interface AttachOptions {
  readonly server: Pick<UsbipServer, "host" | "port" | "imported" | "watch">;
  readonly exported: Exported;
  readonly hub: VirtualHub;
  /** The socket of the virtual hub that is this device's for as long as it is kept. */
  readonly port: number;
  /** Each time that the system has it, first or again, at the same path. */
  readonly plugged: (path: string) => void;
  /** Another try is made; why. */
  readonly trouble?: (why: string) => void;
  readonly handOver?: HandOver;
}

/** What the kernel's `attach` file wants to know beside the connection. */
export interface AttachWords {
  readonly port: number;
  readonly devid: number;
  readonly speed: number;
}

/** Gives the connection to the kernel. */
export type HandOver = (socket: Socket, words: AttachWords, folder: string) => void;

/** Tries of one attach, and the pause between two, ms. */
const tries = 3;
const pauseMs = 200;
const lookMs = 50;
/** Longest until the kernel has forgotten a device that left, ms; the same hub may be busy with others. */
const clearedMs = 60_000;
/** Longest from the attach to an address, ms: a hub takes its devices one after another, a slow machine 2 s for each. */
const addressMs = 60_000;

/**
 * Keeps a simulated device in one socket of the kernel's virtual hub until the signal aborts: attaches it, and attaches
 * it again each time it has left its bus and is back. `usbip attach` takes the first socket that is free, so two boards
 * that restart together would change places; a real board comes back where it was. So this asks for the device itself
 * and gives the connection to the kernel with the number of the socket. Rejects when a device cannot be attached.
 */
export async function keepPlugged(options: AttachOptions, signal: AbortSignal): Promise<void> {
  const { server, exported, hub, port, plugged } = options;
  let path: string | null = null;
  try {
    while (!signal.aborted) {
      path = await attached(options, path, signal);
      plugged(path);
      await whenTrue(() => !server.imported(exported.busid), server, signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    if (server.imported(exported.busid)) hub.detach(port);
  }
}

/** Attaches the device, as soon as it is on its bus; where it sits. `before`: where it sat the last time. */
async function attached(options: AttachOptions, before: string | null, signal: AbortSignal): Promise<string> {
  const { exported } = options;
  for (let left = tries; ;) {
    await onBus(exported, signal);
    const result = await tryOnce(options, before, signal);
    switch (result.kind) {
      case "plugged":
        return result.path;
      case "left":
        break;
      case "failed":
        options.trouble?.(result.why);
        left -= 1;
        if (left === 0) throw new Error(`${exported.busid} could not be attached: ${result.why}`);
        break;
      default:
        assertNever(result);
    }
    await sleep(realClock, pauseMs, signal);
  }
}

type Try =
  | { readonly kind: "plugged"; readonly path: string }
  /** It was off its bus again before it had an address, as a board is that is pulled. */
  | { readonly kind: "left" }
  | { readonly kind: "failed"; readonly why: string };

async function tryOnce(options: AttachOptions, before: string | null, signal: AbortSignal): Promise<Try> {
  const { server, exported, hub, port } = options;
  const failed = (why: string): Try => ({ kind: "failed", why });
  // A device that comes back before the hub has noticed that it was away is taken for the old one, and never asked.
  const cleared = realClock.now() + clearedMs;
  for (;;) {
    const state = hub.port(port)?.state;
    const old = before !== null && hub.remembers(before);
    if (state === "free" && !old) break;
    const is = old ? "has its old device still" : `is ${state ?? "not there"}`;
    if (realClock.now() > cleared) return failed(`socket ${port} of the virtual hub ${is}`);
    await sleep(realClock, lookMs, signal);
  }
  try {
    const { socket, devid, speed } = await imported(server, exported.busid, signal);
    try {
      (options.handOver ?? handOverHere)(socket, { port, devid, speed }, hub.folder);
    } finally {
      // The kernel holds the connection by itself now; where it refused, this ends it. Not a turn later: what comes from
      // now on is the kernel's to read.
      socket.destroy();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return failed(errorText(error));
  }
  const end = realClock.now() + addressMs;
  for (;;) {
    const place = hub.port(port);
    if (typeof place?.path === "string") return { kind: "plugged", path: place.path };
    if (!exported.device.attached()) return { kind: "left" };
    if (realClock.now() > end || place?.state === "broken") {
      hub.detach(port);
      return failed(`the kernel gave it no address, socket ${port} is ${place?.state ?? "not there"}`);
    }
    await sleep(realClock, lookMs, signal);
  }
}

interface Imported {
  readonly socket: Socket;
  readonly devid: number;
  readonly speed: number;
}

/** Asks the server for the device; after its answer the server is silent until the kernel speaks. */
function imported(
  { host, port }: Pick<UsbipServer, "host" | "port">,
  busid: string,
  signal: AbortSignal,
): Promise<Imported> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true });
    let got = Buffer.alloc(0);
    const stop = (): void => fail(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
    function done(): void {
      signal.removeEventListener("abort", stop);
      socket.removeAllListeners("data");
      socket.pause();
    }
    function fail(error: Error): void {
      done();
      socket.destroy();
      reject(error);
    }
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the server closed the connection")));
    socket.on("connect", () => socket.write(importRequest(busid)));
    socket.on("data", (bytes: Buffer) => {
      got = Buffer.concat([got, bytes]);
      const answer = parseImportReply(got);
      switch (answer.kind) {
        case "more":
          return;
        case "bad":
          fail(new Error(answer.why));
          return;
        case "refused":
          fail(new Error(answer.status === opStatus.busy ? "another host has it" : "it is not on its bus"));
          return;
        case "device":
          done();
          resolve({ socket, devid: answer.devid, speed: answer.speed });
          return;
        default:
          assertNever(answer);
      }
    });
  });
}

/**
 * The kernel looks the number up among the descriptors of the process that writes, so that is us. Node shows a socket's
 * number on its handle only; a child that is given the socket would do as well, but starting one holds up every board
 * for half a second on an emulated machine.
 */
const handOverHere: HandOver = (socket, { port, devid, speed }, folder) => {
  const { _handle: handle } = socket as unknown as { readonly _handle?: { readonly fd?: unknown } | null };
  if (typeof handle?.fd !== "number" || handle.fd < 0)
    throw new Error("this Node does not tell a socket's number");
  writeFileSync(join(folder, "attach"), `${port} ${handle.fd} ${devid} ${speed}`);
};

/** Waits until the device is on its bus. */
function onBus({ device }: Exported, signal: AbortSignal): Promise<void> {
  return whenTrue(() => device.attached(), device, signal);
}
