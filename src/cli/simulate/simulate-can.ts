import { realClock } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import type { SimBoard } from "../../sim/board.ts";
import { canBoard } from "../../sim/connect.ts";
import { canLoader } from "../../sim/can/can-rom.ts";
import { paceClock, type Pace } from "../../sim/os/pace-clock.ts";
import { wireBus } from "../../sim/wire-bus.ts";
import { openCanSocket } from "../../transport/can/can-socket.ts";

/** Until a full queue of the kernel is tried again, ms. */
const fullMs = 1;

/**
 * A simulated board on a CAN interface of the kernel: a vcan, which has no bit rate and no errors, so the loader's Speed
 * changes nothing there. It plays the operator too: a synchronisation while the application runs is taken as put in
 * again. Throws a Fault ADAPTER_LOST where there is no such interface.
 */
export async function interfaceBoard(name: string, board: SimBoard, pace: Pace): Promise<Disposable> {
  const fd = canLoader(board.chip().spec.family).dataBitrate !== null;
  const unsent: Parameters<typeof socket.send>[0][] = [];
  const bus = wireBus(paceClock(pace), (frame) => {
    unsent.push(frame);
    if (unsent.length === 1) flush();
  });
  const socket = await openCanSocket(name, {
    fd,
    ownMessages: false,
    event(event) {
      if (event.type !== "frame") return;
      if (chip.launched()) {
        board.putBack();
        chip.reset();
      }
      bus.heard(event.frame);
    },
    lost: () => socket.close(),
  });
  const chip = canBoard(board, bus);

  function flush(): void {
    try {
      for (let next = unsent[0]; next !== undefined; next = unsent[0]) {
        if (!socket.send(next)) {
          realClock.after(fullMs, flush);
          return;
        }
        unsent.shift();
      }
    } catch (error) {
      // The interface has gone down or away: frames of a board on it go nowhere.
      if (!(error instanceof Fault)) throw error;
      unsent.length = 0;
    }
  }

  return { [Symbol.dispose]: () => socket.close() };
}
