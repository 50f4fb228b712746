import type { Clock } from "../lib/clock.ts";
import { deadline } from "../lib/deadline.ts";
import { Fault } from "../model/fault.ts";
import type { Bootloader } from "../protocol/bootloader.ts";
import { dfuBootloader } from "../protocol/dfu/dfu-bootloader.ts";
import { uartBootloader } from "../protocol/uart/uart-bootloader.ts";
import { canBootloader } from "../protocol/can/can-bootloader.ts";
import type { SimBoard } from "./board.ts";
import { canBus, type CanBus } from "./can/can-bus.ts";
import { canChip } from "./can/can-chip.ts";
import type { CanChip } from "./can/can-loader.ts";
import { gsUsbAdapter, simCanLink } from "./can/can-link.ts";
import { canLoader, canRom, fdcanRom } from "./can/can-rom.ts";
import { dfuChip } from "./dfu/dfu-chip.ts";
import { dfuRom } from "./dfu/dfu-rom.ts";
import { fdcanChip } from "./can/fdcan-chip.ts";
import { uartChip } from "./uart/uart-chip.ts";
import { simUartLink } from "./uart/uart-link.ts";
import { uartRom } from "./uart/uart-rom.ts";
import { simUsbLink, whenAttached } from "./dfu/usb-link.ts";

/** Longest that a device may be off the bus, ms; an unprotect erases all of its flash first. */
const backMs = 60_000;

/** Opens the line of a simulated board; each opening resets it into its loader, as the slot's lines would. */
export function connectUart(
  board: SimBoard,
  baud: number,
  clock: Clock,
): (signal: AbortSignal) => Promise<Bootloader> {
  return async (signal) => {
    const chip = uartChip(board, uartRom(board.chip().spec.family, baud));
    return await uartBootloader(simUartLink(board, chip, clock), baud, signal);
  };
}

/** Opens the device of a simulated board, powered up in its loader; waits while it is off the bus between two resets. */
export function connectUsb(board: SimBoard, clock: Clock): (signal: AbortSignal) => Promise<Bootloader> {
  const chip = dfuChip(board, dfuRom(board.chip().spec.family), clock);
  return async (signal) => {
    using limit = deadline(clock, signal, backMs, () => {
      return new Fault("BOARD_NOT_BACK", `the device is not on the bus after ${backMs / 1000} s`);
    });
    await whenAttached(chip, limit.signal);
    return await dfuBootloader(simUsbLink(chip, clock), signal);
  };
}

/**
 * Opens the adapter of a bus with one simulated board on it, powered up in its loader. `bitrate`: the highest rate to
 * change to.
 */
export function connectCan(
  board: SimBoard,
  bitrate: number,
  clock: Clock,
): (signal: AbortSignal) => Promise<Bootloader> {
  const bus = canBus(clock);
  canBoard(board, bus);
  const { bitrate: startBitrate, dataBitrate: fd } = canLoader(board.chip().spec.family);
  return async (signal) =>
    await canBootloader(simCanLink(bus, gsUsbAdapter), { startBitrate, bitrate, fd }, signal);
}

/** The loader that a chip of this family has, on a bus. */
export function canBoard(board: SimBoard, bus: CanBus): CanChip {
  const { family } = board.chip().spec;
  return canLoader(family).dataBitrate === null
    ? canChip(board, canRom(family), bus)
    : fdcanChip(board, fdcanRom(family), bus);
}
