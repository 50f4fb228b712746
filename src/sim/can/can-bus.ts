import type { Clock } from "../../lib/clock.ts";
import type { BusError, CanFrame } from "../../protocol/links.ts";
import { bitsMs, commonBits, gapBits, wireBits } from "./can-bits.ts";
import { busTime, type BusTime } from "./can-time.ts";

export interface Rates {
  readonly nominal: number;
  /** `null`: this node takes classic frames only, and an FD frame is an error to it. */
  readonly data: number | null;
}

/** What a node hears; called at the bit time at which a controller would raise its interrupt. */
export interface NodeEars {
  /** A whole frame of another node. */
  frame?(frame: CanFrame): void;
  /** A frame of this node was taken by another one. */
  sent?(frame: CanFrame): void;
  error?(error: BusError): void;
  busOff?(): void;
}

/** One controller on the bus. */
export interface BusNode {
  /** Puts a frame behind those that wait; it is repeated until a node takes it. */
  send(frame: CanFrame): void;
  /** Forgets the frames that wait. */
  clear(): void;
  /** Comes onto the bus, or changes its rates, with no errors counted; `null` leaves it. */
  setRates(rates: Rates | null): void;
  /** Transmit and receive error counters; bus-off above 255 transmit errors. */
  counters(): { readonly transmit: number; readonly receive: number; readonly off: boolean };
}

/**
 * One CAN bus in this process, to the bit: frames take the time of their bits with the stuff bits that their content
 * needs, the lowest identifier goes first, a frame that nobody takes is repeated, whoever hears another rate destroys
 * what it hears, and controllers count their errors until they are passive and then off (ISO 11898-1).
 */
export interface CanBus extends BusTime {
  join(ears: NodeEars, options?: NodeOptions): BusNode;
  /** What has happened since the start. */
  readonly tally: { frames: number; errors: number; busyMs: number };
}

export interface NodeOptions {
  /** Comes back by itself after a bus-off, as automatic bus-off management does. */
  readonly recovers?: boolean;
}

export interface CanBusOptions {
  /** A flaw of the line: true destroys this transmission of a frame. */
  readonly disturbs?: (frame: CanFrame, rates: Rates) => boolean;
}

/** Recessive bits that a controller wants to see before it takes part. */
const joinBits = 11;
/** Error flag, echoed flags, delimiter and gap. */
const errorBits = 20;
/** Where a reader with another rate knows that it reads nonsense: six equal bits after a few. */
const misreadBits = 12;
/** Where a disturbance of the line hits a frame. */
const disturbedBits = 40;
/** Wait of an error passive sender behind its own frame. */
const suspendBits = 8;
const passiveFrom = 128;
const offFrom = 256;

interface Node {
  readonly ears: NodeEars;
  readonly recovers: boolean;
  rates: Rates | null;
  queue: CanFrame[];
  transmit: number;
  receive: number;
  off: boolean;
  /** Takes part in frames that begin at this time or later. */
  since: number;
  /** May begin a frame of its own from this time on. */
  mayFrom: number;
  /** Alone and passive: its repetitions change nothing, so they are not played. */
  parked: boolean;
}

interface Sender {
  readonly node: Node;
  readonly frame: CanFrame;
}

/** One transmission: all that begin it together with one identifier, and all that listen to it. */
interface Shot {
  readonly begin: number;
  readonly frame: CanFrame;
  readonly rates: Rates;
  readonly senders: readonly Sender[];
  readonly listeners: readonly Node[];
}

interface Flaw {
  readonly bits: number;
  /** The listener that sees it first; `null`: a sender. */
  readonly by: Node | null;
}

export function canBus(clock: Clock, options: CanBusOptions = {}): CanBus {
  const time = busTime(clock);
  const nodes: Node[] = [];
  const tally = { frames: 0, errors: 0, busyMs: 0 };
  let freeAt = 0;
  let busy = false;
  let planned: Disposable | null = null;

  const bitMs = (rates: Rates): number => 1000 / rates.nominal;
  const on = (node: Node): node is Node & { rates: Rates } => node.rates !== null && !node.off;
  const wants = (node: Node): boolean => on(node) && node.queue.length > 0 && !node.parked;
  const passive = (node: Node): boolean => node.transmit >= passiveFrom || node.receive >= passiveFrom;

  /** Plans the next start of a frame, where the bus is free and anybody wants it. */
  function arm(): void {
    if (busy) return;
    planned?.[Symbol.dispose]();
    planned = null;
    let begin = Number.POSITIVE_INFINITY;
    let bit = 0;
    for (const node of nodes) {
      if (!wants(node) || !on(node)) continue;
      const from = Math.max(time.now(), freeAt, node.since, node.mayFrom);
      if (from < begin) [begin, bit] = [from, bitMs(node.rates)];
    }
    // Whoever asks within the first bit, SOF, takes part in the arbitration.
    if (begin < Number.POSITIVE_INFINITY) planned = time.at(begin + bit, () => start(begin));
  }

  function start(begin: number): void {
    planned = null;
    let senders: Sender[] = [];
    for (const node of nodes) {
      const [frame] = node.queue;
      if (frame === undefined || !wants(node) || Math.max(node.since, node.mayFrom) > time.now()) continue;
      const lowest = senders[0]?.frame.id ?? 0x800;
      if (frame.id < lowest) senders = [{ node, frame }];
      else if (frame.id === lowest) senders.push({ node, frame });
    }
    const [first] = senders;
    if (first === undefined || !on(first.node)) {
      arm();
      return;
    }
    const { rates } = first.node;
    const sending = new Set(senders.map(({ node }) => node));
    const shot: Shot = {
      begin,
      frame: first.frame,
      rates,
      senders,
      listeners: nodes.filter((node) => on(node) && !sending.has(node) && node.since <= begin),
    };
    busy = true;
    const found = flaw(shot);
    const ms =
      found === null
        ? bitsMs(wireBits(shot.frame), rates.nominal, rates.data)
        : (found.bits + errorBits) * bitMs(rates);
    time.at(begin + ms - gapBits * bitMs(rates), () => {
      if (found === null) deliver(shot);
      else spoil(shot, found.by);
      free(shot);
    });
  }

  /** What destroys this transmission, and after how many bits; `null`: nothing. */
  function flaw({ frame, rates, senders, listeners }: Shot): Flaw | null {
    const alien = (node: Node): boolean => !passive(node) && !hears(node, frame, rates);
    const by = listeners.find(alien) ?? null;
    if (by !== null || senders.some(({ node }) => alien(node))) return { bits: misreadBits, by };
    for (const other of senders) {
      // One identifier, two contents: both win the arbitration, and one reads a bit that it did not send.
      const bits = other.frame === frame ? null : commonBits(frame, other.frame);
      if (bits !== null) return { bits, by: null };
    }
    return options.disturbs?.(frame, rates) === true ? { bits: disturbedBits, by: null } : null;
  }

  function hears(node: Node, frame: CanFrame, rates: Rates): boolean {
    if (node.rates?.nominal !== rates.nominal) return false;
    return !frame.fd || (node.rates.data !== null && node.rates.data === rates.data);
  }

  function deliver({ begin, frame, rates, senders, listeners }: Shot): void {
    const left = senders.filter(({ node }) => on(node) && node.since <= begin);
    const heard = listeners.filter((node) => on(node) && node.since <= begin && hears(node, frame, rates));
    if (heard.length === 0 || left.length === 0) {
      tally.errors += 1;
      for (const { node } of left) {
        // A passive sender that hears no dominant bit counts no further: alone it never goes off the bus.
        if (node.transmit < passiveFrom) node.transmit += 8;
        else node.parked = !nodes.some((other) => other !== node && on(other));
        node.ears.error?.("ack");
      }
      return;
    }
    tally.frames += 1;
    for (const sender of left) {
      const { node } = sender;
      if (node.queue[0] === sender.frame) node.queue.shift();
      node.transmit = Math.max(0, node.transmit - 1);
      node.ears.sent?.(sender.frame);
    }
    for (const node of heard) {
      node.receive = node.receive >= passiveFrom ? passiveFrom - 1 : Math.max(0, node.receive - 1);
      node.ears.frame?.(frame);
    }
  }

  function spoil({ senders, listeners }: Shot, by: Node | null): void {
    tally.errors += 1;
    for (const { node } of senders) {
      if (!on(node)) continue;
      node.transmit += 8;
      node.ears.error?.("bit");
      if (node.transmit >= offFrom) switchOff(node);
    }
    for (const node of listeners) {
      if (!on(node)) continue;
      // The one that flags first hears the flags of the others behind its own, which counts eight more.
      node.receive = Math.min(255, node.receive + (node === by ? 9 : 1));
      node.ears.error?.(node === by ? "stuff" : "form");
    }
  }

  function switchOff(node: Node): void {
    node.off = true;
    node.ears.busOff?.();
    const { rates } = node;
    if (!node.recovers || rates === null) return;
    time.at(time.now() + 128 * joinBits * bitMs(rates), () => {
      if (node.off && node.rates === rates) setRates(node, rates);
    });
  }

  function free({ begin, rates, senders }: Shot): void {
    freeAt = time.now() + gapBits * bitMs(rates);
    tally.busyMs += freeAt - begin;
    for (const { node } of senders) if (passive(node)) node.mayFrom = freeAt + suspendBits * bitMs(rates);
    busy = false;
    arm();
  }

  function setRates(node: Node, rates: Rates | null): void {
    Object.assign(node, { rates, transmit: 0, receive: 0, off: false, mayFrom: 0 });
    node.since = time.now() + (rates === null ? 0 : joinBits * bitMs(rates));
    for (const one of nodes) one.parked = false;
    arm();
  }

  return {
    ...time,
    tally,
    join(ears, { recovers = false } = {}) {
      const node: Node = {
        ears,
        recovers,
        rates: null,
        queue: [],
        transmit: 0,
        receive: 0,
        off: false,
        since: 0,
        mayFrom: 0,
        parked: false,
      };
      nodes.push(node);
      return {
        send(frame) {
          node.queue.push(frame);
          for (const one of nodes) one.parked = false;
          if (node.queue.length === 1) arm();
        },
        clear() {
          node.queue = [];
        },
        setRates: (rates) => setRates(node, rates),
        counters: () => ({ transmit: node.transmit, receive: node.receive, off: node.off }),
      };
    },
  };
}
