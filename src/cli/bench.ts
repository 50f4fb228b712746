import { existsSync } from "node:fs";
import { chipSpec } from "../family/table.ts";
import type { Place } from "../job/run-attempt.ts";
import { assertNever } from "../lib/assert-never.ts";
import { realClock } from "../lib/clock.ts";
import type { Mishap } from "../model/mishap.ts";
import { portText } from "../model/port.ts";
import type { Slot } from "../model/station.ts";
import { uartBootloader } from "../protocol/uart/uart-bootloader.ts";
import { simBench } from "../sim/sim-bench.ts";
import type { PlaceOf } from "../station/order.ts";
import { openSerial } from "../transport/serial.ts";

/** Opens the port of any slot: real ones and simulated ones look the same to an attempt. */
export function benchOf(mishapOf?: (slot: Slot, barcode: string) => Mishap): PlaceOf {
  const simulated = simBench({ specOf: chipSpec, ...(mishapOf === undefined ? {} : { mishapOf }) });
  return (slot, barcode): Place => {
    const { port } = slot;
    switch (port.kind) {
      case "sim":
        return simulated.place(slot, barcode);
      case "uart": {
        const { baud, boot0, reset } = slot;
        return {
          clock: realClock,
          bitRate: baud,
          wire: "uart",
          portText: portText(port),
          connect: async (signal) => {
            const link = await openSerial(port.device, { baud, boot0, reset, clock: realClock }, signal);
            return await uartBootloader(link, baud, signal);
          },
        };
      }
      case "usb":
      case "can":
        throw new Error(`${portText(port)} was not refused before the run`);
      default:
        return assertNever(port);
    }
  };
}

/** Why a slot's port cannot be used now, or `null`: told before anything is touched (exit 3). */
export function portComplaint(slot: Slot): string | null {
  const { port } = slot;
  switch (port.kind) {
    case "sim":
      return port.wire === "can"
        ? "simulated CAN boards come with the CAN wire, which this version does not have"
        : null;
    case "uart":
      return existsSync(port.device) || /^COM[0-9]+$/i.test(port.device)
        ? null
        : `there is no serial port ${port.device}`;
    case "usb":
      return "real USB ports come with the USB transport, which this version does not have";
    case "can":
      return "CAN adapters come with the CAN wire, which this version does not have";
    default:
      return assertNever(port);
  }
}
