import type { SimBoard } from "../board.ts";
import { bitsPerByte, uartChip, type Answer, type UartChip } from "../uart/uart-chip.ts";
import { uartRom } from "../uart/uart-rom.ts";
import { openPty } from "./pty.ts";

/** What one host did between opening the port and closing it, in the simulated board's own time. */
export interface Session {
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** All bytes of both directions, one after another, at the baud rate. */
  readonly wireMs: number;
  /** What the flash took: erasing, programming. */
  readonly flashMs: number;
  /** What the host let the board wait. */
  readonly hostMs: number;
  /** From the first byte to the last answer, on the machine's clock. */
  readonly ms: number;
}

export interface UartBoardOptions {
  readonly baud: number;
  /** `real`: wire and flash take the time they take; `fast`: an answer goes out when it is known. */
  readonly pace: "fast" | "real";
  readonly onSession?: (session: Session) => void;
}

export interface PtyBoard extends Disposable {
  /** The device that a host program opens. */
  readonly path: string;
}

const SYNC = 0x7f;

/**
 * A simulated board behind a serial port of the operating system. A pty has no lines for BOOT0 and RESET, so this
 * plays the operator too: whoever opens the port finds the board freshly put in, in its loader; and a sync byte that
 * comes while the application runs is taken as put in again. Between, the loader is as strict as ever.
 *
 * Time at `real` is the board's: a byte takes its bit times, the flash its own, the host's pauses count as they
 * are. What a timer comes late is given back at the next answer, so that the sum is right although no timer is exact
 * to the millisecond.
 */
export async function uartBoard(board: SimBoard, options: UartBoardOptions): Promise<PtyBoard> {
  const { baud, pace } = options;
  const byteMs = (bitsPerByte * 1000) / baud;
  // Board time is 0 at this moment of the machine's clock.
  const born = performance.now();
  // Machine time less board time, as the host sees it: what we are late or early with the last answer is in here.
  let offset = born;
  let chip = powerUp();
  let queue: Answer[] = [];
  let timer: NodeJS.Timeout | null = null;
  let count = noCount();

  const pty = await openPty({
    opened() {
      board.putBack();
      chip = powerUp();
      count = noCount();
    },
    bytes: hear,
    closed() {
      drop();
      if (count.bytesIn > 0) options.onSession?.(sessionOf());
    },
  });

  function powerUp(): UartChip {
    const fresh = uartChip(board, uartRom(board.chip().spec.family, baud));
    fresh.reset();
    return fresh;
  }

  function hear(bytes: Uint8Array): void {
    if (chip.launched() && bytes[0] === SYNC) {
      drop();
      chip = powerUp();
    }
    const now = performance.now();
    const at = now - offset;
    if (count.bytesIn === 0) Object.assign(count, { start: at, began: now, last: at });
    if (queue.length === 0) count.hostMs += Math.max(0, at - count.last);
    count.bytesIn += bytes.length;
    queue.push(...chip.receive(bytes, at));
    count.last = Math.max(count.last, at + bytes.length * byteMs);
    pump();
  }

  /** Sends what is due, at once if it is overdue; comes back for the rest. */
  function pump(): void {
    for (let next = queue[0]; next !== undefined && timer === null; next = queue[0]) {
      const wait = pace === "fast" ? 0 : Math.round(born + next.at - performance.now());
      if (wait > 0) {
        timer = setTimeout(() => {
          timer = null;
          answer();
          pump();
        }, wait);
      } else answer();
    }
  }

  function answer(): void {
    const due = queue.shift();
    if (due === undefined) return;
    pty.send(due.bytes);
    const now = performance.now();
    offset = now - due.at;
    count.bytesOut += due.bytes.length;
    count.last = due.at;
    count.ended = now;
  }

  function drop(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    queue = [];
  }

  function sessionOf(): Session {
    const { bytesIn, bytesOut, hostMs } = count;
    const wireMs = (bytesIn + bytesOut) * byteMs;
    const whole = count.last - count.start;
    return {
      bytesIn,
      bytesOut,
      wireMs,
      flashMs: Math.max(0, whole - wireMs - hostMs),
      hostMs,
      ms: Math.max(0, count.ended - count.began),
    };
  }

  return {
    path: pty.path,
    [Symbol.dispose]() {
      drop();
      pty[Symbol.dispose]();
    },
  };
}

function noCount() {
  return { bytesIn: 0, bytesOut: 0, hostMs: 0, start: 0, last: 0, began: 0, ended: 0 };
}
