import type { Clock } from "../../lib/clock.ts";
import { busPresence } from "../bus-presence.ts";
import type { CanBus } from "../can/can-bus.ts";
import { transferMs } from "../dfu/usb-link.ts";
import { simChannel, type SimChannel } from "./gs-usb-channel.ts";
import {
  breq,
  btConst,
  btConstExt,
  channelOf,
  deviceConfig,
  hostFrame,
  overflowed,
  stateBytes,
  timestampBytes,
  wordsOf,
  type Controller,
} from "./gs-usb-wire.ts";
import { plainControl } from "./plain-control.ts";
import { candleLight, gsUsbDescriptors, gsUsbEndpoints } from "./plain-descriptors.ts";
import type { Setup, Transfer, TransferEnd, UsbDevice } from "./usb-device.ts";

export interface GsUsbOptions {
  readonly clock: Clock;
  /** One a channel; a channel is a node of its bus. */
  readonly buses: readonly CanBus[];
  readonly controller: Controller;
  /** Serial number of the adapter. */
  readonly serial: string;
  /** When a frame is echoed: as soon as it has a mailbox, as candleLight does, or when a node has taken it. */
  readonly echo?: "mailbox" | "taken";
  /** A host has started a channel. */
  readonly started?: (channel: number) => void;
}

export interface SimGsUsbDevice extends UsbDevice {
  /** What a host did that no good one does. */
  readonly complaints: readonly string[];
  /** Somebody pulls it out of the computer, or puts it in again. */
  plug(there: boolean): void;
}

/** Frames that a candleLight stick has room for, a channel. */
const roomEach = 64;
const taken: TransferEnd = { kind: "taken" };
const stall: TransferEnd = { kind: "stall" };
const nothing = { [Symbol.dispose]: (): void => undefined };
const vendorToInterface = { out: 0x41, in: 0xc1 } as const;

type Reader = { readonly length: number; readonly end: (end: TransferEnd) => void } | null;

/**
 * A gs_usb adapter as candleLight makes one, at full speed, with its channels on buses of this process. Strict: a request
 * of a wrong length, a timing that the controller has not, a frame for a stopped channel and one that is too short are
 * refused, or ignored where candleLight does, and noted as complaints.
 */
export function gsUsbDevice(options: GsUsbOptions): SimGsUsbDevice {
  const { clock, buses, controller, echo = "mailbox", started } = options;
  const descriptors = gsUsbDescriptors({
    ...candleLight,
    maker: "gangflash",
    product: "Simulated gs_usb adapter",
    serial: options.serial,
  });
  const complaints: string[] = [];
  const presence = busPresence(clock);
  let toHost: Uint8Array[] = [];
  let overrun = false;
  let reader: Reader = null;

  const channels: readonly SimChannel[] = buses.map((bus, number) =>
    simChannel({
      number,
      bus,
      controller,
      echo,
      toHost: give,
      started: () => started?.(number),
    }),
  );

  function give(bytes: Uint8Array): void {
    if (toHost.length >= roomEach * buses.length) overrun = true;
    else {
      toHost.push(overrun ? overflowed(bytes) : bytes);
      overrun = false;
    }
    flush();
  }

  function flush(): void {
    const [next] = toHost;
    if (reader === null || next === undefined) return;
    const { length, end } = reader;
    reader = null;
    toHost.shift();
    end({ kind: "data", bytes: next.subarray(0, length) });
  }

  function refused(why: string): TransferEnd {
    complaints.push(why);
    return stall;
  }

  function vendorRequest(setup: Setup, data: Uint8Array): TransferEnd {
    const { kind, request, value } = setup;
    const answer = (bytes: Uint8Array): TransferEnd =>
      kind === vendorToInterface.in
        ? { kind: "data", bytes: bytes.subarray(0, setup.length) }
        : refused(`request ${request} as ${kind.toString(16)}`);
    if (request === breq.deviceConfig) return answer(deviceConfig(buses.length));
    if (request === breq.hostFormat)
      return wordsOf(data)[0] === 0xbeef ? taken : refused("a byte order other than ours");
    const channel = channels[value];
    if (channel === undefined) return refused(`request ${request} to channel ${value}`);
    const done = (fits: boolean, what: string): TransferEnd => (fits ? taken : refused(what));
    switch (request) {
      case breq.btConst:
        return answer(btConst(controller));
      case breq.btConstExt:
        return controller.data === null ? stall : answer(btConstExt(controller));
      case breq.timestamp:
        return answer(timestampBytes(Math.round(clock.now() * 1000)));
      case breq.getState: {
        const { state, receive, transmit } = channel.state();
        return answer(stateBytes(state, receive, transmit));
      }
      case breq.identify:
        return taken;
      case breq.bitTiming:
        return done(data.length === 20 && channel.bitTiming(data), `a bit timing ${wordsOf(data).join("/")}`);
      case breq.dataBitTiming:
        return done(
          data.length === 20 && channel.dataBitTiming(data),
          `a data bit timing ${wordsOf(data).join("/")}`,
        );
      case breq.mode: {
        const [mode = 2, flags = 0] = wordsOf(data);
        if (mode === 1) return done(channel.start(flags), `a start with flags ${flags.toString(16)}`);
        if (mode !== 0) return refused(`mode ${mode}`);
        channel.stop();
        toHost = toHost.filter((bytes) => channelOf(bytes) !== value);
        return taken;
      }
      default:
        return stall;
    }
  }

  function control({ setup, data }: Transfer, end: (end: TransferEnd) => void): Disposable {
    const answer = plainControl({ descriptors, vendorRequest, configured }, setup, data);
    const bytes = answer.kind === "data" ? answer.bytes.length : data.length;
    return clock.after(transferMs(bytes), () => end(answer));
  }

  function configured(): void {
    for (const channel of channels) channel.stop();
    toHost = [];
  }

  function write(data: Uint8Array): void {
    const frame = hostFrame(data);
    if (frame === null) complaints.push(`an OUT transfer of ${data.length} bytes that is no frame`);
    else if (channels[frame.channel]?.send(frame) !== true)
      complaints.push(`a frame for channel ${frame.channel}, which is not started`);
  }

  return {
    complaints,
    descriptors: () => descriptors,
    attached: () => presence.attached(),
    watch: (listener) => presence.watch(listener),
    plug: (there) => {
      if (there) presence.appear();
      else {
        configured();
        presence.leave();
      }
    },
    submit(transfer, end) {
      const { endpoint, direction } = transfer;
      if (endpoint === 0) return control(transfer, end);
      if (endpoint === gsUsbEndpoints.out && direction === "out") {
        write(transfer.data);
        end(taken);
        return nothing;
      }
      if (endpoint === gsUsbEndpoints.in && direction === "in") {
        reader = { length: transfer.length, end };
        flush();
        return {
          [Symbol.dispose]() {
            reader = null;
          },
        };
      }
      end(stall);
      return nothing;
    },
    [Symbol.dispose]: configured,
  };
}
