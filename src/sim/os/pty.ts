import { closeSync, constants, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { errorCode, errorText } from "../../lib/thrown.ts";
import { libc, NoPty } from "./libc.ts";

/** What happens at the other end of a pty. */
export interface PtyEvents {
  /** A program opened the port; nobody had it before. */
  opened(): void;
  bytes(bytes: Uint8Array): void;
  /** The last program that had the port open closed it, or died. */
  closed(): void;
}

/** A serial port of the operating system that this process holds the far end of. */
export interface Pty extends Disposable {
  /** The device that a host program opens. */
  readonly path: string;
  /** Puts bytes on the line. Nobody there, or nobody reads: they are lost, as on a wire without flow control. */
  send(bytes: Uint8Array): void;
}

/** While nobody has the port open the kernel reports a hang-up without end: it is looked at so often, ms. */
const lookMs = 10;
const POLLIN = 0x01;
const POLLHUP = 0x10;
const TCSANOW = 0;
const TCIFLUSH = process.platform === "linux" ? 0 : 1;
const openFlags = constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK;

/**
 * A raw pty. Hosts come and go; what was not read when one leaves is thrown away, as a closed serial port does. Throws
 * NoPty where this machine has none.
 */
export async function openPty(events: PtyEvents): Promise<Pty> {
  const c = await libc();
  const master = openMaster();
  const path = slaveOf();
  let host: ReadStream | null = null;
  let look: NodeJS.Timeout | null = null;
  let ended = false;

  const termios = new Uint8Array(256);
  c.tcgetattr(master, termios);
  c.cfmakeraw(termios);
  c.tcsetattr(master, TCSANOW, termios);
  // Opened and closed once: from now on "nobody there" is a hang-up, which it is not on a pty that is new.
  forget();
  look = setTimeout(lookForHost, lookMs);

  function openMaster(): number {
    try {
      return openSync("/dev/ptmx", openFlags);
    } catch (cause) {
      throw new NoPty(`no pty to be had: ${errorText(cause)}`, {
        cause,
      });
    }
  }

  function slaveOf(): string {
    const name = new Uint8Array(128);
    if (c.grantpt(master) !== 0 || c.unlockpt(master) !== 0 || c.ptsname_r(master, name, name.length) !== 0) {
      closeSync(master);
      throw new NoPty("no pty to be had: the kernel gives it no name");
    }
    return Buffer.from(name.subarray(0, name.indexOf(0))).toString("utf8");
  }

  /** Drops what the last host left unread: the next one must not take it for an answer. */
  function forget(): void {
    try {
      const slave = openSync(path, openFlags);
      c.tcflush(slave, TCIFLUSH);
      closeSync(slave);
    } catch {
      // Taken exclusively by a host: then it is there, and purges for itself.
    }
  }

  function someoneThere(): boolean {
    const entry = new Uint8Array(8);
    const view = new DataView(entry.buffer);
    const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;
    view.setInt32(0, master, little);
    view.setInt16(4, POLLIN, little);
    c.poll(entry, 1, 0);
    const found = view.getInt16(6, little);
    return (found & POLLHUP) === 0 || (found & POLLIN) !== 0;
  }

  function lookForHost(): void {
    look = null;
    if (!someoneThere()) {
      look = setTimeout(lookForHost, lookMs);
      return;
    }
    events.opened();
    // A stream ends with its file: each host gets a duplicate, the pty itself stays.
    host = new ReadStream(c.dup(master));
    host.on("data", (bytes: Buffer) => events.bytes(bytes));
    host.on("error", () => undefined);
    host.on("end", () => host?.destroy());
    host.on("close", () => {
      host = null;
      if (ended) return;
      forget();
      events.closed();
      look = setTimeout(lookForHost, lookMs);
    });
  }

  return {
    path,
    send(bytes) {
      if (host === null) return;
      try {
        writeSync(master, bytes);
      } catch (error) {
        const code = errorCode(error);
        if (code !== "EAGAIN" && code !== "EIO") throw error;
      }
    },
    [Symbol.dispose]() {
      if (ended) return;
      ended = true;
      if (look !== null) clearTimeout(look);
      host?.destroy();
      closeSync(master);
    },
  };
}
