import { assertNever } from "../../lib/assert-never.ts";
import type { SimBoard } from "../../sim/board.ts";
import { dfuRom, newRom, oldRom, usbSerial, type DfuRom } from "../../sim/dfu/dfu-rom.ts";
import { applicationDevice, type Trigger } from "../../sim/os/application-device.ts";
import { cdcAcmDevice } from "../../sim/os/cdc-acm-device.ts";
import { dfuUsbDevice } from "../../sim/os/dfu-usb-device.ts";
import { foreignUsbDevice } from "../../sim/os/foreign-usb-device.ts";
import { gsUsbBoards } from "../../sim/os/gs-usb-boards.ts";
import type { UsbDevice } from "../../sim/os/usb-device.ts";
import { busidOf, type Exported } from "../../sim/os/usbip-record.ts";
import { isOnUsb } from "./seat-words.ts";
import { usbWords, type PlannedBoard, type SimulateOptions } from "./simulate-plan.ts";

/** One device on the simulated bus and what is said of it. */
export interface Plugged extends Exported {
  /** One for each channel of a CAN adapter, one for anything else. */
  readonly seated: readonly Seated[];
}

export interface Seated {
  /** `null`: a stranger. */
  readonly plan: PlannedBoard | null;
  /** `STM32F405 uid …`, or the name of a stranger. */
  readonly about: string;
}

/** The USB boards and adapters in order of the words, then the strangers. */
export function devicesOf(
  plans: readonly PlannedBoard[],
  boards: readonly SimBoard[],
  options: SimulateOptions,
): Plugged[] {
  const { foreign, reseat } = usbWords(options);
  const found: Omit<Plugged, "busid">[] = [];
  let first: string | null = null;
  for (const [i, plan] of plans.entries()) {
    const board = boards[i];
    if (board === undefined || !isOnUsb(plan.seat)) continue;
    const seated = seatedAt(plan);
    switch (plan.seat.kind) {
      case "usb": {
        const rom = romOf(plan, board);
        const serial = usbSerial(rom.serial, board.chip().spec.uid);
        first ??= serial;
        const told: DfuRom = plan.seat.twin ? { ...rom, serial: { kind: "constant", text: first } } : rom;
        found.push({
          seated,
          device: dfuDevice(plan.seat.application, board, told, options.pace, reseat),
        });
        break;
      }
      case "cdc": {
        const { wiring } = plan.seat;
        const serial = `SIM${String(i + 1).padStart(4, "0")}`;
        found.push({ seated, device: cdcAcmDevice(board, { wiring, pace: options.pace, serial }) });
        break;
      }
      case "gs_usb": {
        const onIt = onAdapter(plans, i);
        // Made with the first board that is on it.
        if (onIt[0] !== i) break;
        const serial = `SIM${String(i + 1).padStart(4, "0")}`;
        found.push({
          seated: onIt.flatMap((one) => seatedAt(plans[one])),
          device: gsUsbBoards(
            onIt.flatMap((one) => boards[one] ?? []),
            { pace: options.pace, serial },
          ),
        });
        break;
      }
      default:
        assertNever(plan.seat);
    }
  }
  for (const name of foreign)
    found.push({ seated: [{ plan: null, about: name }], device: foreignUsbDevice(name) });
  return found.map((one, i) => ({ ...one, busid: busidOf(i + 1) }));
}

const seatedAt = (plan: PlannedBoard | undefined): Seated[] =>
  plan === undefined ? [] : [{ plan, about: `${plan.chip} uid ${plan.uid}` }];

/** Numbers of the boards that share the CAN adapter of one of them. */
function onAdapter(plans: readonly PlannedBoard[], i: number): number[] {
  const nameOf = (plan: PlannedBoard | undefined): string | null =>
    plan?.seat.kind === "gs_usb" ? plan.seat.adapter : null;
  const name = nameOf(plans[i]);
  return name === null ? [i] : [...plans.keys()].filter((one) => nameOf(plans[one]) === name);
}

function romOf({ seat }: PlannedBoard, board: SimBoard): DfuRom {
  const { family } = board.chip().spec;
  switch (seat.kind === "usb" ? seat.rom : "family") {
    case "old":
      return oldRom;
    case "new":
      return newRom;
    default:
      return dfuRom(family);
  }
}

/** A board that was pulled, or whose application has it now, is put in again after so many seconds. */
function dfuDevice(
  application: Trigger | null,
  board: SimBoard,
  rom: DfuRom,
  pace: "real" | "fast",
  reseat: number | null,
): UsbDevice {
  const device =
    application === null ? dfuUsbDevice(board, rom, pace) : applicationDevice(board, rom, application, pace);
  if (reseat === null) return device;
  let timer: NodeJS.Timeout | undefined;
  device.watch((there) => {
    if (there || (board.present() && !device.chip.launched())) return;
    clearTimeout(timer);
    timer = setTimeout(() => device.reseat(), reseat * 1000);
  });
  return {
    ...device,
    [Symbol.dispose]() {
      clearTimeout(timer);
      device[Symbol.dispose]();
    },
  };
}
