import { Fault } from "../../model/fault.ts";
import type { ModemLines } from "./reset-lines.ts";

/** `TIOCMGET`, `TIOCMSET` and the bits of the two lines on Linux. */
const requests = { get: 0x5415, set: 0x5418 } as const;
const bits = { dtr: 0x002, rts: 0x004 } as const;

/** One request to a terminal's driver, which reads or changes `value[0]`: 0, or -1. */
export type TerminalRequest = (fd: number, request: number, value: Int32Array) => number;

/**
 * Sets both lines at once by Linux's own call. The serial library first ends a break and gives up where the adapter has
 * no word for breaks (EOPNOTSUPP: a CDC-ACM adapter without SEND_BREAK); then no line has moved, though the adapter
 * could. Throws ADAPTER_LOST where this way is closed, too: a board that was not reset must not be taken for one that was.
 */
export async function setLinesDirectly(
  fd: number,
  device: string,
  lines: ModemLines,
  load: () => Promise<TerminalRequest> = systemRequest,
): Promise<void> {
  const cannot = `${device} knows no break, so the serial library does not move DTR and RTS`;
  let request: TerminalRequest;
  try {
    request = await load();
  } catch (cause) {
    const hint = 'the optional package koffi would: "npm install koffi" brings it';
    throw new Fault("ADAPTER_LOST", `${cannot}; ${hint}`, { cause });
  }
  const value = Int32Array.of(0);
  if (request(fd, requests.get, value) === 0) {
    const rest = (value[0] ?? 0) & ~(bits.dtr | bits.rts);
    value[0] = rest | (lines.dtr ? bits.dtr : 0) | (lines.rts ? bits.rts : 0);
    if (request(fd, requests.set, value) === 0) return;
  }
  throw new Fault("ADAPTER_LOST", `${cannot}, and its driver refuses to do it on its own`);
}

async function systemRequest(): Promise<TerminalRequest> {
  const { default: koffi } = await import("koffi");
  // koffi's functions are untyped; the definition stands in the line that gives it its type.
  const call: unknown = koffi.load(null).func("int ioctl(int fd, unsigned long request, _Inout_ int *value)");
  return call as TerminalRequest;
}
