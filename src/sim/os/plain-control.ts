import { assertNever } from "../../lib/assert-never.ts";
import { standardRequest, type StandardDescriptors } from "../dfu/usb-standard.ts";
import { setupOf, type Setup, type TransferEnd } from "./usb-device.ts";

const stall: TransferEnd = { kind: "stall" };

export interface PlainControl {
  readonly descriptors: StandardDescriptors;
  /** The host set the configuration: the device is as after a reset. */
  configured?(): void;
  /** Requests of the device's class; a STALL where it has none. */
  classRequest?(setup: Setup, data: Uint8Array): TransferEnd;
  /** The same of its vendor. */
  vendorRequest?(setup: Setup, data: Uint8Array): TransferEnd;
}

/** What comes of a control transfer with a device that always answers at once. */
export function plainControl(device: PlainControl, bytes: Uint8Array, data: Uint8Array): TransferEnd {
  const setup = setupOf(bytes);
  const type = setup.kind & 0x60;
  if (type === 0x20) return device.classRequest?.(setup, data) ?? stall;
  if (type === 0x40) return device.vendorRequest?.(setup, data) ?? stall;
  if (type !== 0) return stall;
  const answer = standardRequest(setup, device.descriptors, { rom: { functionalAlone: true }, alternate: 0 });
  switch (answer.kind) {
    case "bytes":
      return (setup.kind & 0x80) === 0 ? { kind: "taken" } : { kind: "data", bytes: answer.bytes };
    case "configured":
      device.configured?.();
      return { kind: "taken" };
    case "alternate":
      return { kind: "taken" };
    case "refused":
    case "silent":
      return stall;
    default:
      return assertNever(answer);
  }
}
