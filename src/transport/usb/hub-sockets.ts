import { accessSync, constants, readdirSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { halfOf } from "./hub-requests.ts";
import type { UsbPlace } from "./usb-bus.ts";

/** A port of a hub: `1-4` and 2, or `usb1` and 4 for a port of the computer itself. */
export interface HubPort {
  readonly hub: string;
  readonly number: number;
}

/** The hub of a socket and the socket's number there: `1-4.2` is 2 of `1-4`, `1-4` is 4 of `usb1`. */
export function hubOf(socket: string): HubPort {
  const dot = Math.max(socket.lastIndexOf("."), socket.indexOf("-"));
  const above = socket.slice(0, dot);
  return { hub: above.includes("-") ? above : `usb${above}`, number: Number(socket.slice(dot + 1)) };
}

export const isBelow = (path: string, hub: string): boolean =>
  hub.startsWith("usb") ? path.startsWith(`${hub.slice(3)}-`) : path.startsWith(`${hub}.`);

/** `…/1-4:1.0/1-4-port2`; `null`: another system, or no such port. */
function portFolder({ hub, number }: HubPort, sys: string): string | null {
  const interfaceName = hub.startsWith("usb") ? `${hub.slice(3)}-0:1.0` : `${hub}:1.0`;
  const folder = join(sys, "bus", "usb", "devices", interfaceName);
  try {
    const port = readdirSync(folder).find((name) => name === `${hub}-port${number}`);
    return port === undefined ? null : join(folder, port);
  } catch {
    return null;
  }
}

/** The port's own switch; `null`: an older kernel, another system, or not for this user. */
export function switchFile(port: HubPort, sys: string): string | null {
  const folder = portFolder(port, sys);
  if (folder === null) return null;
  const file = join(folder, "disable");
  try {
    accessSync(file, constants.W_OK);
    return file;
  } catch {
    return null;
  }
}

/**
 * The same socket in the other half of its hub. A hub of USB 3 behind a USB 3 socket is two hubs for the host, and power
 * goes off only when both have let the port go (mvp/uhubctl, issues 68 and 72). Linux links the two by `peer`; elsewhere it is the
 * hub of the same maker with the same ports on another bus, as uhubctl finds it. `null`: there is none, or it does not show.
 */
export function twinOf(port: HubPort, devices: readonly UsbPlace[], sys: string): HubPort | null {
  const folder = portFolder(port, sys);
  if (folder !== null) {
    try {
      // …/2-4:1.0/2-4-port2
      const peer = realpathSync(join(folder, "peer"));
      const [, hub = "", number = ""] = /^(.*)-port([0-9]+)$/.exec(basename(peer)) ?? [];
      if (basename(dirname(peer)).includes(":") && hub !== "") return { hub, number: Number(number) };
    } catch {
      // A socket without one.
    }
    return null;
  }
  const own = devices.find(({ path }) => path === port.hub);
  if (own === undefined) return null;
  const tail = (path: string): string => path.slice(path.indexOf("-"));
  const hubClass = 9;
  const other = devices.find(
    (one) =>
      one.device.deviceClass === hubClass &&
      one.device.vendorId === own.device.vendorId &&
      halfOf(one) !== halfOf(own) &&
      one.path !== own.path &&
      tail(one.path) === tail(own.path),
  );
  return other === undefined ? null : { hub: other.path, number: port.number };
}
