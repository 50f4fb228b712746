import { cleanText } from "../lib/clean-text.ts";
import {
  listCan,
  listSerial,
  listUsb,
  type CanSeen,
  type Listing,
  type SerialSeen,
  type UsbSeen,
} from "../transport/list-ports.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** One thing that is plugged in: what it is, and the port that a station file names it by, if it can be one. */
interface Seen {
  readonly kind: "usb" | "serial" | "can";
  readonly title: string;
  readonly port: string | null;
  /** Answers as a ROM bootloader. */
  readonly loader: boolean;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

/**
 * `gangflash ports`: what is plugged in, by path, each with its line for a station file. Nothing is opened and no byte
 * sent: a USB loader shows by its descriptors, a board on a serial line only to `probe`.
 */
export async function portsCommand(io: Io): Promise<number> {
  const groups = [
    { title: "USB devices", listing: mapped(await listUsb(), ofUsb) },
    { title: "Serial ports", listing: mapped(await listSerial(), ofSerial) },
    { title: "CAN interfaces", listing: mapped(listCan(), ofCan) },
  ];
  let slots = 0;
  for (const { title, listing } of groups) {
    if (!listing.ok) {
      io.err(`gangflash: ${listing.why}`);
      continue;
    }
    if (!io.json) io.out(listing.found.length === 0 ? `${title}: none` : `${title}:`);
    for (const seen of listing.found) {
      if (seen.port !== null) slots += 1;
      const line = seen.port === null ? null : `- { name: A${slots}, port: "${seen.port}" }`;
      if (io.json) io.out(JSON.stringify(jsonLine(seen, line)));
      else {
        io.out(`  ${seen.title}${seen.loader ? "  [bootloader]" : ""}`);
        if (line !== null) io.out(`    ${line}`);
      }
    }
  }
  return exitCodes.ok;
}

function jsonLine(seen: Seen, line: string | null): object {
  return { type: "port", kind: seen.kind, port: seen.port, loader: seen.loader, ...seen.facts, line };
}

function mapped<T>(listing: Listing<T>, toSeen: (found: T) => Seen): Listing<Seen> {
  return listing.ok ? { ok: true, found: listing.found.map(toSeen) } : listing;
}

// candleLight and its kin (protocols/can-adapters.md).
const gsUsbIds: ReadonlySet<string> = new Set(["1d50:606f", "1209:2323", "1cd2:606f", "16d0:10b8"]);

export function ofUsb(usb: UsbSeen): Seen {
  const hex = (value: number): string => value.toString(16).padStart(4, "0");
  const id = `${hex(usb.vendorId)}:${hex(usb.productId)}`;
  const product = cleanText(usb.product, 60);
  const loader = usb.dfu;
  const port = loader ? `usb:${usb.path}` : gsUsbIds.has(id) ? `can:gs_usb:${usb.path}` : null;
  return {
    kind: "usb",
    title: `${usb.path}  ${id}  ${product}`.trimEnd(),
    port,
    loader,
    facts: { path: usb.path, vendorId: usb.vendorId, productId: usb.productId, product },
  };
}

export function ofSerial({ device, byPath, serial }: SerialSeen): Seen {
  const name = byPath === null ? device : `${device}  ${byPath}`;
  const number = cleanText(serial ?? "", 40);
  return {
    kind: "serial",
    title: number === "" ? name : `${name}  serial number ${number}`,
    // The name by path stays with the socket; the other one goes by who came first.
    port: `uart:${byPath ?? device}`,
    loader: false,
    facts: { device, byPath, serial: serial === null ? null : number },
  };
}

export function ofCan({ name, state }: CanSeen): Seen {
  return {
    kind: "can",
    title: `${name}  ${state}`,
    port: `can:socketcan:${name}`,
    loader: false,
    facts: { name, state },
  };
}
