import type { BusError, BusEvent, CanFrame } from "../../protocol/links.ts";

/**
 * Frames as Linux hands them over (include/uapi/linux/can.h, can/error.h; protocols/can-adapters.md, part B), in the
 * machine's byte order: 16 bytes classic, 72 bytes FD. Pure.
 */
const classicBytes = 16;
export const fdBytes = 72;

const extended = 0x8000_0000;
const remote = 0x4000_0000;
const errorFrame = 0x2000_0000;
const flagBrs = 0x01;
const flagFdf = 0x04;
const little = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

export function packFrame({ id, data, fd }: CanFrame): Uint8Array {
  const bytes = new Uint8Array(fd ? fdBytes : classicBytes);
  new DataView(bytes.buffer).setUint32(0, id, little);
  bytes[4] = data.length;
  if (fd) bytes[5] = flagBrs | flagFdf;
  bytes.set(data, 8);
  return bytes;
}

/** Nothing for a frame that is none of ours: extended, remote. An error frame may tell several things. */
export function unpackFrame(bytes: Uint8Array): readonly BusEvent[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const id = view.getUint32(0, little);
  if ((id & errorFrame) !== 0) return errorEvents(id, bytes);
  if ((id & extended) !== 0 || (id & remote) !== 0) return [];
  const data = bytes.slice(8, 8 + (bytes[4] ?? 0));
  return [{ type: "frame", frame: { id: id & 0x7ff, data, fd: bytes.length === fdBytes } }];
}

/** Classes of an error frame: bits of its identifier. */
const classes = { controller: 0x04, protocol: 0x08, ack: 0x20, busOff: 0x40 } as const;
/** Controller: receive and transmit overflow. */
const overflows = 0x03;
/** Protocol: bit, form, stuff, either bit, overload, active, transmission. */
const violations: readonly (readonly [number, BusError])[] = [
  [0x01, "bit"],
  [0x02, "form"],
  [0x04, "stuff"],
  [0x18, "bit"],
];
/** Place of the violation: CRC sequence and its delimiter. */
const crcPlaces: ReadonlySet<number> = new Set([0x08, 0x18]);

function errorEvents(id: number, bytes: Uint8Array): BusEvent[] {
  const found: BusError[] = [];
  const [controller = 0, protocol = 0, place = 0] = bytes.subarray(9, 12);
  if ((id & classes.ack) !== 0) found.push("ack");
  if ((id & classes.protocol) !== 0)
    if (crcPlaces.has(place)) found.push("crc");
    else found.push(violations.find(([bit]) => (protocol & bit) !== 0)?.[1] ?? "form");
  if ((id & classes.controller) !== 0 && (controller & overflows) !== 0) found.push("overrun");
  const events = found.map((error): BusEvent => ({ type: "error", error }));
  return (id & classes.busOff) === 0 ? events : [...events, { type: "bus-off" }];
}
