import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { listeners } from "../../lib/listeners.ts";
import { assertNever } from "../../lib/assert-never.ts";
import { devlistReply, importReply, opStatus, parseOpRequest, devidOf } from "./usbip-frames.ts";
import { recordOf, type Exported } from "./usbip-record.ts";
import { usbipSession } from "./usbip-session.ts";

export interface UsbipServerOptions {
  /** 0: any that is free. */
  readonly port: number;
  /** One line for each transfer and each import: what a bench needs to see. */
  readonly log?: (line: string) => void;
}

export interface UsbipServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** True while a host has the device. */
  imported(busid: string): boolean;
  /** Told when a host takes a device and when the connection is over, whoever ended it. */
  watch(listener: (busid: string, imported: boolean) => void): Disposable;
}

/** There is no authentication in USB/IP: only this machine may ask. */
const host = "127.0.0.1";
/** Longest that a connection may be silent before it says what it wants, ms. */
const askMs = 10_000;

/**
 * Offers simulated devices to the USB/IP client of a kernel (protocols/usbip.md). A device belongs to one connection at
 * a time; when it leaves its bus the connection is closed, and when it is back a host may import it again. Throws what
 * the system says of a port that cannot be had.
 */
export async function usbipServer(
  devices: readonly Exported[],
  options: UsbipServerOptions,
): Promise<UsbipServer> {
  const log = options.log ?? (() => undefined);
  const known = new Map(devices.map((one) => [one.busid, one]));
  const held = new Map<string, Socket>();
  const sockets = new Set<Socket>();
  const { add: watch, tell } = listeners<[busid: string, imported: boolean]>();

  const server = createServer({ noDelay: true, keepAlive: true }, greet);
  await listening(server, options.port);

  function greet(socket: Socket): void {
    sockets.add(socket);
    // A host that breaks off is a host that lets go.
    socket.on("error", () => undefined);
    socket.on("close", () => void sockets.delete(socket));
    socket.setTimeout(askMs, () => socket.destroy());
    let got = Buffer.alloc(0);
    socket.on("data", function ask(bytes: Buffer) {
      got = Buffer.concat([got, bytes]);
      const asked = parseOpRequest(got);
      switch (asked.kind) {
        case "more":
          return;
        case "bad":
          log(`refused: ${asked.why}`);
          socket.destroy();
          return;
        case "devlist":
          socket.end(devlistReply(devices.filter(isFree).map(recordOf)));
          return;
        case "import":
          socket.removeListener("data", ask);
          give(socket, asked.busid);
          return;
        default:
          assertNever(asked);
      }
    });
  }

  const isFree = ({ busid, device }: Exported): boolean => device.attached() && !held.has(busid);

  function give(socket: Socket, busid: string): void {
    const found = known.get(busid);
    if (found === undefined || !isFree(found)) {
      const taken = held.has(busid);
      log(`${busid} import refused: ${taken ? "another host has it" : "not there"}`);
      socket.end(importReply(taken ? opStatus.busy : opStatus.noSuchDevice));
      return;
    }
    const record = recordOf(found);
    held.set(busid, socket);
    log(`${busid} imported`);
    socket.setTimeout(0);
    const session = usbipSession(found.device, devidOf(record), {
      send: (bytes) => void socket.write(bytes),
      broken(why) {
        log(`${busid} ${why}`);
        socket.destroy();
      },
      log: (line) => log(`${busid} ${line}`),
    });
    // What was answered before it left is still on its way, as it is on a real bus.
    const watch = found.device.watch((attached) => {
      if (!attached) socket.destroySoon();
    });
    socket.on("data", (bytes: Buffer) => session.receive(bytes));
    socket.on("close", () => {
      watch[Symbol.dispose]();
      session[Symbol.dispose]();
      held.delete(busid);
      log(`${busid} released`);
      tell(busid, false);
    });
    socket.write(importReply(record));
    tell(busid, true);
  }

  return {
    host,
    port: (server.address() as AddressInfo).port,
    imported: (busid) => held.has(busid),
    watch,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    },
  };
}

function listening(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host, port }, () => {
      server.removeListener("error", reject);
      resolve();
    });
  });
}
