import { assertNever } from "../../lib/assert-never.ts";
import type { Clock } from "../../lib/clock.ts";
import { whenTrue } from "../../lib/when-true.ts";
import { Fault } from "../../model/fault.ts";
import { dfuFacts, parseDescriptors, stringText } from "../../protocol/dfu/descriptors.ts";
import type { ControlAnswer, ControlLink, ControlSetup, DfuFactsOfDevice } from "../../protocol/links.ts";
import type { DfuChip } from "./dfu-chip.ts";
import type { UsbAnswer } from "./usb-answer.ts";

/** Byte times of one frame, which is one millisecond at full speed (section 12.1). */
const frameBytes = 1500;
const packetBytes = 64;
/** Framing of one transaction, in byte times. */
const packetFrame = 13;

/**
 * Time of a control transfer on a full-speed bus, ms: setup, data in packets of 64 bytes, status; in whole frames,
 * because a host controller rarely begins the next transfer in the frame in which it sees the end of one.
 */
export function transferMs(dataBytes: number): number {
  const data = dataBytes + packetFrame * Math.ceil(dataBytes / packetBytes);
  return Math.ceil((8 + packetFrame + data + packetFrame) / frameBytes);
}

/**
 * The device of a simulated board that is on the bus now, in this process. Answers come when the wire and the flash
 * would have let them. It ends with the enumeration it was opened in; throws NO_BOARD where none is on the bus.
 */
export function simUsbLink(chip: DfuChip, clock: Clock): ControlLink {
  if (!chip.attached()) throw new Fault("NO_BOARD", "no device on the bus");
  const enumeration = chip.enumeration();
  const facts = factsOf(chip);
  const { interfaceNumber } = facts;

  const gone = (what: string): Fault => new Fault("BOARD_LEFT", `the device left the bus in ${what}`);
  const here = (): boolean => chip.attached() && chip.enumeration() === enumeration;

  /** Waits until bench time `at`, or for ever; ends early when the device goes. */
  function until(at: number, what: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const timer = Number.isFinite(at) ? clock.after(at - clock.now(), () => end(null)) : null;
      const watch = chip.watch(() => end(gone(what)));
      const stop = (): void => end(signal.reason as Error);
      signal.addEventListener("abort", stop, { once: true });
      function end(error: Error | null): void {
        timer?.[Symbol.dispose]();
        watch[Symbol.dispose]();
        signal.removeEventListener("abort", stop);
        if (error === null) resolve();
        else reject(error);
      }
    });
  }

  async function transfer(
    setup: ControlSetup,
    direction: "in" | "out",
    length: number,
    data: Uint8Array,
    signal: AbortSignal,
  ): Promise<ControlAnswer> {
    const what = `${setup.type} request ${setup.request}`;
    if (!here()) throw gone(what);
    const kind = (direction === "in" ? 0x80 : 0) | (setup.type === "class" ? 0x20 : 0) | 1;
    const header = [kind, setup.request, ...word(setup.value), ...word(interfaceNumber), ...word(length)];
    // An OUT transfer has its data on the wire before the device sees it, an IN transfer after.
    const before = direction === "out" ? transferMs(data.length) : 0;
    if (before > 0) await until(clock.now() + before, what, signal);
    const answer: UsbAnswer = chip.control(Uint8Array.from(header), data);
    switch (answer.kind) {
      case "data": {
        const after = direction === "in" ? transferMs(answer.bytes.length) : 0;
        await until(Math.max(answer.at, clock.now()) + after, what, signal);
        return { stall: false, data: answer.bytes };
      }
      case "stall":
        await until(Math.max(answer.at, clock.now()) + transferMs(0), what, signal);
        return { stall: true };
      case "gone":
        await until(answer.at, what, signal);
        throw gone(what);
      case "silence":
        await until(Number.POSITIVE_INFINITY, what, signal);
        throw gone(what);
      default:
        return assertNever(answer);
    }
  }

  return {
    clock,
    facts,
    controlIn: (setup, length, signal) => transfer(setup, "in", length, new Uint8Array(), signal),
    controlOut: (setup, data, signal) => transfer(setup, "out", data.length, data, signal),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

const word = (value: number): number[] => [value & 0xff, value >>> 8];

/** Waits until the board is on the bus: it leaves and comes back by itself. */
export const whenAttached = (chip: DfuChip, signal: AbortSignal): Promise<void> =>
  whenTrue(() => chip.attached(), chip, signal);

/** Read as a real host would have read them at the enumeration. */
function factsOf(chip: DfuChip): DfuFactsOfDevice {
  const { device, configuration, strings } = chip.descriptors();
  const found = parseDescriptors(device, configuration);
  if (typeof found === "string") throw new Fault("FOREIGN_DEVICE", found);
  return dfuFacts(found, new Map(strings.map((bytes, index) => [index, stringText(bytes)])));
}
