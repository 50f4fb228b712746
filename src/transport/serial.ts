import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { SerialPort } from "serialport";
import { byteBuffer } from "../lib/byte-buffer.ts";
import type { Clock } from "../lib/clock.ts";
import { Fault } from "../model/fault.ts";
import type { LineChoice } from "../model/station.ts";
import type { ByteLink } from "../protocol/links.ts";
import { listSerial, type Listing, type SerialSeen } from "./list-ports.ts";
import { setLinesDirectly } from "./modem-lines.ts";
import { resetLines, type ModemLines } from "./reset-lines.ts";
import { directStream, type OpenPort, type ByteStream, portStream } from "./serial-stream.ts";

export interface SerialOptions {
  readonly baud: number;
  readonly boot0: LineChoice;
  readonly reset: LineChoice;
  readonly clock: Clock;
}

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
    const known = await SerialPort.list();
    const isThere = known.some(({ path }) => path.toUpperCase() === device.toUpperCase());
    return isThere ? there : missing(`there is no serial port ${device}`);
  }
  try {
    if (!(await stat(device)).isCharacterDevice()) return missing(`${device} is no serial port`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") return denied(device);
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

/**
 * One serial port as the loader's wire: 8 data bits, even parity, one stop bit (protocols/uart-an3155.md, section 1),
 * no flow control, ours alone. What lay in the port before is thrown away. A pty takes the parity and ignores it.
 * Throws a Fault: ADAPTER_BUSY where another program has it or this user may not, ADAPTER_LOST where it is not there.
 */
export async function openSerial(
  device: string,
  options: SerialOptions,
  signal: AbortSignal,
): Promise<ByteLink> {
  signal.throwIfAborted();
  // Closing must not move a line: a released DTR could be a board held in reset.
  const port = await openPort(device, { baud: options.baud, parity: "even", hangUp: false });
  const buffer = byteBuffer();
  let lost: Fault | null = null;
  let closed: Promise<void> | null = null;
  let hasLines = true;
  let direct = false;
  const isWired = options.boot0 !== "none" || options.reset !== "none";

  let stream: ByteStream;
  try {
    stream = (directStream(port) ?? portStream(port)).start({
      bytes: (bytes) => buffer.push(bytes),
      lost: lose,
    });
  } catch (cause) {
    await port.close();
    throw openFault(device, cause);
  }

  const lines = resetLines(options.boot0, options.reset, options.clock, setLines);

  function lose(cause: unknown): void {
    if (lost !== null || closed !== null) return;
    lost =
      cause instanceof Fault
        ? cause
        : new Fault("ADAPTER_LOST", `${device} is gone: ${messageOf(cause)}`, { cause });
    buffer.fail(lost);
  }

  // Low latency takes the 16 ms timer of FTDI adapters down to 1 ms (section 10); it is set together with the lines.
  async function setLines(wanted: ModemLines, stop: AbortSignal): Promise<boolean> {
    stop.throwIfAborted();
    if (!hasLines || lost !== null) return false;
    try {
      if (!direct) await port.set({ ...wanted, brk: false, cts: false, dsr: false, ...lowLatency });
      else await setLinesDirectly(descriptorOf(port), device, wanted);
      return true;
    } catch (error) {
      if (isWired && !direct && isWithoutBreak(error)) {
        direct = true;
        return await setLines(wanted, stop);
      }
      if (!isWithoutLines(error)) lose(error);
      if (lost !== null) throw lost;
      hasLines = false;
      return false;
    }
  }

  async function close(): Promise<void> {
    await stream.stop();
    try {
      await port.close();
    } catch (error) {
      // After a hang-up the port is closed already, or says EIO: nothing more to close, and the loss is told.
      if (lost === null)
        throw new Fault("ADAPTER_LOST", `${device} did not close: ${messageOf(error)}`, { cause: error });
    }
  }

  const link: ByteLink = {
    clock: options.clock,
    send: (bytes) => stream.send(bytes),
    receive: (count, stop) => buffer.take(count, stop),
    // What the system holds is read within a turn of the loop: asking for it here would cost each command 0.1 ms.
    drain: () => buffer.clear(),
    resetToLoader: (stop) => lines.toLoader(stop),
    resetToApplication: (stop) => lines.toApplication(stop),
    [Symbol.asyncDispose]() {
      closed ??= close();
      return closed;
    },
  };

  try {
    if (isWired) await lines.rest(signal);
    else await setLines({ dtr: true, rts: true }, signal);
    link.drain();
    signal.throwIfAborted();
    return link;
  } catch (error) {
    await link[Symbol.asyncDispose]();
    throw error;
  }
}

const lowLatency = process.platform === "linux" ? { lowLatency: true } : {};

interface PortSettings {
  readonly baud: number;
  readonly parity: "even" | "none";
  /** DTR and RTS fall when the last program closes the port. */
  readonly hangUp: boolean;
}

/** Ours alone, 8 data bits, 1 stop bit, no flow control. Throws a Fault as `openSerial`. */
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
  const words = messageOf(cause);
  if (/lock port|busy|temporarily unavailable/i.test(words))
    return new Fault("ADAPTER_BUSY", `another program has ${device} open`, { cause });
  if (/denied|not permitted/i.test(words))
    return new Fault("ADAPTER_BUSY", `${device} may not be opened, or another program has it: ${words}`, {
      cause,
    });
  return new Fault("ADAPTER_LOST", `${device} cannot be opened: ${words}`, { cause });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A pty has no lines; an adapter without them says the same when it has no word for breaks either. */
const isWithoutLines = (error: unknown): boolean =>
  /inappropriate ioctl|ENOTTY/i.test(messageOf(error)) || isWithoutBreak(error);

/** What a driver says to the end of a break that it could not have begun, in the words of the system. */
const isWithoutBreak = (error: unknown): boolean => /not supported/i.test(messageOf(error));

/** `-1` on systems whose driver has no descriptor, where the call fails and says so. */
const descriptorOf = (port: OpenPort): number => ("fd" in port && port.fd !== null ? port.fd : -1);
