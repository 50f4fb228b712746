import { assertNever } from "../../lib/assert-never.ts";
import type { Clock } from "../../lib/clock.ts";
import type { SimBoard } from "../board.ts";
import { busPresence } from "../bus-presence.ts";
import { usbDescriptors, type UsbDescriptors } from "./dfu-descriptors.ts";
import { dfuLoader } from "./dfu-loader.ts";
import { dfuMemory } from "./dfu-memory.ts";
import type { DfuRom } from "./dfu-rom.ts";
import type { UsbAnswer } from "./usb-answer.ts";
import { standardRequest } from "./usb-standard.ts";

/**
 * A simulated chip with its DFU loader on a USB bus (AN3156; protocols/usb-dfu-an3156.md), transfer by transfer. Strict: what a good
 * host never does is refused where a real chip might let it pass, and noted as a complaint of the chip. It leaves the
 * bus after a leave, option bytes and an unprotect, and comes back as a real one does.
 */
export interface DfuChip {
  /** As they are on the bus since the last enumeration. */
  descriptors(): UsbDescriptors;
  /** A control transfer whose setup, and data of an OUT transfer, have arrived now. */
  control(setup: Uint8Array, data: Uint8Array): UsbAnswer;
  /** True while it is on the bus. */
  attached(): boolean;
  /** Counts up with each arrival on the bus: who opened an earlier one has lost it. */
  enumeration(): number;
  /** Told of each leaving and coming back, until disposed. */
  watch(listener: (attached: boolean) => void): Disposable;
  /** The pins: a reset with BOOT0 high. */
  reset(): void;
  /** True while the application has the chip. */
  launched(): boolean;
  /** Control transfers by name of their request, since the start. */
  readonly tally: ReadonlyMap<string, number>;
}

const requestNames = ["DETACH", "DNLOAD", "UPLOAD", "GETSTATUS", "CLRSTATUS", "GETSTATE", "ABORT"] as const;
const nothing = new Uint8Array();

export function dfuChip(board: SimBoard, rom: DfuRom, clock: Clock): DfuChip {
  const memory = dfuMemory(board, rom);
  const bus = busPresence(clock);
  const tally = new Map<string, number>();
  let descriptors = usbDescriptors(board, rom);
  let application = false;
  let alternate = 0;
  const loader = dfuLoader({
    board,
    rom,
    clock,
    memory,
    pointTo: (address) => memory.pointTo(address, alternate, descriptors.alternates),
    leave: { now: () => bus.leave(), after: leaveAfter },
  });

  powerUp();

  function powerUp(): void {
    board.chip().reset();
    if (board.chip().spec.family.deviceFeature !== null) board.chip().setProgramWidth(rom.programWidth);
    alternate = 0;
    loader.powerUp();
  }

  function reset(): void {
    application = false;
    powerUp();
    bus.leave();
    bus.plan(board.chip().spec.family.bootMs, () => {
      // Level 2 has no loader any more; a pulled board has no power.
      if (!board.present() || board.chip().protection() === 2) return;
      descriptors = usbDescriptors(board, rom);
      bus.appear();
    });
  }

  function leaveAfter(ms: number, into: "reset" | "application"): void {
    bus.plan(ms, () => {
      if (into === "reset") {
        reset();
        return;
      }
      application = true;
      bus.leave();
    });
  }

  const give = (bytes: Uint8Array): UsbAnswer => ({ kind: "data", bytes, at: clock.now() });
  const stall = (): UsbAnswer => ({ kind: "stall", at: clock.now() });

  function standard(kind: number, request: number, value: number, length: number): UsbAnswer {
    const answer = standardRequest({ kind, request, value, length }, descriptors, { rom, alternate });
    switch (answer.kind) {
      case "bytes":
        return give(answer.bytes);
      case "alternate":
        ({ alternate } = answer);
        return give(nothing);
      case "configured":
        if (rom.start === "idle") {
          alternate = 0;
          loader.toStart();
        }
        return give(nothing);
      case "refused":
        return stall();
      case "silent":
        return { kind: "silence" };
      default:
        return assertNever(answer);
    }
  }

  return {
    tally,
    descriptors: () => descriptors,
    attached: () => bus.attached(),
    enumeration: () => bus.enumeration(),
    launched: () => application,
    reset,
    watch: (listener) => bus.watch(listener),
    control(setup, data) {
      if (!board.present()) bus.leave();
      if (!bus.attached()) return { kind: "gone", at: clock.now() };
      if (board.silent()) return { kind: "silence" };
      const [kind = 0, request = 0] = setup;
      const word = (at: number): number => (setup[at] ?? 0) | ((setup[at + 1] ?? 0) << 8);
      // As ST's class does it: the type decides, not direction or recipient (section 6).
      const isClass = (kind & 0x60) === 0x20;
      const name = isClass ? (requestNames[request] ?? "?") : "standard";
      tally.set(name, (tally.get(name) ?? 0) + 1);
      if (!isClass) return standard(kind, request, word(2), word(6));
      if (word(4) === 0) return loader.request(request, word(2), word(6), data);
      board.chip().complaints.push(`a request to interface ${word(4)}, which is not there`);
      return stall();
    },
  };
}
