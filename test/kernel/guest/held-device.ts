import { keepPlugged } from "../../../src/sim/os/attach.ts";
import type { UsbDevice } from "../../../src/sim/os/usb-device.ts";
import { busidOf } from "../../../src/sim/os/usbip-record.ts";
import { usbipServer } from "../../../src/sim/os/usbip-server.ts";
import { virtualHub } from "../../../src/sim/os/vhci.ts";

export interface HeldDevice extends AsyncDisposable {
  /** Where it came the last time. */
  readonly path: string;
  /** Resolves when it has come again. */
  next(): Promise<string>;
}

/** A simulated device at one socket of the virtual hub, held by this process. `log`: a line for each transfer. */
export async function heldDevice(
  device: UsbDevice,
  { socket = 0, log }: { readonly socket?: number; readonly log?: (line: string) => void } = {},
): Promise<HeldDevice> {
  const exported = { busid: busidOf(1), device };
  const server = await usbipServer([exported], { port: 0, ...(log === undefined ? {} : { log }) });
  const stop = new AbortController();
  const hub = virtualHub();
  const port = hub.freePorts()[socket];
  if (port === undefined) throw new Error("the virtual hub has no socket left");
  let there = Promise.withResolvers<string>();
  const plugged = (path: string): void => there.resolve(path);
  const kept = keepPlugged({ server, exported, hub, port, plugged }, stop.signal);
  const failed = kept.then(() => Promise.reject(new Error("it was not attached")));
  failed.catch(() => {});
  const path = await Promise.race([there.promise, failed]);
  return {
    path,
    next() {
      there = Promise.withResolvers();
      return Promise.race([there.promise, failed]);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await kept;
      // The kernel takes a moment to forget it; the next one at this socket waits for that by itself.
      await server[Symbol.asyncDispose]();
      device[Symbol.dispose]();
    },
  };
}
