import { errorText } from "../../lib/thrown.ts";
import { chipSpec } from "../../family/table.ts";
import { writeAtomic } from "../../lib/write-atomic.ts";
import { simBoard, type SimBoard } from "../../sim/board.ts";
import { holdLink } from "../../sim/os/hold-link.ts";
import { NoPty } from "../../sim/os/libc.ts";
import { slcanBoard } from "../../sim/os/slcan-board.ts";
import { uartBoard } from "../../sim/os/uart-board.ts";
import { simUid } from "../../sim/sim-bench.ts";
import { Fault } from "../../model/fault.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import { endingAtHangUp, interruptCode, untilAborted, type Io } from "../io.ts";
import { interfaceBoard } from "./simulate-can.ts";
import { isOnUsb } from "./seat-words.ts";
import { plansOf, usbWords, type PlannedBoard, type SimulateOptions } from "./simulate-plan.ts";
import { holdUsb } from "./simulate-usb.ts";

export type { SimulateOptions } from "./simulate-plan.ts";

/**
 * `gangflash simulate`: holds simulated boards behind ports of the operating system until a signal ends it, then writes
 * their flash to files. A serial board is on a pty, a CAN
 * board behind an slcan adapter on a pty or on an interface of the kernel, where each host that opens it finds the board freshly put in, its
 * flash as the last one left it (sim/os/uart-board.ts); USB boards and USB serial adapters come over USB/IP.
 */
export async function simulateCommand(options: SimulateOptions, given: Io): Promise<number> {
  using io = endingAtHangUp(given);
  const plans = plansOf(options);
  const boards = plans.map(boardOf);
  {
    using ports = new DisposableStack();
    for (const [i, plan] of plans.entries()) {
      const board = boards[i];
      if (board === undefined || isOnUsb(plan.seat)) continue;
      if (plan.seat.kind === "socketcan") {
        ports.use(await onInterface(plan.seat.name, board, options.pace));
        say(io, `can:socketcan:${plan.seat.name}`, plan, plan.seat.name);
      } else await hold(plan, board, options, ports, io);
    }
    const needsUsb = plans.some(({ seat }) => isOnUsb(seat)) || usbWords(options).foreign.length > 0;
    if (needsUsb) await holdUsb(plans, boards, options, io);
    else await untilAborted(io.signal);
  }
  let failed = false;
  for (const [i, plan] of plans.entries()) {
    const board = boards[i];
    if (plan.dump === null || board === undefined) continue;
    try {
      writeAtomic(plan.dump, board.chip().flash);
    } catch (error) {
      failed = true;
      io.err(`gangflash: ${plan.dump} could not be written: ${errorText(error)}`);
    }
  }
  return failed ? exitCodes.unfit : (interruptCode(io.signal) ?? exitCodes.ok);
}

function boardOf({ chip, uid, mishap }: PlannedBoard): SimBoard {
  return simBoard(chipSpec(chip, Buffer.from(uid, "hex")), mishap, () =>
    chipSpec(chip, simUid(`${uid} other`)),
  );
}

async function hold(
  plan: PlannedBoard,
  board: SimBoard,
  options: SimulateOptions,
  ports: DisposableStack,
  io: Io,
): Promise<void> {
  const { link, seat } = plan;
  const kind = seat.kind === "slcan" ? "can:slcan" : "uart";
  let path: string;
  try {
    const { pace } = options;
    const baud = options.baud ?? 115_200;
    const onSession = (session: object): void => {
      if (io.json) io.out(JSON.stringify({ type: "session", port: `uart:${link ?? path}`, ...session }));
    };
    const opened =
      seat.kind === "slcan"
        ? await slcanBoard(board, { pace })
        : await uartBoard(board, { baud, pace, onSession });
    ({ path } = ports.use(opened));
    if (link !== null) ports.use(holdLink(link, path));
  } catch (error) {
    throw new CommandError(
      `gangflash: ${error instanceof NoPty ? "" : `--link ${link}: `}${errorText(error)}`,
      exitCodes.unfit,
    );
  }
  say(io, `${kind}:${link ?? path}`, plan, path);
}

async function onInterface(name: string, board: SimBoard, pace: "real" | "fast"): Promise<Disposable> {
  try {
    return await interfaceBoard(name, board, pace);
  } catch (error) {
    const words = error instanceof Fault ? error.detail : errorText(error);
    throw new CommandError(`gangflash: --link ${name}: ${words}`, exitCodes.unfit);
  }
}

function say(io: Io, port: string, { chip, uid }: PlannedBoard, device: string): void {
  if (io.json) io.out(JSON.stringify({ type: "board", port, chip, uid, device }));
  else io.out(`${port} ${chip} uid ${uid}`);
}
