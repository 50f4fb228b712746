import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { stringText } from "../../../../src/protocol/dfu/descriptors.ts";
import { devlistRequest, importRequest, parseImportReply } from "../../../../src/sim/os/usbip-frames.ts";
import { parseReply, submitCommand, unlinkCommand, type Reply } from "../../../../src/sim/os/usbip-urbs.ts";

const none = new Uint8Array();

/** The device left, or the server ended the connection. */
export class Unplugged extends Error {}

export interface ControlRequest {
  readonly kind: number;
  readonly request: number;
  readonly value?: number;
  readonly index?: number;
}

/** The client of a kernel, as far as a test needs one. */
export interface UsbipHost extends Disposable {
  /** Starts a transfer; the answer is `Unplugged` when the device leaves. */
  submit(
    endpoint: number,
    direction: "in" | "out",
    what: { readonly setup?: Uint8Array; readonly length?: number; readonly data?: Uint8Array },
  ): { readonly seqnum: number; readonly reply: Promise<Reply> };
  unlink(target: number): Promise<Reply>;
  controlIn(request: ControlRequest, length: number): Promise<Reply>;
  controlOut(request: ControlRequest, data?: Uint8Array): Promise<Reply>;
  text(index: number): Promise<string>;
  /** Resolves when the connection is over. */
  readonly unplugged: Promise<void>;
}

function setupOf({ kind, request, value = 0, index = 0 }: ControlRequest, length: number): Uint8Array {
  const word = (n: number): number[] => [n & 0xff, n >>> 8];
  return Uint8Array.from([kind, request, ...word(value), ...word(index), ...word(length)]);
}

async function asked(port: number, request: Uint8Array): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true });
  await once(socket, "connect");
  socket.write(request);
  return socket;
}

/** All bytes that the server sends before it closes. */
async function all(socket: Socket): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => parts.push(bytes));
  await once(socket, "close");
  return Uint8Array.from(Buffer.concat(parts));
}

export const devlist = async (port: number): Promise<Uint8Array> =>
  await all(await asked(port, devlistRequest()));

/** Status of an import that is refused. */
export async function refusal(port: number, busid: string): Promise<number> {
  const answer = parseImportReply(await all(await asked(port, importRequest(busid))));
  if (answer.kind !== "refused") throw new Error(`${busid} was not refused: ${answer.kind}`);
  return answer.status;
}

export async function importDevice(port: number, busid: string): Promise<UsbipHost> {
  const socket = await asked(port, importRequest(busid));
  const waiting = new Map<number, { isIn: boolean; end: (reply: Reply | null) => void }>();
  let got = none;
  let next = 1;
  let devid: number | null = null;
  const imported = Promise.withResolvers<void>();
  let over = false;
  const unplugged = new Promise<void>((resolve) => {
    socket.on("close", () => {
      over = true;
      for (const { end } of waiting.values()) end(null);
      imported.reject(new Unplugged("before the import was answered"));
      resolve();
    });
  });
  socket.on("error", () => undefined);
  socket.on("data", (bytes: Buffer) => {
    got = Uint8Array.from(Buffer.concat([got, bytes]));
    if (devid === null) {
      const answer = parseImportReply(got);
      if (answer.kind === "more") return;
      if (answer.kind !== "device" || answer.busid !== busid) {
        imported.reject(new Error(JSON.stringify(answer)));
        return;
      }
      ({ devid } = answer);
      got = none;
      imported.resolve();
      return;
    }
    for (;;) {
      const parsed = parseReply(got, (seqnum) => waiting.get(seqnum)?.isIn ?? false);
      if (parsed.kind === "more") return;
      if (parsed.kind === "bad") throw new Error(parsed.why);
      got = got.subarray(parsed.bytes);
      const known = waiting.get(parsed.message.seqnum);
      // As vhci does: an answer to nothing ends the connection.
      if (known === undefined) throw new Error(`answer to ${parsed.message.seqnum}, which nobody asked`);
      waiting.delete(parsed.message.seqnum);
      known.end(parsed.message);
    }
  });
  await imported.promise;

  function send(isIn: boolean, make: (seqnum: number, device: number) => Uint8Array) {
    const seqnum = next;
    next += 1;
    const reply = new Promise<Reply>((resolve, reject) => {
      waiting.set(seqnum, {
        isIn,
        end: (answer) => (answer === null ? reject(new Unplugged("in a transfer")) : resolve(answer)),
      });
    });
    // Whoever lets it wait learns of the end by `unplugged`.
    reply.catch(() => undefined);
    if (over) waiting.get(seqnum)?.end(null);
    else socket.write(make(seqnum, devid ?? 0));
    return { seqnum, reply };
  }

  const host: UsbipHost = {
    unplugged,
    submit: (endpoint, direction, { setup = new Uint8Array(8), length = 0, data = none }) =>
      send(direction === "in", (seqnum, device) =>
        submitCommand({ seqnum, devid: device, direction, endpoint, length, setup, data }),
      ),
    async unlink(target) {
      const { reply } = send(false, (seqnum, device) => unlinkCommand({ seqnum, devid: device, target }));
      const answer = await reply;
      // Cancelled means: no answer will come for it.
      if (answer.kind === "unlinked" && answer.status !== 0) waiting.delete(target);
      return answer;
    },
    controlIn: (request, length) => host.submit(0, "in", { setup: setupOf(request, length), length }).reply,
    controlOut: (request, data = none) =>
      host.submit(0, "out", { setup: setupOf(request, data.length), data }).reply,
    async text(index) {
      const reply = await host.controlIn({ kind: 0x80, request: 6, value: 0x300 + index, index: 0x409 }, 255);
      return reply.kind === "submitted" ? (stringText(reply.data) ?? "") : "";
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
  return host;
}
