import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { errorCode, errorText } from "../../lib/thrown.ts";
import { Fault } from "../../model/fault.ts";
import { listSerial, type Listing, type SerialSeen } from "../list-ports.ts";
import {
  directStream,
  portStream,
  type ByteStream,
  type OpenPort,
  type StreamEvents,
} from "./serial-stream.ts";

/**
 * Whether a serial device could be opened, and under which name the system has it; the sentence says why not. Asked
 * before a run, for exit code 3.
 */
export type SerialState =
  | { readonly kind: "there"; readonly device: string }
  | { readonly kind: "missing"; readonly why: string }
  | { readonly kind: "denied"; readonly why: string };

/** `name`: a device, or `serial:A50285BI` for the adapter with that serial number, wherever it is plugged in. */
export async function serialState(
  name: string,
  list: () => Promise<Listing<SerialSeen>> = listSerial,
): Promise<SerialState> {
  const missing = (why: string): SerialState => ({ kind: "missing", why });
  const serial = /^serial:(.+)$/.exec(name)?.[1];
  if (serial === undefined) return await deviceState(name);
  const listing = await list();
  if (!listing.ok) return missing(listing.why);
  const [found, ...more] = listing.found.filter((one) => one.serial === serial);
  if (found === undefined) return missing(`no serial adapter with the serial number ${serial} is plugged in`);
  if (more.length > 0)
    return missing(
      `${more.length + 1} ports have the serial number ${serial}: name one by its path, as "gangflash ports" shows it`,
    );
  return await deviceState(found.device);
}

async function deviceState(device: string): Promise<SerialState> {
  const missing = (why: string): SerialState => ({ kind: "missing", why });
  const there: SerialState = { kind: "there", device };
  if (process.platform === "win32") {
    const { SerialPort } = await import("serialport");
    const known = await SerialPort.list();
    const isThere = known.some(({ path }) => path.toUpperCase() === device.toUpperCase());
    return isThere ? there : missing(`there is no serial port ${device}`);
  }
  try {
    if (!(await stat(device)).isCharacterDevice()) return missing(`${device} is no serial port`);
  } catch (error) {
    if (errorCode(error) === "EACCES") return denied(device);
    return missing(`there is no serial port ${device}`);
  }
  try {
    await access(device, constants.R_OK | constants.W_OK);
    return there;
  } catch {
    return denied(device);
  }
}

function denied(device: string): SerialState {
  return {
    kind: "denied",
    why: `this user may not open ${device}: the group "dialout" may, on most systems`,
  };
}

export interface PortSettings {
  readonly baud: number;
  readonly parity: "even" | "none";
  /** DTR and RTS fall when the last program closes the port. */
  readonly hangUp: boolean;
}

/**
 * One serial port, 8 data bits, one stop bit, no flow control, ours alone. Throws a Fault: ADAPTER_BUSY where another
 * program has it or this user may not, ADAPTER_LOST where it is not there.
 */
export async function openPort(name: string, { baud, parity, hangUp }: PortSettings): Promise<OpenPort> {
  const state = await serialState(name);
  switch (state.kind) {
    case "missing":
      throw new Fault("ADAPTER_LOST", state.why);
    case "denied":
      throw new Fault("ADAPTER_BUSY", state.why);
    case "there":
      break;
  }
  const { device } = state;
  const { SerialPort } = await import("serialport");
  try {
    return await SerialPort.binding.open({
      path: device,
      baudRate: baud,
      dataBits: 8,
      parity,
      stopBits: 1,
      rtscts: false,
      xon: false,
      xoff: false,
      xany: false,
      lock: true,
      hupcl: hangUp,
    });
  } catch (cause) {
    throw openFault(device, cause);
  }
}

// The driver gives no codes, only the words of the system.
function openFault(device: string, cause: unknown): Fault {
  const words = errorText(cause);
  if (/lock port|busy|temporarily unavailable/i.test(words))
    return new Fault("ADAPTER_BUSY", `another program has ${device} open`, { cause });
  if (/denied|not permitted/i.test(words))
    return new Fault("ADAPTER_BUSY", `${device} may not be opened, or another program has it: ${words}`, {
      cause,
    });
  if (/inappropriate ioctl|not a typewriter/i.test(words))
    return new Fault("ADAPTER_LOST", `${device} is no serial port`, { cause });
  return new Fault("ADAPTER_LOST", `${device} cannot be opened: ${words.replace(/^Error: /, "")}`, { cause });
}

/** Reads and writes what was opened, in the quickest way that this system has. Closes it where it is gone already. */
export async function startStream(port: OpenPort, device: string, events: StreamEvents): Promise<ByteStream> {
  try {
    return (directStream(port) ?? portStream(port)).start(events);
  } catch (cause) {
    await port.close();
    throw openFault(device, cause);
  }
}
