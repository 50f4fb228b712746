import { u32le } from "../../lib/bytes.ts";

/** Requests, commands and answers of the DFU loader (protocols/usb-dfu-an3156.md, sections 6 and 7). Pure. */

export const requests = {
  detach: 0,
  download: 1,
  upload: 2,
  getStatus: 3,
  clearStatus: 4,
  getState: 5,
  abort: 6,
} as const;

/** Standard request that selects an alternate setting. */
export const setInterface = 0x0b;

/** Command bytes of a download to block 0. */
export const commands = { get: 0x00, setAddress: 0x21, erase: 0x41, readUnprotect: 0x92 } as const;

/** Block 0 holds commands, 1 is reserved, 2 is the first of the data (section 7.3). */
export const commandBlock = 0;
export const firstDataBlock = 2;
/** Block numbers have 16 bits: a longer run sets the pointer again. */
export const lastDataBlock = 0xffff;

/** States (section 6.2). Others are seen as well: 15 after a refused upload, 11 under read protection. */
export const states = {
  appIdle: 0,
  appDetach: 1,
  idle: 2,
  downloadSync: 3,
  busy: 4,
  downloadIdle: 5,
  manifestSync: 6,
  manifest: 7,
  manifestWaitReset: 8,
  uploadIdle: 9,
  error: 10,
} as const;

const stateNames = [
  "appIDLE",
  "appDETACH",
  "dfuIDLE",
  "dfuDNLOAD-SYNC",
  "dfuDNBUSY",
  "dfuDNLOAD-IDLE",
  "dfuMANIFEST-SYNC",
  "dfuMANIFEST",
  "dfuMANIFEST-WAIT-RESET",
  "dfuUPLOAD-IDLE",
  "dfuERROR",
] as const;

const statusNames = [
  "OK",
  "errTARGET",
  "errFILE",
  "errWRITE",
  "errERASE",
  "errCHECK_ERASED",
  "errPROG",
  "errVERIFY",
  "errADDRESS",
  "errNOTDONE",
  "errFIRMWARE",
  "errVENDOR",
  "errUSBR",
  "errPOR",
  "errUNKNOWN",
  "errSTALLEDPKT",
] as const;

/** Status codes that mean something of their own to a host (section 6.3). */
export const statusCodes = {
  ok: 0,
  target: 1,
  write: 3,
  firmware: 10,
  vendor: 11,
  unknown: 14,
  stalledPacket: 15,
} as const;

/** Answer to GETSTATUS. */
export interface Status {
  readonly status: number;
  /** bwPollTimeout, ms: a hint and often wrong (section 11). */
  readonly pollMs: number;
  /** The state after this answer. */
  readonly state: number;
}

export const statusBytes = 6;

/** `null` for an answer that is too short to be one. */
export function parseStatus(bytes: Uint8Array): Status | null {
  const [status, low, middle, high, state] = bytes;
  if (
    status === undefined ||
    low === undefined ||
    middle === undefined ||
    high === undefined ||
    state === undefined
  )
    return null;
  return { status, pollMs: low | (middle << 8) | (high << 16), state };
}

export function statusAnswer({ status, pollMs, state }: Status): Uint8Array {
  return Uint8Array.of(status, pollMs, pollMs >>> 8, pollMs >>> 16, state, 0);
}

/** Some loaders put a status code in the field of the state (sections 6.2 and 10.1): 15, or 11. */
export function isFailure({ state }: Status): boolean {
  return state >= states.error;
}

/** What went wrong, as a status code, wherever the loader has put it. */
export function failureCode({ status, state }: Status): number {
  return status === statusCodes.ok && state > states.error ? state : status;
}

export function stateName(state: number): string {
  return stateNames[state] ?? `state ${state}`;
}

function statusName(status: number): string {
  return statusNames[status] ?? `status ${status}`;
}

/** `errTARGET in dfuERROR`: for the engineer. */
export function describe(status: Status): string {
  return `${statusName(failureCode(status))} in ${stateName(status.state)}`;
}

function addressed(command: number, address: number): Uint8Array {
  return Uint8Array.of(command, address, address >>> 8, address >>> 16, address >>> 24);
}

/** Set Address Pointer, address little endian. */
export function setAddress(address: number): Uint8Array {
  return addressed(commands.setAddress, address);
}

/** Erase of the page or sector that begins at the address. */
export function eraseAt(address: number): Uint8Array {
  return addressed(commands.erase, address);
}

export const massErase = Uint8Array.of(commands.erase);
export const readUnprotect = Uint8Array.of(commands.readUnprotect);

/** The address behind a command's first byte; the caller has checked its length of five. */
export function commandAddress(bytes: Uint8Array): number {
  return u32le(bytes, 1);
}
