import { assertNever } from "../../lib/assert-never.ts";
import type { Clock } from "../../lib/clock.ts";
import {
  commandBlock,
  commands,
  firstDataBlock,
  requests,
  stateName,
  states,
  statusAnswer,
  statusBytes,
  statusCodes,
} from "../../protocol/dfu/requests.ts";
import type { SimBoard } from "../board.ts";
import type { DfuMemory, Done } from "./dfu-memory.ts";
import type { DfuRom } from "./dfu-rom.ts";
import { commandWork, type Work } from "./dfu-work.ts";
import type { UsbAnswer } from "./usb-answer.ts";

/** How the loader goes off the bus. */
export interface Leave {
  /** At once, as a board that was pulled. */
  now(): void;
  /** In so many ms: a reset, which comes back, or the application. */
  after(ms: number, into: "reset" | "application"): void;
}

export interface DfuLoaderOptions {
  readonly board: SimBoard;
  readonly rom: DfuRom;
  readonly clock: Clock;
  readonly memory: DfuMemory;
  /** Set Address Pointer within the alternate setting that the host has selected; gives a status. */
  readonly pointTo: (address: number) => number;
  readonly leave: Leave;
}

/** The DFU state machine of a loader, request by request; it knows nothing of the bus but that it leaves it. */
export interface DfuLoader {
  /** As after power-up, in dfuERROR where this ROM starts there. */
  powerUp(): void;
  /** As after a configuration by the host. */
  toStart(): void;
  /** A request of the DFU class. */
  request(request: number, value: number, length: number, data: Uint8Array): UsbAnswer;
}

interface Busy {
  readonly until: number;
  readonly toldMs: number;
  readonly done: Done;
}

/** Timers of a host may fire so much early, ms. */
const slackMs = 1;
/** From the last answer to the leave, ms. */
const manifestMs = 1;
const nothing = new Uint8Array();

export function dfuLoader({ board, rom, clock, memory, pointTo, leave }: DfuLoaderOptions): DfuLoader {
  let state: number = states.idle;
  let status: number = statusCodes.ok;
  let work: Work | null = null;
  let busy: Busy | null = null;
  let askNotBefore = 0;
  let dataDownloads = 0;

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

  function toStart(): void {
    memory.reset();
    state = states.idle;
    status = statusCodes.ok;
    work = null;
    busy = null;
    askNotBefore = 0;
  }

  function fail(code: number): void {
    state = states.error;
    status = code;
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
    if (block === commandBlock) work = commandWork(taken, { memory, rom, pointTo, complain });
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
      leave.now();
      return { kind: "gone", at: clock.now() };
    }
    if (board.silent()) return { kind: "silence" };
    state = states.busy;
    busy = { until: clock.now() + done.ms, toldMs: told === "true" ? Math.ceil(done.ms) : told, done };
    if (done.after === "reset") leave.after(done.ms + manifestMs, "reset");
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
    const starts = !memory.locked() && board.chip().bootable(memory.pointer());
    leave.after(manifestMs, starts ? "application" : "reset");
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

  function request(code: number, value: number, length: number, data: Uint8Array): UsbAnswer {
    settle();
    switch (code) {
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
        return stall(`class request ${code}, which a loader has not`);
    }
  }

  return {
    request,
    toStart,
    powerUp() {
      toStart();
      if (rom.start === "error") fail(statusCodes.firmware);
    },
  };
}
