import { errorText } from "../../lib/thrown.ts";
import { byteBuffer } from "../../lib/byte-buffer.ts";
import type { Clock } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import type { LineChoice } from "../../model/station.ts";
import type { ByteLink } from "../../protocol/links.ts";
import { setLinesDirectly } from "./modem-lines.ts";
import { resetLines, type ModemLines } from "./reset-lines.ts";
import { openPort, startStream } from "./serial-port.ts";
import type { OpenPort } from "./serial-stream.ts";

export interface SerialOptions {
  readonly baud: number;
  readonly boot0: LineChoice;
  readonly reset: LineChoice;
  readonly clock: Clock;
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

  const stream = await startStream(port, device, { bytes: (bytes) => buffer.push(bytes), lost: lose });
  const lines = resetLines(options.boot0, options.reset, options.clock, setLines);

  function lose(cause: unknown): void {
    if (lost !== null || closed !== null) return;
    lost =
      cause instanceof Fault
        ? cause
        : new Fault("ADAPTER_LOST", `${device} is gone: ${errorText(cause)}`, { cause });
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
        throw new Fault("ADAPTER_LOST", `${device} did not close: ${errorText(error)}`, { cause: error });
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

/** A pty has no lines; an adapter without them says the same when it has no word for breaks either. */
const isWithoutLines = (error: unknown): boolean =>
  /inappropriate ioctl|ENOTTY/i.test(errorText(error)) || isWithoutBreak(error);

/** What a driver says to the end of a break that it could not have begun, in the words of the system. */
const isWithoutBreak = (error: unknown): boolean => /not supported/i.test(errorText(error));

/** `-1` on systems whose driver has no descriptor, where the call fails and says so. */
const descriptorOf = (port: OpenPort): number => ("fd" in port && port.fd !== null ? port.fd : -1);
