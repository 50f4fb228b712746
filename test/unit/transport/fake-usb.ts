import type { UsbDevice, UsbPlace } from "../../../src/transport/usb/usb-bus.ts";
import { dfuChip, type DfuChip } from "../../../src/sim/dfu/dfu-chip.ts";
import { dfuRom } from "../../../src/sim/dfu/dfu-rom.ts";
import { simBoard } from "../../../src/sim/board.ts";
import { chipSpec } from "../../../src/family/table.ts";
import { simUid } from "../../../src/sim/sim-bench.ts";
import { benchClock } from "../../../src/lib/bench-clock.ts";

/** What the library's calls do; each may be replaced. */
export interface FakeCalls {
  open(): Promise<void>;
  claim(): Promise<void>;
  detach(): Promise<void>;
  /** Instead of the chip's own answer; `undefined` lets the chip answer. */
  control(setup: USBControlTransferParameters): Promise<Uint8Array | number> | undefined;
}

export interface FakeDevice {
  readonly device: UsbDevice;
  readonly chip: DfuChip;
  /** Calls other than transfers, in their order. */
  readonly said: readonly string[];
}

export const stall = (): Promise<never> => Promise.reject(new Error("endpoint stalled"));
export const silence = (): Promise<never> => new Promise(() => undefined);
export const gone = (): Promise<never> => Promise.reject(new Error("device disconnected"));

const kinds = { standard: 0x00, class: 0x20, vendor: 0x40 } as const;
const recipients = { device: 0, interface: 1, endpoint: 2, other: 3 } as const;

/** A device of the library with a simulated chip behind it. */
export function fakeDevice(calls: Partial<FakeCalls> = {}, chipName = "STM32F405"): FakeDevice {
  const board = simBoard(chipSpec(chipName, simUid(`fake ${chipName}`)));
  const chip = dfuChip(board, dfuRom(board.chip().spec.family), benchClock());
  const said: string[] = [];

  async function control(
    setup: USBControlTransferParameters,
    direction: "in" | "out",
    length: number,
    data: Uint8Array,
  ): Promise<Uint8Array | number> {
    const replaced = calls.control?.(setup);
    if (replaced !== undefined) return await replaced;
    const kind = (direction === "in" ? 0x80 : 0) | kinds[setup.requestType] | recipients[setup.recipient];
    const word = (value: number): number[] => [value & 0xff, value >>> 8];
    const bytes = [kind, setup.request, ...word(setup.value), ...word(setup.index), ...word(length)];
    const answer = chip.control(Uint8Array.from(bytes), data);
    switch (answer.kind) {
      case "data":
        return direction === "in" ? answer.bytes.subarray(0, length) : data.length;
      case "stall":
        return await stall();
      case "gone":
        return await gone();
      default:
        return await silence();
    }
  }

  const tell = (what: string): Promise<void> => {
    said.push(what);
    return Promise.resolve();
  };
  const fake = {
    vendorId: 0x0483,
    productId: 0xdf11,
    manufacturerName: "STMicroelectronics",
    productName: "STM32  BOOTLOADER",
    serialNumber: "FAKE",
    open: () => calls.open?.() ?? tell("open"),
    close: () => tell("close"),
    detachKernelDriver: (n: number) =>
      calls.detach?.().then(() => void said.push(`detach ${n}`)) ??
      Promise.reject(new Error("no kernel driver attached")),
    attachKernelDriver: (n: number) => tell(`attach ${n}`),
    claimInterface: (n: number) => calls.claim?.() ?? tell(`claim ${n}`),
    releaseInterface: (n: number) => tell(`release ${n}`),
    nativeControlTransferIn: (setup: USBControlTransferParameters, _ms: number, length: number) =>
      control(setup, "in", length, new Uint8Array()),
    nativeControlTransferOut: (setup: USBControlTransferParameters, _ms: number, data?: Uint8Array) =>
      control(setup, "out", data?.length ?? 0, data ?? new Uint8Array()),
  };
  return { device: fake as unknown as UsbDevice, chip, said };
}

export const placeOf = (path: string, address: number, device: UsbDevice): UsbPlace => ({
  path,
  enumeration: `001:${address}`,
  device,
});
