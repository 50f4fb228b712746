import { closeSync } from "node:fs";
import type { Poller } from "@serialport/bindings-cpp/dist/poller.js";
import { Fault } from "../../model/fault.ts";
import type { BusEvent, CanFrame } from "../../protocol/links.ts";
import { fdBytes, packFrame, unpackFrame } from "./can-frames.ts";

/** One raw socket on an interface of the kernel. */
export interface CanSocket {
  /** False where the queue is full: it is tried again. Throws a Fault ADAPTER_LOST where the interface is gone or down. */
  send(frame: CanFrame): boolean;
  close(): void;
}

export interface CanSocketOptions {
  /** FD frames too, beside classic ones. */
  readonly fd: boolean;
  /** Hears what it has sent itself, once that was on the bus. */
  readonly ownMessages: boolean;
  readonly event: (event: BusEvent) => void;
  readonly lost: (fault: Fault) => void;
}

const [AF_CAN, SOCK_RAW, CAN_RAW, SOL_CAN_RAW] = [29, 3, 1, 101];
const SOCK_NONBLOCK = 0x800;
const SOCK_CLOEXEC = 0x80000;
const option = { errorFilter: 2, ownMessages: 4, fdFrames: 5 } as const;
/** Time-outs of the sender, lost arbitration, transceiver and restart are of no use here. */
const errorMask = 0x04 | 0x08 | 0x20 | 0x40;
const errno = { again: 11, interrupted: 4, noBuffers: 105, down: 100 } as const;
/** Frames that are read before anything else gets its turn. */
const mostAtOnce = 64;

interface Calls {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, length: number): number;
  setsockopt(fd: number, level: number, name: number, value: Uint8Array, length: number): number;
  if_nametoindex(name: string): number;
  read(fd: number, bytes: Uint8Array, length: number): number;
  write(fd: number, bytes: Uint8Array, length: number): number;
  errno(): number;
}

/** Why this machine has no SocketCAN for us, or `null`. */
export async function socketCanComplaint(): Promise<string | null> {
  if (process.platform !== "linux") return "SocketCAN is Linux's; this system has none";
  try {
    await import("koffi");
    return null;
  } catch {
    return 'SocketCAN needs the optional package koffi: "npm install koffi" brings it';
  }
}

async function systemCalls(): Promise<Calls> {
  const why = await socketCanComplaint();
  if (why !== null) throw new Fault("ADAPTER_LOST", why);
  const { default: koffi } = await import("koffi");
  const own = koffi.load(null);
  // koffi's functions are untyped; each definition stands in the one line that gives it its type.
  const call = (definition: string): unknown => own.func(definition);
  return {
    socket: call("int socket(int domain, int type, int protocol)") as Calls["socket"],
    bind: call("int bind(int fd, uint8_t *address, uint32_t length)") as Calls["bind"],
    setsockopt: call(
      "int setsockopt(int fd, int level, int name, uint8_t *value, uint32_t length)",
    ) as Calls["setsockopt"],
    if_nametoindex: call("uint32_t if_nametoindex(const char *name)") as Calls["if_nametoindex"],
    read: call("int read(int fd, _Out_ uint8_t *bytes, size_t length)") as Calls["read"],
    write: call("int write(int fd, uint8_t *bytes, size_t length)") as Calls["write"],
    errno: () => koffi.errno(),
  };
}

/**
 * Pollers by file number, each for good. One that is thrown away takes the watch from whoever has its number by then, and
 * one that was not stopped keeps the number from all others; numbers are used again, so there are never many.
 */
const pollers = new Map<number, Poller>();

/**
 * Opens a raw socket on an interface. It is waited for by the event loop itself, through the poller of the serial
 * library, so that no channel holds a thread of the pool, of which there are four. Throws a Fault ADAPTER_LOST.
 */
export async function openCanSocket(name: string, options: CanSocketOptions): Promise<CanSocket> {
  const calls = await systemCalls();
  const { Poller } = await import("@serialport/bindings-cpp/dist/poller.js");
  const index = calls.if_nametoindex(name);
  if (index === 0) throw new Fault("ADAPTER_LOST", `there is no CAN interface ${name}`);
  const fd = calls.socket(AF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
  if (fd < 0)
    throw new Fault(
      "ADAPTER_LOST",
      `this kernel gives no CAN socket (error ${calls.errno()}): is its module can_raw there?`,
    );
  let closed = false;

  function set(what: number, value: number): void {
    const bytes = new Uint8Array(Int32Array.of(value).buffer);
    if (calls.setsockopt(fd, SOL_CAN_RAW, what, bytes, bytes.length) === 0) return;
    throw new Fault(
      "ADAPTER_LOST",
      `${name} does not take option ${what} of a CAN socket (error ${calls.errno()})`,
    );
  }

  try {
    set(option.errorFilter, errorMask);
    set(option.ownMessages, options.ownMessages ? 1 : 0);
    if (options.fd) set(option.fdFrames, 1);
    const address = new Uint8Array(24);
    new Uint16Array(address.buffer, 0, 1)[0] = AF_CAN;
    new Int32Array(address.buffer, 4, 1)[0] = index;
    if (calls.bind(fd, address, address.length) !== 0)
      throw new Fault("ADAPTER_LOST", `${name} cannot be bound to (error ${calls.errno()})`);
  } catch (error) {
    closeSync(fd);
    throw error;
  }

  const poller = pollers.get(fd) ?? new Poller(fd);
  pollers.set(fd, poller);
  const room = new Uint8Array(fdBytes);
  listen();

  function listen(): void {
    poller.once("readable", () => {
      if (closed) return;
      read();
      if (!closed) listen();
    });
  }

  function read(): void {
    for (let frames = 0; frames < mostAtOnce; frames += 1) {
      // Whoever hears an event may close the socket at that.
      if (closed) return;
      const count = calls.read(fd, room, room.length);
      if (count >= 16) {
        for (const event of unpackFrame(room.slice(0, count))) options.event(event);
        continue;
      }
      const error = calls.errno();
      if (error === errno.again || error === errno.interrupted) return;
      options.lost(lostFault(error));
      return;
    }
  }

  const lostFault = (error: number): Fault =>
    new Fault(
      "ADAPTER_LOST",
      error === errno.down
        ? `the interface ${name} is down`
        : `the interface ${name} is gone (error ${error})`,
    );

  return {
    send(frame) {
      if (closed) return true;
      const bytes = packFrame(frame);
      if (calls.write(fd, bytes, bytes.length) === bytes.length) return true;
      const error = calls.errno();
      if (error === errno.again || error === errno.noBuffers || error === errno.interrupted) return false;
      throw lostFault(error);
    },
    close() {
      if (closed) return;
      closed = true;
      poller.poller.stop();
      poller.removeAllListeners();
      closeSync(fd);
    },
  };
}
