import { closeSync, constants, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import type { SerialPort } from "serialport";
import { errorCode } from "../../lib/thrown.ts";

/** A port that the driver has opened, with its settings and lines. */
export type OpenPort = Awaited<ReturnType<typeof SerialPort.binding.open>>;

export interface StreamEvents {
  bytes(bytes: Uint8Array): void;
  /** The port does not read or write any more; told once or oftener. */
  lost(cause: unknown): void;
}

/** Bytes in and out of an open port. */
export interface ByteStream {
  send(bytes: Uint8Array): void;
  /** Nothing is told any more; resolves when nothing is read any more. */
  stop(): Promise<void>;
}

export interface ByteStreamStart {
  start(events: StreamEvents): ByteStream;
}

const chunkBytes = 4096;

/**
 * Straight on the device, on Linux: the event loop reads it as the terminal that it is, and writing is a call. The
 * driver's own read and write go through the thread pool, which costs each turnaround 0.15 ms more; a block of 256
 * bytes has three of them. `null` on other systems. Throws what the system says when the device is gone already.
 */
export function directStream(port: OpenPort): ByteStreamStart | null {
  if (process.platform !== "linux" || !("fd" in port) || !("poller" in port) || port.fd === null) return null;
  const { fd, poller } = port;
  return {
    start(events) {
      let unsent: Uint8Array[] = [];
      let stopped = false;
      const chunk = new Uint8Array(chunkBytes);

      const told = (error: unknown): void => {
        if (!stopped) events.lost(error);
      };
      // A file of its own: a stream closes what it reads, and the driver's carries the lock.
      const { O_RDWR, O_NOCTTY, O_NONBLOCK } = constants;
      const file = openSync(port.openOptions.path, O_RDWR | O_NOCTTY | O_NONBLOCK);
      const reader = new ReadStream(file, {
        onread: {
          buffer: chunk,
          callback(count) {
            events.bytes(chunk.slice(0, count));
            return true;
          },
        },
      });
      reader.on("error", told);
      reader.on("end", () => told(new Error("hung up")));
      const again = isOpenedAgain(reader, file);
      const gone = new Promise<void>((resolve) => {
        reader.once("close", () => {
          if (again) closeSync(file);
          resolve();
        });
      });
      reader.resume();

      function flush(): void {
        for (let next = unsent[0]; next !== undefined; next = unsent[0]) {
          try {
            const count = writeSync(fd, next);
            if (count === next.length) unsent.shift();
            else unsent[0] = next.subarray(count);
          } catch (error) {
            if (isAgain(error))
              poller.once("writable", (failed) => (failed === null && !stopped ? flush() : undefined));
            else {
              unsent = [];
              told(error);
            }
            return;
          }
        }
      }

      return {
        send(bytes) {
          if (stopped) return;
          unsent.push(bytes);
          if (unsent.length === 1) flush();
        },
        stop() {
          stopped = true;
          reader.destroy();
          return gone;
        },
      };
    },
  };
}

/** Through the driver's own calls: every system. */
export function portStream(port: OpenPort): ByteStreamStart {
  return {
    start(events) {
      let stopped = false;
      let writing: Promise<void> = Promise.resolve();

      async function listen(): Promise<void> {
        const chunk = Buffer.alloc(chunkBytes);
        for (;;) {
          if (stopped) return;
          const { bytesRead } = await port.read(chunk, 0, chunk.length);
          events.bytes(Uint8Array.from(chunk.subarray(0, bytesRead)));
        }
      }

      const told = (error: unknown): void => {
        if (!stopped) events.lost(error);
      };
      void listen().catch(told);
      return {
        send(bytes) {
          writing = writing.then(() => port.write(Buffer.from(bytes))).catch(told);
        },
        stop() {
          stopped = true;
          return Promise.resolve();
        },
      };
    },
  };
}

/**
 * The event loop opens a terminal once more, so that its ways of waiting are nobody else's, and leaves the file that it
 * was given to us. Where it could not, that file is its own. Node has no public word for which.
 */
function isOpenedAgain(reader: ReadStream, file: number): boolean {
  const { _handle: handle } = reader as unknown as { readonly _handle?: { readonly fd?: number } };
  return handle?.fd !== undefined && handle.fd !== file;
}

function isAgain(error: unknown): boolean {
  const code = errorCode(error);
  return code === "EAGAIN" || code === "EWOULDBLOCK" || code === "EINTR";
}
