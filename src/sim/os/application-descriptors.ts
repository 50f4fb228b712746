import type { StandardDescriptors } from "../dfu/usb-standard.ts";
import { adapterDescriptors, testVendor, withInterfaces } from "./plain-descriptors.ts";

/** For private use and tests only (pid.codes). */
const applicationProduct = 0x0003;

export const detachMs = 1000;

/** What a simulated application shows: a DFU run-time interface, or a CDC-ACM port. */
export function applicationDescriptors(
  shows: "serial" | "runtime" | "runtime, will detach",
  serial: string,
): StandardDescriptors {
  const identity = {
    vendorId: testVendor,
    productId: applicationProduct,
    maker: "gangflash",
    product: "Simulated application",
    serial,
  };
  if (shows === "serial") return adapterDescriptors(identity);
  // Can download, can upload; bit 3: leaves the bus by itself (DFU 1.1, section 4.1.3).
  const attributes = shows === "runtime" ? 0x03 : 0x0b;
  const functional = [9, 0x21, attributes, detachMs & 0xff, detachMs >>> 8, 0, 4, 0x10, 0x01];
  return withInterfaces(identity, 0x00, 2, [
    [9, 4, 0, 0, 0, 0xff, 0x00, 0x00, 0],
    [9, 4, 1, 0, 0, 0xfe, 0x01, 0x01, 0],
    functional,
  ]);
}
