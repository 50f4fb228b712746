import { assertNever } from "../lib/assert-never.ts";
import type { Clock } from "../lib/clock.ts";
import {
  commandAddress,
  commandBlock,
  commands,
  firstDataBlock,
  requests,
  stateName,
  states,
  statusAnswer,
  statusBytes,
  statusCodes,
} from "../protocol/dfu/requests.ts";
import type { SimBoard } from "./board.ts";
import { busPresence } from "./bus-presence.ts";
import { usbDescriptors, type UsbDescriptors } from "./dfu-descriptors.ts";
import { dfuMemory, type Done } from "./dfu-memory.ts";
import type { DfuRom, ToldMs } from "./dfu-rom.ts";
import { standardRequest } from "./usb-standard.ts";

/** What comes of a control transfer, and the bench time at which the device is ready to give it. */
export type UsbAnswer =
  /** Bytes of an IN transfer; none where an OUT transfer is taken. Until `at` the device answers NAK. */
  | { readonly kind: "data"; readonly bytes: Uint8Array; readonly at: number }
  | { readonly kind: "stall"; readonly at: number }
  /** The device leaves the bus instead of answering. */
  | { readonly kind: "gone"; readonly at: number }
  /** Neither an answer nor an end: a board that fell silent. */
  | { readonly kind: "silence" };

/**
 * The DFU loader of a simulated chip (AN3156; protocols/usb-dfu-an3156.md), transfer by transfer. Strict: what a good
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

/** Work that a DNLOAD staged, for the next GETSTATUS to start, and what the loader tells of its time. */
interface Work {
  readonly told: ToldMs;
  readonly run: () => Done;
}
interface Busy {
  readonly until: number;
  readonly toldMs: number;
  readonly done: Done;
}

const requestNames = ["DETACH", "DNLOAD", "UPLOAD", "GETSTATUS", "CLRSTATUS", "GETSTATE", "ABORT"] as const;
/** Timers of a host may fire so much early, ms. */
const slackMs = 1;
/** From the last answer to the leave, ms. */
const manifestMs = 1;
const nothing = new Uint8Array();

export function dfuChip(board: SimBoard, rom: DfuRom, clock: Clock): DfuChip {
  const memory = dfuMemory(board, rom);
  const bus = busPresence(clock);
  const tally = new Map<string, number>();
  let descriptors = usbDescriptors(board, rom);
  let application = false;

  let state: number = states.idle;
  let status: number = statusCodes.ok;
  let work: Work | null = null;
  let busy: Busy | null = null;
  let askNotBefore = 0;
  let alternate = 0;
  let dataDownloads = 0;

  powerUp();

  function complain(why: string): void {
    board.chip().complaints.push(why);
  }

  function give(bytes: Uint8Array, at = clock.now()): UsbAnswer {
    return { kind: "data", bytes, at };
  }

  function stall(why?: string): UsbAnswer {
    if (why !== undefined) complain(why);
    return { kind: "stall", at: clock.now() };
  }

  function powerUp(): void {
    board.chip().reset();
    if (board.chip().spec.family.deviceFeature !== null) board.chip().setProgramWidth(rom.programWidth);
    toStart();
    if (rom.start === "error") fail(statusCodes.firmware);
  }

  function toStart(): void {
    memory.reset();
    state = states.idle;
    status = statusCodes.ok;
    work = null;
    busy = null;
    askNotBefore = 0;
    alternate = 0;
  }

  function fail(code: number): void {
    state = states.error;
    status = code;
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

  /** Work that is over by now has its end: the next answer tells it. */
  function settle(): void {
    if (busy === null || busy.done.after !== undefined || clock.now() < busy.until) return;
    ({ state, status } = ending(busy.done.status));
    busy = null;
  }

  function ending(code: number): { readonly state: number; readonly status: number } {
    return { state: code === statusCodes.ok ? states.downloadIdle : states.error, status: code };
  }

  function download(block: number, data: Uint8Array): UsbAnswer {
    if (state === states.downloadSync)
      return stall("a DNLOAD came before the GETSTATUS that starts the one before");
    if (state === states.error) return stall();
    if (state !== states.idle && state !== states.downloadIdle) return stall(`DNLOAD in ${stateName(state)}`);
    if (data.length === 0) {
      state = states.manifestSync;
      return give(nothing);
    }
    if (data.length > rom.transferSize)
      complain(`DNLOAD of ${data.length} bytes, more than the transfer size ${rom.transferSize}`);
    const taken = data.slice(0, rom.transferSize);
    if (block === commandBlock) work = command(taken);
    else if (block < firstDataBlock) {
      complain("DNLOAD of the reserved block 1");
      work = null;
    } else {
      if (stallsByPlan()) return stall();
      work = { told: rom.told.write, run: () => memory.write(block, taken) };
    }
    state = states.downloadSync;
    return give(nothing);
  }

  function stallsByPlan(): boolean {
    dataDownloads += 1;
    const plan = rom.stallDownload;
    return plan !== null && (plan > 0 ? dataDownloads === plan : dataDownloads >= -plan);
  }

  function command(bytes: Uint8Array): Work {
    const [code] = bytes;
    const quick = (run: () => number): Work => ({ told: 0, run: () => ({ ms: 0, status: run() }) });
    if (bytes.length === 1) {
      switch (code) {
        case commands.get:
          return quick(() => statusCodes.ok);
        case commands.erase:
          return { told: rom.told.massErase, run: () => memory.eraseAll() };
        case commands.readUnprotect:
          return { told: "true", run: () => memory.unprotect() };
        default:
      }
    }
    if (bytes.length === 5 && code === commands.setAddress)
      return quick(() => memory.pointTo(commandAddress(bytes), alternate, descriptors.alternates));
    if (bytes.length === 5 && code === commands.erase)
      return { told: rom.told.erase, run: () => memory.erase(commandAddress(bytes)) };
    complain(`unknown command of ${bytes.length} bytes, code ${code}`);
    return quick(() => statusCodes.stalledPacket);
  }

  function upload(block: number, length: number): UsbAnswer {
    if (state === states.error) return stall();
    if (state !== states.idle && state !== states.uploadIdle)
      return stall(`UPLOAD in ${stateName(state)}, without ABORT`);
    if (block === commandBlock) {
      state = states.idle;
      return give(Uint8Array.of(...Object.values(commands)).subarray(0, length));
    }
    if (length > rom.transferSize)
      complain(`UPLOAD of ${length} bytes, more than the transfer size ${rom.transferSize}`);
    if (block < firstDataBlock) {
      complain("UPLOAD of the reserved block 1");
      return refuseUpload();
    }
    if (memory.locked()) {
      fail(statusCodes.vendor);
      return rom.locked === "upload-empty" ? give(nothing) : stall();
    }
    const bytes = memory.read(block, Math.min(length, rom.transferSize));
    if (bytes === null) return refuseUpload();
    state = states.uploadIdle;
    return give(bytes);
  }

  function refuseUpload(): UsbAnswer {
    if (rom.refusedUpload === "empty") {
      fail(statusCodes.firmware);
      return give(nothing);
    }
    state = statusCodes.stalledPacket;
    return stall();
  }

  function report(pollMs: number): UsbAnswer {
    askNotBefore = clock.now() + pollMs;
    return give(statusAnswer({ status, pollMs, state }));
  }

  function getStatus(): UsbAnswer {
    if (clock.now() < askNotBefore - slackMs)
      complain(`GETSTATUS ${Math.ceil(askNotBefore - clock.now())} ms before the poll time was over`);
    askNotBefore = 0;
    settle();
    if (busy !== null) return stillBusy(busy);
    if (state === states.manifestSync) return manifest();
    if (state !== states.downloadSync) return report(0);
    if (work === null) {
      state = states.downloadIdle;
      return report(0);
    }
    return start(work);
  }

  function start({ told, run }: Work): UsbAnswer {
    work = null;
    const done = run();
    if (!board.present()) {
      bus.leave();
      return { kind: "gone", at: clock.now() };
    }
    if (board.silent()) return { kind: "silence" };
    state = states.busy;
    busy = { until: clock.now() + done.ms, toldMs: told === "true" ? Math.ceil(done.ms) : told, done };
    if (done.after === "reset") bus.plan(done.ms + manifestMs, reset);
    return report(busy.toldMs);
  }

  function stillBusy({ until, toldMs, done }: Busy): UsbAnswer {
    if (done.after === "wedge") return report(toldMs);
    if (done.after === "reset") return { kind: "gone", at: until + manifestMs };
    switch (rom.busy) {
      case "reply":
        return report(Math.min(toldMs, Math.ceil(until - clock.now())));
      case "stall":
        return stall();
      // The answer is that of the end, and comes with it; until then the work goes on.
      case "hold":
        return give(statusAnswer({ ...ending(done.status), pollMs: 0 }), until);
      default:
        return assertNever(rom.busy);
    }
  }

  /** The answer before the leave; then the application, or a reset where there is none. */
  function manifest(): UsbAnswer {
    if (memory.leaveAddress() === null) complain("a leave without an address set for it");
    state = states.manifest;
    bus.plan(manifestMs, () => {
      if (memory.locked() || !board.chip().bootable(memory.pointer())) {
        reset();
        return;
      }
      application = true;
      bus.leave();
    });
    return report(manifestMs);
  }

  function clearStatus(): UsbAnswer {
    settle();
    if (busy !== null) {
      if (busy.done.after !== "wedge") return stall("CLRSTATUS while the flash works");
      busy = null;
      askNotBefore = 0;
      fail(statusCodes.unknown);
      return give(nothing);
    }
    work = null;
    // A code in the field of the state is an error only on the wire: inside it is a state like any other.
    if (state === states.error || rom.clearOutsideError === "idle") {
      state = states.idle;
      status = statusCodes.ok;
      return give(nothing);
    }
    if (state <= states.error) complain(`CLRSTATUS in ${stateName(state)}`);
    if (rom.clearOutsideError === "stall") return stall();
    fail(statusCodes.unknown);
    return give(nothing);
  }

  function abort(): UsbAnswer {
    if (work !== null) complain("ABORT of a download that no GETSTATUS has started");
    const ignored: readonly number[] = [
      states.busy,
      states.manifest,
      states.error,
      statusCodes.stalledPacket,
    ];
    if (ignored.includes(state)) return give(nothing);
    work = null;
    state = states.idle;
    return give(nothing);
  }

  function classRequest(request: number, value: number, length: number, data: Uint8Array): UsbAnswer {
    settle();
    switch (request) {
      case requests.download:
        return busy === null ? download(value, data) : stall("DNLOAD while the flash works");
      case requests.upload:
        return busy === null ? upload(value, length) : stall("UPLOAD while the flash works");
      case requests.getStatus:
        if (length !== statusBytes) complain(`GETSTATUS of ${length} bytes`);
        return getStatus();
      case requests.clearStatus:
        return clearStatus();
      case requests.getState:
        return give(Uint8Array.of(state));
      case requests.abort:
        return abort();
      default:
        return stall(`class request ${request}, which a loader has not`);
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
      const value = word(2);
      // As ST's class does it: the type decides, not direction or recipient (section 6).
      const isClass = (kind & 0x60) === 0x20;
      const name = isClass ? (requestNames[request] ?? "?") : "standard";
      tally.set(name, (tally.get(name) ?? 0) + 1);
      if (isClass) {
        if (word(4) !== 0) return stall(`a request to interface ${word(4)}, which is not there`);
        return classRequest(request, value, word(6), data);
      }
      const answer = standardRequest({ kind, request, value, length: word(6) }, descriptors, {
        rom,
        alternate,
      });
      switch (answer.kind) {
        case "bytes":
          return give(answer.bytes);
        case "alternate":
          ({ alternate } = answer);
          return give(nothing);
        case "configured":
          if (rom.start === "idle") toStart();
          return give(nothing);
        case "refused":
          return stall();
        case "silent":
          return { kind: "silence" };
        default:
          return assertNever(answer);
      }
    },
  };
}
