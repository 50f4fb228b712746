import type { SimBoard } from "../board.ts";
import { canBus, type CanBusOptions } from "../can/can-bus.ts";
import { canBoard } from "../connect.ts";
import { canLoader } from "../can/can-rom.ts";
import { fdSlcan, lawicel, slcanAdapter, type SlcanDialect } from "../can/slcan-adapter.ts";
import { paceClock, type Pace } from "./pace-clock.ts";
import { openPty } from "./pty.ts";
import type { PtyBoard } from "./uart-board.ts";

export interface SlcanBoardOptions {
  readonly pace: Pace;
  /** A LAWICEL by default; for a chip with an FDCAN loader a firmware with FD frames. */
  readonly dialect?: SlcanDialect;
  readonly bus?: CanBusOptions;
}

export interface SlcanBoard extends PtyBoard {
  /** What the host should not have said to the adapter. */
  readonly complaints: readonly string[];
}

/**
 * A simulated slcan adapter behind a serial port of the operating system, with a bus of its own and one board on it. It
 * plays the operator too: whoever opens the port finds the board freshly put in, in its loader. What the serial line
 * would take is not played: such an adapter sits on USB. At `fast` bus and flash take no time.
 */
export async function slcanBoard(board: SimBoard, options: SlcanBoardOptions): Promise<SlcanBoard> {
  const bus = canBus(paceClock(options.pace), options.bus);
  const chip = canBoard(board, bus);
  const isFd = canLoader(board.chip().spec.family).dataBitrate !== null;
  const dialect = options.dialect ?? (isFd ? fdSlcan : lawicel);
  const pty = await openPty({
    opened() {
      board.putBack();
      chip.reset();
    },
    bytes: (bytes) => adapter.hear(bytes),
    closed: () => adapter.stop(),
  });
  const adapter = slcanAdapter(bus, dialect, (text) => pty.send(Buffer.from(text, "latin1")));
  return {
    path: pty.path,
    complaints: adapter.complaints,
    [Symbol.dispose]() {
      adapter.stop();
      pty[Symbol.dispose]();
    },
  };
}
