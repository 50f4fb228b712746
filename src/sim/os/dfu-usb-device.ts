import { listeners } from "../../lib/listeners.ts";
import { assertNever } from "../../lib/assert-never.ts";
import type { SimBoard } from "../board.ts";
import { dfuChip, type DfuChip } from "../dfu/dfu-chip.ts";
import type { DfuRom } from "../dfu/dfu-rom.ts";
import { transferMs } from "../dfu/usb-link.ts";
import { paceClock, type Pace } from "./pace-clock.ts";
import { isIn, type Transfer, type TransferEnd, type UsbDevice } from "./usb-device.ts";

export interface DfuUsbDevice extends UsbDevice {
  readonly chip: DfuChip;
  /** The operator takes the board out and puts it in again, its flash as it is. */
  reseat(): void;
}

const nothing = new Uint8Array();

/**
 * A simulated board in its USB loader, for a real host. At `real` the bus and the flash take the time they take; at
 * `fast` work is over when the host asks for it, and the loader tells no times to wait.
 */
export function dfuUsbDevice(board: SimBoard, rom: DfuRom, pace: Pace): DfuUsbDevice {
  const clock = paceClock(pace);
  const told = { write: 0, erase: 0, massErase: 0 };
  const chip = dfuChip(board, pace === "fast" ? { ...rom, told } : rom, clock);
  const watchers = listeners<[attached: boolean]>();
  /** An answer that the chip has given and the bus is carrying: a leave right behind it does not undo it. */
  let flying: { readonly readyAt: number; readonly land: () => void } | null = null;
  let ended = false;

  const own = chip.watch((attached) => {
    if (!attached && flying !== null && flying.readyAt <= clock.now()) flying.land();
    watchers.tell(attached);
  });

  function submit({ endpoint, setup, data }: Transfer, end: (end: TransferEnd) => void): Disposable {
    let timer: Disposable | null = null;
    const at = (due: number, then: () => void): void => {
      timer = clock.after(due - clock.now(), then);
    };
    clock.hostActs();
    if (endpoint !== 0) end({ kind: "stall" });
    // Data of an OUT transfer is on the wire before the chip sees it.
    else if (isIn(setup)) arrive();
    else at(clock.now() + transferMs(data.length), arrive);

    function arrive(): void {
      const answer = chip.control(setup, isIn(setup) ? nothing : data);
      switch (answer.kind) {
        case "data": {
          const { bytes } = answer;
          if (isIn(setup)) fly(answer.at, transferMs(bytes.length), { kind: "data", bytes });
          else fly(answer.at, 0, { kind: "taken" });
          return;
        }
        case "stall":
          fly(answer.at, transferMs(0), { kind: "stall" });
          return;
        // No answer will come: the host has to take the transfer back, or loses the device.
        case "gone":
        case "silence":
          return;
        default:
          assertNever(answer);
      }
    }

    function fly(readyAt: number, wireMs: number, answer: TransferEnd): void {
      const land = (): void => {
        stop();
        end(answer);
      };
      at(readyAt + wireMs, land);
      flying = { readyAt, land };
    }

    function stop(): void {
      timer?.[Symbol.dispose]();
      flying = null;
    }

    return { [Symbol.dispose]: stop };
  }

  return {
    chip,
    descriptors: () => chip.descriptors(),
    attached: () => !ended && chip.attached(),
    watch: watchers.add,
    submit,
    reseat() {
      board.putBack();
      chip.reset();
    },
    [Symbol.dispose]() {
      ended = true;
      own[Symbol.dispose]();
    },
  };
}
