import { listeners } from "../../lib/listeners.ts";
import { assertNever } from "../../lib/assert-never.ts";
import { realClock } from "../../lib/clock.ts";
import type { SimBoard } from "../board.ts";
import type { DfuRom } from "../dfu/dfu-rom.ts";
import { transferMs } from "../dfu/usb-link.ts";
import { applicationDescriptors, detachMs } from "./application-descriptors.ts";
import { dfuUsbDevice, type DfuUsbDevice } from "./dfu-usb-device.ts";
import { paceClock, type Pace } from "./pace-clock.ts";
import { plainControl } from "./plain-control.ts";
import { endpoints } from "./plain-descriptors.ts";
import { setupOf, wordAt, type Setup, type Transfer, type TransferEnd } from "./usb-device.ts";

/** What makes a simulated application give way to its chip's loader. */
export type Trigger =
  | { readonly kind: "detach"; readonly willDetach: boolean }
  | { readonly kind: "touch" }
  | { readonly kind: "command"; readonly text: string }
  /** A DFU run-time interface that refuses every DETACH. */
  | { readonly kind: "refuse" }
  /** A port that hears everything and obeys nothing. */
  | { readonly kind: "deaf" };

const taken: TransferEnd = { kind: "taken" };
const stall: TransferEnd = { kind: "stall" };
const none: Disposable = { [Symbol.dispose]: () => undefined };

const cdc = { setCoding: 0x20, getCoding: 0x21, setLines: 0x22, sendBreak: 0x23 } as const;
const dfuDetach = 0;
const touchBaud = 1200;
/** The application shuts down before it resets, ms. */
const shutdownMs = 20;

/**
 * A board with BOOT0 low: it runs its application until that is asked to go, then its loader is on the bus at the same
 * place. A reset by the loader ends in the application again, if there is one in flash; a blank chip stays in its loader.
 * As delivered its flash begins with the vectors of that application.
 */
export function applicationDevice(board: SimBoard, rom: DfuRom, trigger: Trigger, pace: Pace): DfuUsbDevice {
  const { family } = board.chip().spec;
  board.chip().flash.set([0x00, 0x40, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08]);
  const clock = paceClock(pace);
  const loader = dfuUsbDevice(board, rom, pace);
  const { add: watch, tell } = listeners<[attached: boolean]>();
  const descriptors = applicationDescriptors(shown(trigger), "APP");
  let mode: "application" | "loader" | "off" = "application";
  let entering = false;
  let awaitsReset = false;
  let coding = codingOf(115_200);
  let heard = "";
  let dtr = false;
  let timer: Disposable | null = null;

  /** In real time at every pace: a host that has to reset the bus in time needs its time. */
  function later(ms: number, then: () => void): void {
    timer?.[Symbol.dispose]();
    timer = realClock.after(ms, then);
  }

  const own = loader.watch((attached) => {
    if (mode !== "loader") return;
    if (entering || !board.present()) {
      if (attached) entering = false;
      tell(attached);
    } else if (attached && board.chip().bootable(family.flashStart)) startApplication();
    else {
      tell(attached);
      if (!attached && loader.chip.launched()) later(family.bootMs, startApplication);
    }
  });

  function startApplication(): void {
    mode = "application";
    awaitsReset = false;
    heard = "";
    dtr = false;
    coding = codingOf(115_200);
    tell(true);
  }

  function enterLoader(): void {
    if (mode === "loader") return;
    toLoader();
  }

  /** A reset with the loader behind it, however that is brought about. */
  function toLoader(): void {
    mode = "loader";
    entering = true;
    const wasOn = loader.attached();
    loader.chip.reset();
    if (!wasOn) tell(false);
  }

  function leaveSoon(): void {
    later(shutdownMs, enterLoader);
  }

  function classRequest(setup: Setup, data: Uint8Array): TransferEnd {
    if (trigger.kind === "detach" || trigger.kind === "refuse")
      return setup.request === dfuDetach && setup.index === 1 ? detached() : stall;
    switch (setup.request) {
      case cdc.setCoding:
        coding = data.slice();
        return taken;
      case cdc.getCoding:
        return { kind: "data", bytes: coding.subarray(0, setup.length) };
      case cdc.setLines:
        lines((setup.value & 1) !== 0);
        return taken;
      case cdc.sendBreak:
        return taken;
      default:
        return stall;
    }
  }

  function detached(): TransferEnd {
    if (trigger.kind === "refuse") return stall;
    if (trigger.kind === "detach" && trigger.willDetach) leaveSoon();
    else {
      awaitsReset = true;
      // Nobody resets the bus in time: it goes on as before.
      later(detachMs, () => (awaitsReset = false));
    }
    return taken;
  }

  function lines(now: boolean): void {
    const fell = dtr && !now;
    dtr = now;
    const baud = wordAt(coding, 0) | (wordAt(coding, 2) << 16);
    if (trigger.kind === "touch" && fell && baud === touchBaud) leaveSoon();
  }

  function hear(data: Uint8Array): void {
    heard = (heard + Buffer.from(data).toString("latin1")).slice(-1000);
    if (trigger.kind === "command" && heard.endsWith(trigger.text)) leaveSoon();
  }

  /** A bus reset is not seen over USB/IP, only the device descriptor that is read again behind it. */
  function isReset({ kind, request, value }: Setup): boolean {
    return awaitsReset && kind === 0x80 && request === 6 && value === 0x0100;
  }

  function submit(transfer: Transfer, end: (end: TransferEnd) => void): Disposable {
    if (mode === "loader") return loader.submit(transfer, end);
    const { endpoint, direction, setup, data } = transfer;
    if (endpoint === 0) {
      const answer = plainControl({ descriptors, classRequest }, setup, data);
      if (isReset(setupOf(setup))) {
        enterLoader();
        return none;
      }
      const bytes = answer.kind === "data" ? answer.bytes.length : data.length;
      return clock.after(transferMs(bytes), () => end(answer));
    }
    if (shown(trigger) !== "serial") end(stall);
    else if (endpoint === endpoints.data && direction === "out") {
      hear(data);
      end(taken);
    }
    // Nothing to read, nothing to notify: the host waits.
    return none;
  }

  return {
    chip: loader.chip,
    descriptors: () => (mode === "application" ? descriptors : loader.descriptors()),
    attached: () => (mode === "loader" ? loader.attached() : mode === "application" && board.present()),
    watch,
    submit,
    reseat() {
      board.putBack();
      if (board.chip().bootable(family.flashStart)) {
        mode = "off";
        tell(false);
        later(family.bootMs, startApplication);
      } else toLoader();
    },
    [Symbol.dispose]() {
      timer?.[Symbol.dispose]();
      own[Symbol.dispose]();
      loader[Symbol.dispose]();
    },
  };
}

function shown(trigger: Trigger): Parameters<typeof applicationDescriptors>[0] {
  switch (trigger.kind) {
    case "detach":
      return trigger.willDetach ? "runtime, will detach" : "runtime";
    case "refuse":
      return "runtime, will detach";
    case "touch":
    case "command":
    case "deaf":
      return "serial";
    default:
      return assertNever(trigger);
  }
}

/** 8 data bits, no parity, one stop bit. */
function codingOf(baud: number): Uint8Array {
  return Uint8Array.of(baud & 0xff, (baud >>> 8) & 0xff, (baud >>> 16) & 0xff, 0, 0, 0, 8);
}
