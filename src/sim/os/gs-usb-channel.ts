import type { BusError, CanFrame } from "../../protocol/links.ts";
import type { CanBus } from "../can/can-bus.ts";
import {
  echoed,
  feature,
  featuresOf,
  rateOf,
  received,
  states,
  troubleFrame,
  type Controller,
  type HostFrame,
  type Trouble,
} from "./gs-usb-wire.ts";

/** Transmit mailboxes of bxCAN, and the elements that candleLight's FDCAN uses. */
const mailboxes = 3;
/** candleLight comes back so long after a bus-off, ms; one that the host stops first does not. */
const restartMs = 100;

export interface SimChannel {
  /** False: the controller cannot be set so, or runs. */
  bitTiming(bytes: Uint8Array): boolean;
  dataBitTiming(bytes: Uint8Array): boolean;
  /** False: no bit timing was set, or a flag is asked for that it has not. */
  start(mode: number): boolean;
  stop(): void;
  /** False: the channel is stopped. */
  send(frame: HostFrame): boolean;
  state(): { readonly state: number; readonly transmit: number; readonly receive: number };
}

export interface SimChannelOptions {
  readonly number: number;
  readonly bus: CanBus;
  readonly controller: Controller;
  /** When a frame is echoed: as soon as it has a mailbox (candleLight), or when a node has taken it. */
  readonly echo: "mailbox" | "taken";
  readonly toHost: (bytes: Uint8Array) => void;
  readonly started: () => void;
}

/** One CAN controller of a simulated adapter: a node of its bus. */
export function simChannel(options: SimChannelOptions): SimChannel {
  const { number, bus, controller, echo } = options;
  let nominal: number | null = null;
  let data: number | null = null;
  let mode: number | null = null;
  let told: number = states.active;
  let queue: HostFrame[] = [];
  let boxed: HostFrame[] = [];
  let restarting: Disposable | null = null;

  const node = bus.join({ frame: hear, sent, error, busOff });
  const how = (): { mode: number; microseconds: number } => ({
    mode: mode ?? 0,
    microseconds: Math.round(bus.now() * 1000),
  });

  function hear(frame: CanFrame): void {
    options.toHost(received(number, frame, how()));
    lookAtState();
  }

  function sent(): void {
    const taken = boxed.shift();
    if (taken !== undefined && echo === "taken") options.toHost(echoed(taken, how()));
    fill();
    lookAtState();
  }

  function error(what: BusError): void {
    if (mode === null) return;
    if ((mode & feature.busErrors) !== 0) tell({ kind: "error", error: what });
    lookAtState();
  }

  function busOff(): void {
    lookAtState();
    restarting = bus.at(bus.now() + restartMs, () => {
      if (nominal === null || mode === null) return;
      // The frames in the mailboxes are lost with them.
      boxed = [];
      node.clear();
      node.setRates({ nominal, data: rateOfData() });
      told = states.active;
      tell({ kind: "restarted" });
      fill();
    });
  }

  function tell(trouble: Trouble): void {
    options.toHost(troubleFrame(number, trouble, node.counters(), how()));
  }

  function stateNow(): number {
    const { transmit, receive, off } = node.counters();
    if (mode === null) return states.stopped;
    if (off) return states.off;
    const most = Math.max(transmit, receive);
    return most >= 128 ? states.passive : most >= 96 ? states.warning : states.active;
  }

  function lookAtState(): void {
    const state = stateNow();
    if (mode === null || state === told) return;
    told = state;
    tell({ kind: "state", state });
  }

  const rateOfData = (): number | null => (((mode ?? 0) & feature.fd) !== 0 ? data : null);

  function fill(): void {
    while (boxed.length < mailboxes) {
      const next = queue.shift();
      if (next === undefined) return;
      boxed.push(next);
      if (echo === "mailbox") options.toHost(echoed(next, how()));
      node.send(next.frame);
    }
  }

  function stop(): void {
    restarting?.[Symbol.dispose]();
    restarting = null;
    mode = null;
    queue = [];
    boxed = [];
    node.setRates(null);
    node.clear();
  }

  return {
    bitTiming(bytes) {
      if (mode !== null) return false;
      nominal = rateOf(bytes, controller.clockHz, controller.nominal);
      return nominal !== null;
    },
    dataBitTiming(bytes) {
      if (mode !== null || controller.data === null) return false;
      data = rateOf(bytes, controller.clockHz, controller.data);
      return data !== null;
    },
    start(wanted) {
      if (nominal === null || (wanted & ~featuresOf(controller)) !== 0) return false;
      if ((wanted & feature.fd) !== 0 && data === null) return false;
      stop();
      mode = wanted;
      told = states.active;
      node.setRates({ nominal, data: rateOfData() });
      options.started();
      return true;
    },
    stop,
    send(frame) {
      if (mode === null) return false;
      queue.push(frame);
      fill();
      return true;
    },
    state: () => ({ state: stateNow(), ...node.counters() }),
  };
}
