/** Requests of a USB hub (USB 2.0, sections 11.23.2.1 and 11.24.2). Pure. */

export const hubRequests = { clearFeature: 1, setFeature: 3, getDescriptor: 6 } as const;
export const portPower = 8;
/** Type in the high byte of wValue. */
export const hubDescriptor = 0x29 << 8;
export const hubDescriptorBytes = 71;

/** How a hub switches the power of its sockets. */
export type Switching = "each" | "all together" | "not at all";

export interface HubFacts {
  readonly sockets: number;
  readonly switching: Switching;
  /** From power on until power is good, ms. */
  readonly goodMs: number;
}

/** `null` for bytes that are no hub's descriptor. */
export function parseHub(bytes: Uint8Array): HubFacts | null {
  const [length = 0, type, sockets = 0, characteristics = 0, , good = 0] = bytes;
  if (bytes.length < 7 || length < 7 || type !== 0x29) return null;
  // Bits 0 and 1; both values above 1 are "no switching" of old hubs.
  const mode = characteristics & 0x03;
  return {
    sockets,
    switching: mode === 1 ? "each" : mode === 0 ? "all together" : "not at all",
    goodMs: good * 2,
  };
}
