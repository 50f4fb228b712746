import { cleanText } from "../../lib/clean-text.ts";
import {
  listCan,
  listSerial,
  listUsb,
  lookAtGsUsb,
  type CanSeen,
  type GsUsbSeen,
  type Listing,
  type SerialSeen,
  type UsbSeen,
} from "../../transport/list-ports.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";

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
 * `gangflash ports`: what is plugged in, by path, each with its line for a station file. Nothing is sent to a board: a USB
 * loader shows by its descriptors, a board on a serial line only to `probe`. A gs_usb adapter that nobody has is asked
 * what it can do.
 */
export async function portsCommand(io: Io): Promise<number> {
  const groups = [
    { title: "USB devices", listing: await usbListing() },
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

async function usbListing(): Promise<Listing<Seen>> {
  const listing = await listUsb();
  if (!listing.ok) return listing;
  const found: Seen[] = [];
  // One after another: a list is in no hurry, and an adapter takes one that asks at a time.
  for (const usb of listing.found)
    if (usb.gsUsb) found.push(...ofGsUsb(usb, await lookAtGsUsb(usb.path)));
    else found.push(ofUsb(usb));
  return { ok: true, found };
}

export function ofUsb(usb: UsbSeen): Seen {
  const hex = (value: number): string => value.toString(16).padStart(4, "0");
  const id = `${hex(usb.vendorId)}:${hex(usb.productId)}`;
  const product = cleanText(usb.product, 60);
  const loader = usb.dfu;
  return {
    kind: "usb",
    title: `${usb.path}  ${id}  ${product}`.trimEnd(),
    port: loader ? `usb:${usb.path}` : null,
    loader,
    facts: { path: usb.path, vendorId: usb.vendorId, productId: usb.productId, product },
  };
}

/** A line for each channel of an adapter. */
export function ofGsUsb(usb: UsbSeen, { channels, why }: GsUsbSeen): Seen[] {
  const { title, facts } = ofUsb(usb);
  return channels.map(({ net, rates }, channel) => {
    const texts = rates?.map(({ nominal, data }) => (data === null ? `${nominal}` : `${nominal}/${data}`));
    const can = texts === undefined ? (why ?? "") : `${texts.join(", ")} bit/s`;
    return {
      kind: "can",
      title: `${title}  channel ${channel} of ${channels.length}: ${cleanText(can)}`,
      port: channel === 0 ? `can:gs_usb:${usb.path}` : `can:gs_usb:${usb.path}:${channel}`,
      loader: false,
      facts: { ...facts, channel, net, rates: texts?.join(" ") ?? null },
    };
  });
}

export function ofSerial({ device, byPath, serial, slcan }: SerialSeen): Seen {
  const name = byPath === null ? device : `${device}  ${byPath}`;
  const number = cleanText(serial ?? "", 40);
  const make = slcan === null ? null : cleanText(slcan, 60);
  const title = number === "" ? name : `${name}  serial number ${number}`;
  return {
    kind: make === null ? "serial" : "can",
    title: make === null ? title : `${title}  ${make}, a CAN adapter that speaks slcan`,
    // The name by path stays with the socket; the other one goes by who came first.
    port: `${make === null ? "uart" : "can:slcan"}:${byPath ?? device}`,
    loader: false,
    facts: { device, byPath, serial: serial === null ? null : number, slcan: make },
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
