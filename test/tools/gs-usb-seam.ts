import { Fault } from "../../src/model/fault.ts";
import type { TransferEnd, UsbDevice } from "../../src/sim/os/usb-device.ts";
import type { GsUsbDevice } from "../../src/transport/can/gs-usb-device.ts";

const nothing = new Uint8Array();
const gone = (): Fault => new Fault("ADAPTER_LOST", "the adapter left the bus");

/** A simulated adapter as our driver wants one: transfers without a kernel and without a library between them. */
export function throughSeam(device: UsbDevice): GsUsbDevice {
  const pending = new Set<() => void>();
  let closed = false;
  const watch = device.watch((there) => {
    if (!there) for (const end of pending) end();
  });

  function transfer(
    endpoint: number,
    direction: "in" | "out",
    what: { readonly setup?: Uint8Array; readonly length?: number; readonly data?: Uint8Array },
  ): Promise<TransferEnd> {
    return new Promise((resolve, reject) => {
      if (closed || !device.attached()) {
        reject(gone());
        return;
      }
      const { setup = new Uint8Array(8), length = 0, data = nothing } = what;
      let running: Disposable | null = null;
      const left = (): void => {
        pending.delete(left);
        running?.[Symbol.dispose]();
        reject(gone());
      };
      pending.add(left);
      running = device.submit({ endpoint, direction, setup, length, data }, (end) => {
        pending.delete(left);
        resolve(end);
      });
    });
  }

  const setupOf = (kind: number, request: number, value: number, length: number): Uint8Array =>
    Uint8Array.of(kind, request, value & 0xff, value >>> 8, 0, 0, length & 0xff, length >>> 8);

  return {
    name: "simulated",
    async controlIn(request, value, length) {
      const end = await transfer(0, "in", { setup: setupOf(0xc1, request, value, length), length });
      if (end.kind !== "data") throw new Fault("ADAPTER_LOST", `the adapter refused request ${request}`);
      return end.bytes;
    },
    async controlOut(request, value, data) {
      const end = await transfer(0, "out", { setup: setupOf(0x41, request, value, data.length), data });
      if (end.kind !== "taken") throw new Fault("ADAPTER_LOST", `the adapter refused request ${request}`);
    },
    async read(length) {
      const end = await transfer(1, "in", { length });
      return end.kind === "data" ? end.bytes : null;
    },
    async write(data) {
      await transfer(2, "out", { data });
    },
    [Symbol.asyncDispose]() {
      closed = true;
      watch[Symbol.dispose]();
      for (const end of pending) end();
      return Promise.resolve();
    },
  };
}
