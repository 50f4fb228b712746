/** Requests of a USB hub (USB 2.0, sections 11.23.2.1, 11.24.2; USB 3.2, section 10.16.2). Pure. */

export const hubRequests = { getStatus: 0, clearFeature: 1, setFeature: 3, getDescriptor: 6 } as const;
export const portPower = 8;
export const portStatusBytes = 4;
/** The longest descriptor that there is: 255 sockets. */
export const hubDescriptorBytes = 71;

/** The half of a hub that serves the old speeds, or SuperSpeed: two hubs for the host, with the same sockets. */
export type HubHalf = "usb2" | "usb3";

const descriptorTypes: Readonly<Record<HubHalf, number>> = { usb2: 0x29, usb3: 0x2a };
/** Type in the high byte of wValue. */
export const hubDescriptor = (half: HubHalf): number => descriptorTypes[half] << 8;

/** PORT_POWER in wPortStatus, tables 11-21 of the one and 10-13 of the other. */
const powerBits: Readonly<Record<HubHalf, number>> = { usb2: 0x0100, usb3: 0x0200 };

/** How a hub switches the power of its sockets. */
export type Switching = "each" | "all together" | "not at all";

export interface HubFacts {
  readonly sockets: number;
  readonly switching: Switching;
  /** It says that it has no over-current protection: then it seldom has the switches that it claims. */
  readonly unguarded: boolean;
  /** From power on until power is good, ms. */
  readonly goodMs: number;
}

/** `null` for bytes that are no hub's descriptor. */
export function parseHub(bytes: Uint8Array, half: HubHalf = "usb2"): HubFacts | null {
  const [length = 0, type, sockets = 0, characteristics = 0, , good = 0] = bytes;
  if (bytes.length < 7 || length < 7 || type !== descriptorTypes[half]) return null;
  // Bits 0 and 1; both values above 1 are "no switching" of old hubs. Bits 3 and 4 are the same of over-current.
  const mode = characteristics & 0x03;
  return {
    sockets,
    switching: mode === 1 ? "each" : mode === 0 ? "all together" : "not at all",
    unguarded: (characteristics & 0x10) !== 0,
    goodMs: good * 2,
  };
}

/** Whether a port has power by its answer to GET_STATUS; `null`: that is no answer. */
export function hasPower(status: Uint8Array, half: HubHalf): boolean | null {
  const [low, high] = status;
  if (status.length < portStatusBytes || low === undefined || high === undefined) return null;
  return (((high << 8) | low) & powerBits[half]) !== 0;
}
