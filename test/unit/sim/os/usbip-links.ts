import { byteBuffer } from "../../../../src/lib/byte-buffer.ts";
import { realClock } from "../../../../src/lib/clock.ts";
import { Fault } from "../../../../src/model/fault.ts";
import { dfuFacts, parseDescriptors, stringsNeeded } from "../../../../src/protocol/dfu/descriptors.ts";
import type { ByteLink, ControlAnswer, ControlLink, ControlSetup } from "../../../../src/protocol/links.ts";
import type { Reply } from "../../../../src/sim/os/usbip-urbs.ts";
import { importDevice, Unplugged, type UsbipHost } from "./usbip-host.ts";

/** The loader of a board over USB/IP, as our own DFU host wants it. */
export async function dfuLink(
  port: number,
  busid: string,
): Promise<ControlLink & { readonly host: UsbipHost }> {
  const host = await importDevice(port, busid);
  const bytes = async (value: number, length: number): Promise<Uint8Array> => {
    const reply = await host.controlIn({ kind: 0x80, request: 6, value }, length);
    return reply.kind === "submitted" ? reply.data : new Uint8Array();
  };
  const device = await bytes(0x100, 64);
  const configuration = await bytes(0x200, 255);
  await host.controlOut({ kind: 0, request: 9, value: 1 });
  const found = parseDescriptors(device, configuration);
  if (typeof found === "string") throw new Error(found);
  const strings = new Map<number, string>();
  for (const index of stringsNeeded(found)) strings.set(index, await host.text(index));

  async function transfer(
    direction: "in" | "out",
    { type, request, value }: ControlSetup,
    length: number,
    data: Uint8Array,
    signal: AbortSignal,
  ): Promise<ControlAnswer> {
    const kind = (direction === "in" ? 0x80 : 0) | (type === "class" ? 0x20 : 0) | 1;
    const setup = Uint8Array.from([
      kind,
      request,
      value & 0xff,
      value >>> 8,
      0,
      0,
      length & 0xff,
      length >>> 8,
    ]);
    const { seqnum, reply } = host.submit(0, direction, { setup, length, data });
    const stop = (): void => void host.unlink(seqnum);
    signal.addEventListener("abort", stop, { once: true });
    try {
      const answer = await Promise.race([reply, aborted(signal)]);
      if (answer.kind !== "submitted") throw new Error("no answer to a transfer");
      return answer.status === 0 ? { stall: false, data: answer.data } : { stall: true };
    } catch (error) {
      throw error instanceof Unplugged ? new Fault("BOARD_LEFT", "left") : error;
    } finally {
      signal.removeEventListener("abort", stop);
    }
  }

  return {
    host,
    clock: realClock,
    facts: dfuFacts(found, strings),
    controlIn: (setup, length, signal) => transfer("in", setup, length, new Uint8Array(), signal),
    controlOut: (setup, data, signal) => transfer("out", setup, data.length, data, signal),
    [Symbol.asyncDispose]() {
      host[Symbol.dispose]();
      return Promise.resolve();
    },
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  });
}

/** A serial port over USB/IP, as cdc-acm makes one. */
export interface AcmPort extends ByteLink {
  readonly host: UsbipHost;
  coding(baud: number, parity: number): Promise<void>;
  lines(dtr: boolean, rts: boolean): Promise<void>;
  /** Bits of the notifications so far. */
  states(): number;
  /** What the port does when the last program closes it. */
  close(): Promise<void>;
  open(): void;
}

const readers = 4;

export async function acmPort(port: number, busid: string): Promise<AcmPort> {
  const host = await importDevice(port, busid);
  await host.controlOut({ kind: 0, request: 9, value: 1 });
  const buffer = byteBuffer();
  let states = 0;
  let isOpen = false;
  let reading: number[] = [];

  function read(): void {
    const { seqnum, reply } = host.submit(1, "in", { length: 128 });
    reading.push(seqnum);
    void again(seqnum, reply);
  }

  async function again(seqnum: number, reply: Promise<Reply>): Promise<void> {
    const answer = await reply.catch(() => null);
    reading = reading.filter((one) => one !== seqnum);
    if (answer?.kind !== "submitted") return;
    buffer.push(answer.data);
    if (isOpen) read();
  }

  async function notifications(): Promise<void> {
    for (;;) {
      const answer = await host.submit(2, "in", { length: 16 }).reply.catch(() => null);
      if (answer?.kind !== "submitted") return;
      states |= answer.data[8] ?? 0;
    }
  }

  const acm: AcmPort = {
    host,
    clock: realClock,
    states: () => states,
    async coding(baud, parity) {
      const bytes = Uint8Array.of(baud & 0xff, (baud >>> 8) & 0xff, baud >>> 16, 0, 0, parity, 8);
      await host.controlOut({ kind: 0x21, request: 0x20 }, bytes);
    },
    async lines(dtr, rts) {
      await host.controlOut({ kind: 0x21, request: 0x22, value: (dtr ? 1 : 0) | (rts ? 2 : 0) });
    },
    open() {
      isOpen = true;
      for (let i = 0; i < readers; i += 1) read();
    },
    async close() {
      isOpen = false;
      await Promise.all(reading.map((seqnum) => host.unlink(seqnum)));
      reading = [];
    },
    send: (data) => void host.submit(1, "out", { data }).reply.catch(() => undefined),
    receive: (count, signal) => buffer.take(count, signal),
    drain: () => buffer.clear(),
    resetToLoader: () => Promise.resolve(false),
    resetToApplication: () => Promise.resolve(false),
    [Symbol.asyncDispose]() {
      host[Symbol.dispose]();
      return Promise.resolve();
    },
  };
  acm.open();
  void notifications();
  return acm;
}
