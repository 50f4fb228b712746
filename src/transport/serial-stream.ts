import { readSync, writeSync } from "node:fs";
import type { SerialPort } from "serialport";

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
  /** Reads what lies in the port right now, without waiting. */
  pull(): void;
  stop(): void;
}

export interface ByteStreamStart {
  start(events: StreamEvents): ByteStream;
}

const chunkBytes = 4096;

/**
 * Straight on the file of the port: wait until it is readable, read, write, all without a thread. The driver's own
 * read and write go through the thread pool, which costs each turnaround 0.15 ms more; a block of 256 bytes has
 * three of them. `null` where the port is no file (Windows).
 */
export function directStream(port: OpenPort): ByteStreamStart | null {
  if (!("fd" in port) || !("poller" in port) || port.fd === null) return null;
  const { fd, poller } = port;
  return {
    start(events) {
      let unsent: Uint8Array[] = [];
      let stopped = false;

      function listen(): void {
        poller.once("readable", (error) => {
          if (stopped) return;
          if (error !== null) events.lost(error);
          else if (read() !== "gone") listen();
        });
      }

      function read(): "some" | "none" | "gone" {
        const chunk = new Uint8Array(chunkBytes);
        try {
          const count = readSync(fd, chunk);
          if (count > 0) {
            events.bytes(chunk.subarray(0, count));
            return "some";
          }
          // The driver asks for at least one byte: none is the end of a port that hung up.
          events.lost(new Error("hung up"));
          return "gone";
        } catch (error) {
          if (isAgain(error)) return "none";
          events.lost(error);
          return "gone";
        }
      }

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
              events.lost(error);
            }
            return;
          }
        }
      }

      listen();
      return {
        send(bytes) {
          if (stopped) return;
          unsent.push(bytes);
          if (unsent.length === 1) flush();
        },
        pull() {
          if (stopped) return;
          for (let found = read(); found === "some"; found = read());
        },
        stop() {
          stopped = true;
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
        // The driver's read waits at the port already: nothing lies there longer than a turn of the loop.
        pull: () => undefined,
        stop() {
          stopped = true;
        },
      };
    },
  };
}

function isAgain(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "EAGAIN" || code === "EWOULDBLOCK" || code === "EINTR";
}
