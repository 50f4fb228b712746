import { assertNever } from "../lib/assert-never.ts";
import type { Wire } from "./family.ts";

/** Where a slot is plugged (contract, Ports). */
export type Port =
  | { readonly kind: "usb"; readonly path: string }
  | { readonly kind: "uart"; readonly device: string }
  | { readonly kind: "can"; readonly adapter: "socketcan" | "slcan" | "gs_usb"; readonly device: string }
  | { readonly kind: "sim"; readonly chip: string; readonly wire: Wire };

const usbPath = /^[0-9]+-[0-9]+(\.[0-9]+)*$/;

/** The port that a text names, or the sentence that says what a port looks like. */
export function parsePort(text: string): Port | string {
  const colon = text.indexOf(":");
  const kind = colon < 0 ? text : text.slice(0, colon);
  const rest = colon < 0 ? "" : text.slice(colon + 1);
  switch (kind) {
    case "usb":
      return usbPath.test(rest) ? { kind, path: rest } : "a USB path such as usb:1-4.2";
    case "uart":
      return rest === "" ? "a serial device such as uart:/dev/ttyUSB0" : { kind, device: rest };
    case "can": {
      const [adapter, ...device] = rest.split(":");
      const name = device.join(":");
      if (adapter === "gs_usb" && name !== "") {
        const place = gsUsbPlace(name);
        return typeof place === "string" ? place : { kind, adapter, device: name };
      }
      if ((adapter === "socketcan" || adapter === "slcan") && name !== "")
        return { kind, adapter, device: name };
      return "can:socketcan:can0, can:slcan:DEVICE or can:gs_usb:PATH";
    }
    case "sim": {
      const [chip = "", wire, more] = rest.split(":");
      if (chip !== "" && more === undefined && (wire === "usb" || wire === "uart" || wire === "can"))
        return { kind, chip, wire };
      return "a simulated board such as sim:STM32F405:uart";
    }
    default:
      if (/^(\/dev\/|com[0-9])/i.test(text)) return `uart:${text}`;
      return "usb:PATH, uart:DEVICE, can:ADAPTER:DEVICE or sim:CHIP:WIRE";
  }
}

/** A channel, counted from 0, of the adapter at a topology path. */
export interface GsUsbPlace {
  readonly path: string;
  readonly channel: number;
}

/** `1-4.3`, or `1-4.3:1` for the second channel, as a port names it behind `can:gs_usb:`; else what was expected. */
export function gsUsbPlace(device: string): GsUsbPlace | string {
  const [, path = "", channel = "0"] = /^([^:]*)(?::([0-9]{1,2}))?$/.exec(device) ?? [];
  return usbPath.test(path)
    ? { path, channel: Number(channel) }
    : "a USB path such as can:gs_usb:1-4.3, or can:gs_usb:1-4.3:1 for the second channel";
}

/** The contract's spelling. */
export function portText(port: Port): string {
  switch (port.kind) {
    case "usb":
      return `usb:${port.path}`;
    case "uart":
      return `uart:${port.device}`;
    case "can":
      return `can:${port.adapter}:${port.device}`;
    case "sim":
      return `sim:${port.chip}:${port.wire}`;
    default:
      return assertNever(port);
  }
}

export function wireOf(port: Port): Wire {
  return port.kind === "sim" ? port.wire : port.kind;
}
