import { benchClock } from "../../lib/bench-clock.ts";
import { realClock } from "../../lib/clock.ts";
import type { SimBoard } from "../board.ts";
import { canBus } from "../can/can-bus.ts";
import { canLoader } from "../can/can-rom.ts";
import { canBoard } from "../connect.ts";
import { gsUsbDevice, type SimGsUsbDevice } from "./gs-usb-device.ts";
import { bxCan, mCan } from "./gs-usb-wire.ts";
import type { Pace } from "./pace-clock.ts";

/**
 * A gs_usb adapter with a channel for each board, one board on each: an FD adapter where one of them has an FDCAN loader.
 * Nobody has a hand on BOOT0 and RESET here, so this plays the operator, too: a host that starts a channel finds a board
 * that was pulled, or whose application runs, freshly put in.
 */
export function gsUsbBoards(
  boards: readonly SimBoard[],
  options: { readonly pace: Pace; readonly serial: string; readonly echo?: "mailbox" | "taken" },
): SimGsUsbDevice {
  const clock = options.pace === "real" ? realClock : benchClock();
  const seats = boards.map((board) => {
    const bus = canBus(clock);
    return { board, bus, chip: canBoard(board, bus) };
  });
  const hasFd = boards.some((board) => canLoader(board.chip().spec.family).dataBitrate !== null);
  return gsUsbDevice({
    clock,
    buses: seats.map(({ bus }) => bus),
    controller: hasFd ? mCan : bxCan,
    serial: options.serial,
    echo: options.echo ?? "mailbox",
    started(channel) {
      const seat = seats[channel];
      if (seat === undefined || (seat.board.present() && !seat.chip.launched())) return;
      seat.board.putBack();
      seat.chip.reset();
    },
  });
}
