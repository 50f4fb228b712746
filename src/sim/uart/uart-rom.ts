import type { DeviceFamily } from "../../model/family.ts";
import type { UartRomOptions } from "./uart-chip.ts";

/** The UART loader that a chip of this family has: F1 speaks V2.2 with one-byte pages, all others V3.1 (section 3.2). */
export function uartRom(family: DeviceFamily, baud: number): UartRomOptions {
  const old = family.family === "F1" && family.productId !== 0x430;
  return { baud, version: old ? 0x22 : 0x31, extendedErase: !old };
}
