import { concat } from "../../lib/bytes.ts";

/** USB/IP once a device is imported: its transfers, on the same connection (protocols/usbip.md, section 3). */

const kinds = { submit: 1, unlink: 2, submitted: 3, unlinked: 4 } as const;
const urbHeaderBytes = 48;
/** Nobody sends more in one transfer (usbfs stops at 16 MiB): a longer one is a broken header. */
const mostBytes = 0x100_0000;
const notIsochronous = 0xffff_ffff;

/** Negative error numbers of Linux, as they stand in a status (section 3.7). */
export const urbStatus = { ok: 0, stall: -32, cancelled: -104 } as const;

export interface Submit {
  readonly kind: "submit";
  readonly seqnum: number;
  readonly devid: number;
  readonly direction: "in" | "out";
  readonly endpoint: number;
  /** Most bytes that an IN transfer may give; as many as `data` has in an OUT transfer. */
  readonly length: number;
  /** Eight bytes in the order of USB; zero where the endpoint is not 0. */
  readonly setup: Uint8Array;
  readonly data: Uint8Array;
}

export interface Unlink {
  readonly kind: "unlink";
  readonly seqnum: number;
  readonly devid: number;
  /** The transfer that is taken back. */
  readonly target: number;
}

export type Parsed<T> =
  | { readonly kind: "message"; readonly message: T; readonly bytes: number }
  /** More bytes must come first. */
  | { readonly kind: "more" }
  | { readonly kind: "bad"; readonly why: string };

/** The message at the start of what came. */
export function parseCommand(bytes: Uint8Array): Parsed<Submit | Unlink> {
  if (bytes.length < urbHeaderBytes) return { kind: "more" };
  const view = viewOf(bytes);
  const command = view.getUint32(0);
  const seqnum = view.getUint32(4);
  const devid = view.getUint32(8);
  if (command === kinds.unlink)
    return {
      kind: "message",
      message: { kind: "unlink", seqnum, devid, target: view.getUint32(20) },
      bytes: urbHeaderBytes,
    };
  if (command !== kinds.submit) return { kind: "bad", why: `command ${command}, which no host sends` };
  const direction = view.getUint32(12);
  const endpoint = view.getUint32(16);
  const length = view.getUint32(24);
  const packets = view.getUint32(32);
  if (direction > 1 || endpoint > 15) return { kind: "bad", why: `endpoint ${endpoint}/${direction}` };
  if (packets !== 0 && packets !== notIsochronous) return { kind: "bad", why: "an isochronous transfer" };
  if (length > mostBytes) return { kind: "bad", why: `a transfer of ${length} bytes` };
  const whole = urbHeaderBytes + (direction === 0 ? length : 0);
  if (bytes.length < whole) return { kind: "more" };
  const message: Submit = {
    kind: "submit",
    seqnum,
    devid,
    direction: direction === 1 ? "in" : "out",
    endpoint,
    length,
    setup: bytes.slice(40, urbHeaderBytes),
    data: bytes.slice(urbHeaderBytes, whole),
  };
  return { kind: "message", message, bytes: whole };
}

/** The end of an IN transfer, with what it gave. */
export function inReply(seqnum: number, data: Uint8Array): Uint8Array {
  return concat([submitted(seqnum, urbStatus.ok, data.length), data]);
}

/** The end of an OUT transfer: so many bytes were taken. */
export function outReply(seqnum: number, taken: number): Uint8Array {
  return submitted(seqnum, urbStatus.ok, taken);
}

/** The end of a transfer that failed; nothing follows it, whatever its direction. */
export function failedReply(seqnum: number, status: number): Uint8Array {
  return submitted(seqnum, status, 0);
}

/** `cancelled` where the transfer was waiting still; `ok` where its answer is on its way. */
export function unlinkReply(seqnum: number, status: number): Uint8Array {
  const bytes = messageOf(kinds.unlinked, seqnum);
  viewOf(bytes).setInt32(20, status);
  return bytes;
}

function submitted(seqnum: number, status: number, length: number): Uint8Array {
  const bytes = messageOf(kinds.submitted, seqnum);
  const view = viewOf(bytes);
  view.setInt32(20, status);
  view.setUint32(24, length);
  return bytes;
}

/** Host side: a transfer for the device. */
export function submitCommand(submit: Omit<Submit, "kind">): Uint8Array {
  const bytes = messageOf(kinds.submit, submit.seqnum);
  const view = viewOf(bytes);
  const isIn = submit.direction === "in";
  view.setUint32(8, submit.devid);
  view.setUint32(12, isIn ? 1 : 0);
  view.setUint32(16, submit.endpoint);
  view.setUint32(20, isIn ? 0x200 : 0);
  view.setUint32(24, isIn ? submit.length : submit.data.length);
  bytes.set(submit.setup.subarray(0, 8), 40);
  return isIn ? bytes : concat([bytes, submit.data]);
}

/** Host side: takes a transfer back. */
export function unlinkCommand({ seqnum, devid, target }: Omit<Unlink, "kind">): Uint8Array {
  const bytes = messageOf(kinds.unlink, seqnum);
  viewOf(bytes).setUint32(8, devid);
  viewOf(bytes).setUint32(20, target);
  return bytes;
}

export type Reply =
  | {
      readonly kind: "submitted";
      readonly seqnum: number;
      readonly status: number;
      readonly length: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: "unlinked"; readonly seqnum: number; readonly status: number };

/** Host side: the message at the start of what came; the direction of a transfer is the host's to remember. */
export function parseReply(bytes: Uint8Array, isIn: (seqnum: number) => boolean): Parsed<Reply> {
  if (bytes.length < urbHeaderBytes) return { kind: "more" };
  const view = viewOf(bytes);
  const seqnum = view.getUint32(4);
  const status = view.getInt32(20);
  switch (view.getUint32(0)) {
    case kinds.unlinked:
      return { kind: "message", message: { kind: "unlinked", seqnum, status }, bytes: urbHeaderBytes };
    case kinds.submitted: {
      const length = view.getUint32(24);
      const whole = urbHeaderBytes + (isIn(seqnum) ? length : 0);
      if (bytes.length < whole) return { kind: "more" };
      const data = bytes.slice(urbHeaderBytes, whole);
      return {
        kind: "message",
        message: { kind: "submitted", seqnum, status, length, data },
        bytes: whole,
      };
    }
    default:
      return { kind: "bad", why: `reply ${view.getUint32(0)}, which no device sends` };
  }
}

function messageOf(kind: number, seqnum: number): Uint8Array {
  const bytes = new Uint8Array(urbHeaderBytes);
  const view = viewOf(bytes);
  view.setUint32(0, kind);
  view.setUint32(4, seqnum);
  return bytes;
}

const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
