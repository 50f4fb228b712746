import type { SimBoard } from "../board.ts";
import type { Heard, LineFormat } from "../uart/uart-frame.ts";
import { characterMs } from "../uart/uart-frame.ts";
import { transferMs } from "../dfu/usb-link.ts";
import { paceClock, type Pace } from "./pace-clock.ts";
import { plainControl } from "./plain-control.ts";
import { adapterDescriptors, adapterProduct, endpoints, testVendor } from "./plain-descriptors.ts";
import type { Setup, Transfer, TransferEnd, UsbDevice } from "./usb-device.ts";
import { wordAt } from "./usb-device.ts";
import { wiredBoard, type Wiring } from "./wired-board.ts";

export interface CdcAcmOptions {
  readonly wiring: Wiring;
  readonly pace: Pace;
  /** Serial number of the adapter, not of the board. */
  readonly serial: string;
}

/** Requests of the class (PSTN 1.2, section 6.3). */
const requests = { setCoding: 0x20, getCoding: 0x21, setLines: 0x22, sendBreak: 0x23 } as const;
const parities = ["none", "odd", "even", "mark", "space"] as const;
const stops = [1, 1.5, 2] as const;
const codingBytes = 7;
/** Characters that the adapter holds for the line; a host that sends more is made to wait. */
const outRoom = 128;
/** Characters that nobody has read yet; more are lost. */
const inRoom = 4096;
/** Bits of a SERIAL_STATE notification. */
const states = { framing: 0x10, parity: 0x20 } as const;

type Waiting = { readonly length: number; readonly end: (end: TransferEnd) => void } | null;

const taken: TransferEnd = { kind: "taken" };
const stall: TransferEnd = { kind: "stall" };

/**
 * A USB serial adapter of the class CDC-ACM with a simulated board at its wires. Rate, parity and the two lines are the
 * host's, as they are on a real one; so a wrong rate, a wrong parity or a swapped line do here what they do there.
 */
export function cdcAcmDevice(board: SimBoard, options: CdcAcmOptions): UsbDevice {
  const clock = paceClock(options.pace);
  const descriptors = adapterDescriptors({
    vendorId: testVendor,
    productId: adapterProduct,
    maker: "gangflash",
    product: "Simulated serial adapter",
    serial: options.serial,
  });
  let coding = codingOf(9600);
  let format = formatOf(coding);
  let unread: number[] = [];
  let reader: Waiting = null;
  let noticeReader: Waiting = null;
  let notices: Uint8Array[] = [];
  /** No program has the port: what asked for bytes before was taken back. */
  let closed = true;

  const wired = wiredBoard(board, options.wiring, clock, hear);

  function hear(heard: readonly Heard[]): void {
    unread.push(...heard.map(({ byte }) => byte).slice(0, Math.max(0, inRoom - unread.length)));
    const wrong = heard.reduce(
      (bits, { parity, framing }) => bits | (parity ? states.parity : 0) | (framing ? states.framing : 0),
      0,
    );
    if (wrong !== 0) notices = [serialState(wrong)];
    flush();
  }

  function flush(): void {
    if (reader !== null && unread.length > 0) {
      const { length, end } = reader;
      reader = null;
      end({ kind: "data", bytes: Uint8Array.from(unread.splice(0, length)) });
    }
    const [notice] = notices;
    if (noticeReader !== null && notice !== undefined) {
      const { length, end } = noticeReader;
      noticeReader = null;
      notices = [];
      end({ kind: "data", bytes: notice.subarray(0, length) });
    }
  }

  function classRequest(setup: Setup, data: Uint8Array): TransferEnd {
    switch (setup.request) {
      case requests.setCoding:
        if (data.length !== codingBytes || !isCoding(data)) return stall;
        coding = data.slice();
        format = formatOf(coding);
        wired.format(format);
        return taken;
      case requests.getCoding:
        return { kind: "data", bytes: coding.subarray(0, setup.length) };
      case requests.setLines:
        wired.lines({ dtr: (setup.value & 1) !== 0, rts: (setup.value & 2) !== 0 });
        return taken;
      case requests.sendBreak:
        if (setup.value !== 0) wired.breakSignal();
        return taken;
      default:
        return stall;
    }
  }

  function configured(): void {
    coding = codingOf(9600);
    format = formatOf(coding);
    wired.format(format);
    wired.lines({ dtr: false, rts: false });
    unread = [];
    notices = [];
  }

  function control({ setup, data }: Transfer, end: (end: TransferEnd) => void): Disposable {
    const answer = plainControl({ descriptors, configured, classRequest }, setup, data);
    const bytes = answer.kind === "data" ? answer.bytes.length : data.length;
    return clock.after(transferMs(bytes), () => end(answer));
  }

  function write({ data }: Transfer, end: (end: TransferEnd) => void): Disposable {
    const out = wired.send(data);
    return clock.after(out - outRoom * characterMs(format) - clock.now(), () => end(taken));
  }

  function read({ length }: Transfer, end: (end: TransferEnd) => void): Disposable {
    if (closed) {
      closed = false;
      unread = [];
      wired.opened();
    }
    reader = { length, end };
    flush();
    return {
      [Symbol.dispose]() {
        reader = null;
        closed = true;
      },
    };
  }

  function notify({ length }: Transfer, end: (end: TransferEnd) => void): Disposable {
    noticeReader = { length, end };
    flush();
    return {
      [Symbol.dispose]() {
        noticeReader = null;
      },
    };
  }

  return {
    descriptors: () => descriptors,
    // An adapter stays plugged, whatever its board does.
    attached: () => true,
    watch: () => ({ [Symbol.dispose]: () => undefined }),
    submit(transfer, end) {
      const { endpoint, direction } = transfer;
      if (endpoint === 0) return control(transfer, end);
      if (endpoint === endpoints.data) return direction === "in" ? read(transfer, end) : write(transfer, end);
      if (endpoint === endpoints.notification && direction === "in") return notify(transfer, end);
      end(stall);
      return { [Symbol.dispose]: () => undefined };
    },
    [Symbol.dispose]: () => wired[Symbol.dispose](),
  };
}

/** Without parity, one stop bit, 8 data bits. */
function codingOf(baud: number): Uint8Array {
  const bytes = new Uint8Array(codingBytes);
  new DataView(bytes.buffer).setUint32(0, baud, true);
  bytes[6] = 8;
  return bytes;
}

const baudOf = (coding: Uint8Array): number => (wordAt(coding, 0) | (wordAt(coding, 2) << 16)) >>> 0;

function isCoding(coding: Uint8Array): boolean {
  const baud = baudOf(coding);
  const [stop = 255, parity = 255, bits = 0] = coding.subarray(4);
  return (
    baud >= 50 &&
    baud <= 4_000_000 &&
    stop < stops.length &&
    parity < parities.length &&
    bits >= 5 &&
    bits <= 8
  );
}

function formatOf(coding: Uint8Array): LineFormat {
  const [stop = 0, parity = 0, dataBits = 8] = coding.subarray(4);
  return {
    baud: baudOf(coding),
    dataBits,
    parity: parities[parity] ?? "none",
    stopBits: stops[stop] ?? 1,
  };
}

/** To interface 0: what went wrong on the line since the last one. */
function serialState(bits: number): Uint8Array {
  return Uint8Array.of(0xa1, 0x20, 0, 0, 0, 0, 2, 0, bits, 0);
}
