import type { Clock } from "../../lib/clock.ts";
import { equalBytes } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import { busEvents } from "../../protocol/bus-events.ts";
import {
  ratesText,
  type BusEvent,
  type BusRates,
  type CanFrame,
  type FrameLink,
} from "../../protocol/links.ts";
import { queued, type Sending } from "../../protocol/sending.ts";
import { canMake, lookAtInterface, maySetRates, setInterfaceRates } from "./can-interface.ts";
import { openCanSocket, socketCanComplaint, type CanSocket } from "./can-socket.ts";

/** Until a full queue of the kernel is tried again, ms: the shortest frame at 1 Mbit/s takes 0.05. */
const fullMs = 0.5;

/** Why an interface cannot be used now, or `null`. */
export async function socketCanState(name: string): Promise<string | null> {
  const why = await socketCanComplaint();
  if (why !== null) return why;
  try {
    const { hasRate, up } = await lookAtInterface(name);
    return hasRate || up ? null : `the interface ${name} is down: "ip link set ${name} up" brings it up`;
  } catch (error) {
    if (error instanceof Fault) return error.detail;
    throw error;
  }
}

/** What the kernel says of an interface. Throws a Fault ADAPTER_LOST where there is none. */
export async function socketCanAbout(name: string): Promise<string> {
  const { hasRate, up, bitrate, dataBitrate } = await lookAtInterface(name);
  const rate =
    bitrate === null ? "no rate set" : `${ratesText({ nominal: bitrate, data: dataBitrate })} bit/s`;
  return `interface ${name}, ${up ? "up" : "down"}, ${hasRate ? rate : "without a bit rate"}`;
}

/** Why an interface cannot have these rates, the first of them where a loader starts, or `null`: nobody but root changes one. */
export async function socketCanRateComplaint(
  name: string,
  rates: readonly BusRates[],
): Promise<string | null> {
  const { hasRate, up, bitrate, dataBitrate, makes } = await lookAtInterface(name);
  const [start] = rates;
  if (!hasRate || start === undefined) return null;
  const missing = rates.filter(
    ({ nominal, data }) => !canMake(makes.nominal, nominal) || (data !== null && !canMake(makes.data, data)),
  );
  if (missing.length > 0)
    return `the interface ${name} cannot make ${missing.map(ratesText).join(", ")} bit/s`;
  const { nominal, data } = start;
  const isSet = up && bitrate === nominal && (data === null || dataBitrate === data);
  if (maySetRates() || (isSet && rates.length === 1)) return null;
  return (
    `this user may not set the bit rate of ${name}: run as root or with CAP_NET_ADMIN` +
    (data === null ? `, or set ${nominal} bit/s beforehand and give the slot "bitrate: ${nominal}"` : "")
  );
}

/**
 * One CAN interface of a Linux kernel (protocols/can-adapters.md, part B). A frame counts as taken when the kernel gives
 * it back as our own message, which it does when the controller has sent it. `setBitrate` takes the interface down and up
 * again, which root may; without that right it opens an interface that has these rates already. A vcan has no rate.
 */
export async function openSocketCan(
  name: string,
  { clock }: { readonly clock: Clock },
  signal: AbortSignal,
): Promise<FrameLink> {
  signal.throwIfAborted();
  const why = await socketCanState(name);
  if (why !== null) throw new Fault("ADAPTER_LOST", why);
  const { hasRate } = await lookAtInterface(name);
  const came = busEvents();
  let takesFd = false;
  let socket: CanSocket | null = null;
  let lost: Fault | null = null;
  const waiting: Sending[] = [];
  /** In the kernel's hands, in the order in which they come back. */
  const given: Sending[] = [];
  let pause: Disposable | null = null;

  function hear(event: BusEvent): void {
    if (event.type === "frame") {
      const [first] = given;
      // The order is the kernel's own; the content tells ours from the others'. A loader answers a frame of ours only
      // behind its echo, so that what equals it and comes first is the echo.
      if (first !== undefined && isSame(first.frame, event.frame)) {
        given.shift();
        first.resolve();
        return;
      }
    }
    came.push(event);
  }

  function lose(fault: Fault): void {
    if (lost !== null) return;
    lost = fault;
    stop(fault);
    came.fail(fault);
  }

  function stop(error: Error): void {
    socket?.close();
    socket = null;
    pause?.[Symbol.dispose]();
    pause = null;
    for (const one of [...given.splice(0), ...waiting.splice(0)]) one.reject(error);
  }

  function pump(): void {
    const open = socket;
    if (open === null || pause !== null) return;
    try {
      for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
        if (!open.send(next.frame)) {
          pause = clock.after(fullMs, () => {
            pause = null;
            pump();
          });
          return;
        }
        waiting.shift();
        given.push(next);
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      lose(error);
    }
  }

  return {
    clock,
    send(frame, stopped) {
      if (lost !== null) return Promise.reject(lost);
      const sent = queued(frame, stopped, waiting);
      pump();
      return sent;
    },
    receive: (stopped) => came.take(stopped),
    drain: () => came.drain(),
    async setBitrate(nominal, data, stopped) {
      if (lost !== null) throw lost;
      stopped.throwIfAborted();
      const restarted = new Error("the channel was restarted");
      if (!hasRate && socket !== null && takesFd === (data !== null)) {
        // Nothing restarts where there is no rate: a vcan does not hold a board's answer until somebody takes it.
        for (const one of waiting.splice(0)) one.reject(restarted);
        return;
      }
      stop(restarted);
      const now = await lookAtInterface(name);
      const isSet = now.up && now.bitrate === nominal && (data === null || now.dataBitrate === data);
      if (hasRate && !(isSet && !maySetRates())) await setInterfaceRates(name, nominal, data);
      stopped.throwIfAborted();
      came.drop(() => true);
      takesFd = data !== null;
      socket = await openCanSocket(name, { fd: takesFd, ownMessages: true, event: hear, lost: lose });
    },
    [Symbol.asyncDispose]() {
      stop(new Error("the channel was closed"));
      return Promise.resolve();
    },
  };
}

function isSame(one: CanFrame, other: CanFrame): boolean {
  return one.id === other.id && one.fd === other.fd && equalBytes(one.data, other.data);
}
