import { wordAt, type UsbDevice as SimDevice } from "../../../src/sim/os/usb-device.ts";
import type { UsbDevice, UsbKind, UsbPlace } from "../../../src/transport/usb/usb-bus.ts";
import { gone, stall } from "./fake-usb.ts";

export interface SimBus {
  /** What the library would list now. */
  places(): readonly UsbPlace[];
  /** What the kernel says of the device there, by its descriptors. */
  kindOf(place: UsbPlace): UsbKind;
  /** Times that it came to the bus. */
  enumerations(): number;
  /** Calls other than transfers, in their order. */
  readonly said: readonly string[];
  watch(changed: () => void): Disposable;
}

const types = { standard: 0, class: 0x20, vendor: 0x40 } as const;
const recipients = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;

/** A simulated device at the path 1-1, as the USB library shows it: each arrival is another device to it. */
export function simBus(sim: SimDevice): SimBus {
  let enumeration = 1;
  let device = libraryDevice(sim, () => enumeration === 1);
  const said: string[] = [];
  sim.watch((attached) => {
    if (!attached) return;
    enumeration += 1;
    const mine = enumeration;
    device = libraryDevice(sim, () => enumeration === mine);
  });

  function libraryDevice(of: SimDevice, isMine: () => boolean): UsbDevice {
    const here = (): boolean => of.attached() && isMine();
    function control(
      setup: USBControlTransferParameters,
      direction: "in" | "out",
      length: number,
      data: Uint8Array,
    ): Promise<Uint8Array> {
      if (!here()) return gone();
      const word = (value: number): number[] => [value & 0xff, value >>> 8];
      const kind = (direction === "in" ? 0x80 : 0) | types[setup.requestType] | recipients[setup.recipient];
      const bytes = [kind, setup.request, ...word(setup.value), ...word(setup.index), ...word(length)];
      const transfer = { endpoint: 0, direction, setup: Uint8Array.from(bytes), length, data };
      return new Promise((resolve, reject) => {
        const left = of.watch((attached) => (attached ? undefined : void gone().catch(reject)));
        of.submit(transfer, (end) => {
          left[Symbol.dispose]();
          if (end.kind === "stall") void stall().catch(reject);
          else resolve(end.kind === "data" ? end.bytes : data);
        });
      });
    }
    const tell = (word: string): Promise<void> => {
      said.push(word);
      return here() || word === "close" ? Promise.resolve() : gone();
    };
    const own = of.descriptors().device;
    return {
      vendorId: wordAt(own, 8),
      productId: wordAt(own, 10),
      manufacturerName: "Maker",
      productName: "Thing",
      serialNumber: "1",
      open: () => tell("open"),
      close: () => tell("close"),
      claimInterface: (n: number) => tell(`claim ${n}`),
      releaseInterface: (n: number) => tell(`release ${n}`),
      // What a bus reset is to a simulated device: its descriptor is read again.
      reset: async () => {
        await tell("reset");
        const get = {
          requestType: "standard",
          recipient: "device",
          request: 6,
          value: 0x100,
          index: 0,
        } as const;
        await control(get, "in", 64, new Uint8Array());
      },
      nativeControlTransferIn: (setup: USBControlTransferParameters, _ms: number, length: number) =>
        control(setup, "in", length, new Uint8Array()),
      nativeControlTransferOut: (setup: USBControlTransferParameters, _ms: number, data?: Uint8Array) =>
        control(setup, "out", data?.length ?? 0, data ?? new Uint8Array()).then((sent) => sent.length),
    } as unknown as UsbDevice;
  }

  return {
    said,
    enumerations: () => enumeration,
    places: () => (sim.attached() ? [{ path: "1-1", enumeration: `001:${enumeration}`, device }] : []),
    kindOf(place) {
      if (!sim.attached() || place.enumeration !== `001:${enumeration}`) return "gone";
      const { configuration } = sim.descriptors();
      for (let at = 0; at + 2 <= configuration.length; at += configuration[at] ?? 255)
        if (configuration[at + 1] === 4 && configuration[at + 5] === 0xfe)
          return configuration[at + 7] === 1 ? "runtime" : "dfu";
      return "other";
    },
    watch: (changed) => sim.watch(changed),
  };
}
