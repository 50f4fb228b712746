import { entryText, type Entry } from "../model/entry.ts";
import { Fault } from "../model/fault.ts";
import { detach } from "./usb/dfu-detach.ts";
import { knock } from "./knock.ts";
import { limited, pause } from "./limited.ts";
import { deviceName, type DriverOf } from "./usb/usb-access.ts";
import { hasSerialPort, usbDriver, type UsbPlace } from "./usb/usb-bus.ts";
import { terminalOf } from "./usb/usb-terminal.ts";

/**
 * Asks the application at a place to make room for its loader; resolves with what was done. Whether it went is seen on
 * the bus. Throws a Fault where it could not be asked.
 */
export type Enter = (place: UsbPlace, signal: AbortSignal) => Promise<string>;

/** How applications are reached; replaced in tests. */
export interface EntryWays {
  readonly driverOf: DriverOf;
  readonly terminalOf: (path: string) => string | null;
  readonly hasSerialPort: (place: UsbPlace) => boolean;
  readonly knock: typeof knock;
}
const systemWays: EntryWays = { driverOf: usbDriver, terminalOf, hasSerialPort, knock };

/** The system makes a terminal for a device a moment after it came, and udev lets us use it, ms. */
const terminalMs = 5000;
const lookMs = 100;

/** `null`: an application is a foreign device. */
export function enterBy(entry: Entry, ways: EntryWays = systemWays): Enter | null {
  switch (entry.kind) {
    case "none":
      return null;
    case "dfu-detach":
      return async (place, signal) => {
        await detach(place, ways.driverOf, signal);
        return entryText(entry);
      };
    case "command":
    case "touch": {
      const bytes = entry.kind === "command" ? Buffer.from(entry.send, "latin1") : new Uint8Array();
      return async (place, signal) => {
        const device = entry.serial ?? (await portAt(place, ways, signal));
        await ways.knock(device, entry.baud, bytes, signal);
        return `${entryText(entry)}, to ${device}`;
      };
    }
    default:
      return entry satisfies never;
  }
}

async function portAt(place: UsbPlace, ways: EntryWays, signal: AbortSignal): Promise<string> {
  const { path, device } = place;
  const found = ways.terminalOf(path);
  if (found !== null) return found;
  const name = deviceName(device);
  if (!ways.hasSerialPort(place))
    throw new Fault("FOREIGN_DEVICE", `usb:${path} is ${name}: it has no serial port, which its entry needs`);
  const later = await limited(terminalMs, signal, async (stop) => {
    for (;;) {
      await pause(lookMs, stop);
      const now = ways.terminalOf(path);
      if (now !== null) return now;
    }
  });
  if (later !== null) return later;
  throw new Fault(
    "ENTRY_NO_PORT",
    process.platform === "linux"
      ? `the system made no terminal for ${name} at usb:${path}: "modprobe cdc-acm" as root loads its driver`
      : `on this system a port is not known by its USB path: name it in the station file, "entry: { serial: ... }"`,
  );
}
