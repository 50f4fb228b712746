import { assertNever } from "../../lib/assert-never.ts";
import { toHex } from "../../lib/bytes.ts";
import { isIn, wordAt, type TransferEnd, type UsbDevice } from "./usb-device.ts";
import {
  failedReply,
  inReply,
  outReply,
  parseCommand,
  unlinkReply,
  urbStatus,
  type Submit,
} from "./usbip-urbs.ts";

export interface SessionEvents {
  send(bytes: Uint8Array): void;
  /** What came is no USB/IP: the connection cannot go on. */
  broken(why: string): void;
  log(line: string): void;
}

/** One host's transfers with one device, from the import on. Disposing takes back what still waits. */
export interface UsbipSession extends Disposable {
  receive(bytes: Uint8Array): void;
}

/** Transfers of one endpoint in one direction: a device sees the next one when the one before is over. */
interface Lane {
  readonly waiting: Submit[];
  running: { readonly urb: Submit; cancel: Disposable | null } | null;
}

export function usbipSession(device: UsbDevice, devid: number, events: SessionEvents): UsbipSession {
  const lanes = new Map<string, Lane>();
  /** Every transfer that has no answer yet, by its number. */
  const pending = new Map<number, Lane>();
  let got = new Uint8Array();
  let ended = false;

  function receive(bytes: Uint8Array): void {
    got = Uint8Array.from(got.length === 0 ? bytes : Buffer.concat([got, bytes]));
    for (;;) {
      const parsed = parseCommand(got);
      if (parsed.kind === "more" || ended) return;
      if (parsed.kind === "bad") {
        end(parsed.why);
        return;
      }
      got = got.subarray(parsed.bytes);
      const { message } = parsed;
      if (message.devid !== devid) end(`device ${message.devid} asked for, this is ${devid}`);
      else if (message.kind === "unlink") unlink(message.seqnum, message.target);
      else submit(message);
    }
  }

  function end(why: string): void {
    drop();
    events.broken(why);
  }

  function submit(urb: Submit): void {
    if (pending.has(urb.seqnum)) {
      end(`transfer ${urb.seqnum} submitted twice`);
      return;
    }
    const lane = laneOf(urb);
    pending.set(urb.seqnum, lane);
    lane.waiting.push(urb);
    advance(lane);
  }

  function laneOf({ endpoint, direction }: Submit): Lane {
    const name = endpoint === 0 ? "0" : `${endpoint} ${direction}`;
    const lane = lanes.get(name) ?? { waiting: [], running: null };
    lanes.set(name, lane);
    return lane;
  }

  function advance(lane: Lane): void {
    for (;;) {
      if (lane.running !== null || ended) return;
      const urb = lane.waiting.shift();
      if (urb === undefined) return;
      const running: Lane["running"] = { urb, cancel: null };
      lane.running = running;
      // The answer may come before `submit` returns.
      running.cancel = device.submit(urb, (answer) => {
        if (lane.running !== running) return;
        lane.running = null;
        pending.delete(urb.seqnum);
        reply(urb, answer);
        advance(lane);
      });
    }
  }

  function reply(urb: Submit, answer: TransferEnd): void {
    events.log(`${wordsOf(urb)}: ${endWords(answer)}`);
    switch (answer.kind) {
      case "data":
        events.send(inReply(urb.seqnum, answer.bytes.subarray(0, mostOf(urb))));
        return;
      case "taken":
        events.send(urb.direction === "in" ? inReply(urb.seqnum, empty) : outReply(urb.seqnum, urb.length));
        return;
      case "stall":
        events.send(failedReply(urb.seqnum, urbStatus.stall));
        return;
      default:
        assertNever(answer);
    }
  }

  function unlink(seqnum: number, target: number): void {
    const lane = pending.get(target);
    if (lane === undefined) {
      events.log(`unlink of ${target}: answered already`);
      events.send(unlinkReply(seqnum, urbStatus.ok));
      return;
    }
    pending.delete(target);
    events.log(`unlink of ${target}`);
    if (lane.running?.urb.seqnum === target) {
      const { cancel } = lane.running;
      lane.running = null;
      cancel?.[Symbol.dispose]();
    } else {
      lane.waiting.splice(
        lane.waiting.findIndex((urb) => urb.seqnum === target),
        1,
      );
    }
    events.send(unlinkReply(seqnum, urbStatus.cancelled));
    advance(lane);
  }

  function drop(): void {
    ended = true;
    pending.clear();
    for (const lane of lanes.values()) {
      lane.waiting.length = 0;
      const { running } = lane;
      lane.running = null;
      running?.cancel?.[Symbol.dispose]();
    }
  }

  return { receive, [Symbol.dispose]: drop };
}

const empty = new Uint8Array();

/** A device gives neither more than the request says nor more than there is room for (section 8). */
function mostOf({ endpoint, setup, length }: Submit): number {
  return endpoint === 0 && isIn(setup) ? Math.min(length, wordAt(setup, 6)) : length;
}

function wordsOf(urb: Submit): string {
  const what = urb.endpoint === 0 ? toHex(urb.setup) : `endpoint ${urb.endpoint}`;
  return `${urb.seqnum} ${what} ${urb.direction} ${urb.length}`;
}

function endWords(answer: TransferEnd): string {
  return answer.kind === "data" ? `${answer.bytes.length} bytes` : answer.kind;
}
