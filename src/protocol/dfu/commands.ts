import { deadlines } from "../../lib/deadline.ts";
import { sleep } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import type { ControlAnswer, ControlLink, ControlSetup } from "../links.ts";
import {
  describe,
  isFailure,
  parseStatus,
  requests,
  setInterface,
  stateName,
  states,
  statusBytes,
  type Status,
} from "./requests.ts";

/** Limit of a control transfer that waits for no flash, ms (section 11). */
export const controlMs = 5000;
/** Steps that bring any loader to dfuIDLE, if anything does (section 8.4). */
const idleTries = 8;
/** A mass erase takes no longer, ms. */
const longestWorkMs = 40_000;
/** A loader that STALLs its status outside an erase gets so many more questions. */
const statusTries = 3;

/** Sends requests, waits for answers, compares. Knows nothing of what is written where. */
export interface Exchange {
  /** `null` for a STALL. `ms` where the loader may hold the answer until its flash is ready; `what`: in a complaint. */
  askStatus(signal: AbortSignal, ms?: number, what?: string): Promise<Status | null>;
  /** The same for a loader that has no reason to refuse: a few STALLs are forgiven. Throws DFU_STALLED. */
  status(signal: AbortSignal): Promise<Status>;
  /** False for a STALL. */
  download(block: number, data: Uint8Array, signal: AbortSignal): Promise<boolean>;
  /** `null` for a STALL; fewer bytes than asked for is an end, or a refusal. */
  upload(block: number, length: number, signal: AbortSignal): Promise<Uint8Array | null>;
  clearStatus(signal: AbortSignal): Promise<boolean>;
  abort(signal: AbortSignal): Promise<boolean>;
  selectAlternate(alternate: number, signal: AbortSignal): Promise<boolean>;
  /** From whatever state the loader is found in to dfuIDLE. Never opens with CLRSTATUS: that breaks newer ROMs. */
  toIdle(signal: AbortSignal): Promise<void>;
}

export function exchange(link: ControlLink): Exchange {
  const none = new Uint8Array();
  const limits = deadlines(link.clock);
  const toClass = (request: number, value = 0): ControlSetup => ({ type: "class", request, value });

  async function within(
    what: string,
    ms: number,
    signal: AbortSignal,
    ask: (stop: AbortSignal) => Promise<ControlAnswer>,
  ): Promise<Uint8Array | null> {
    using limit = limits.start(signal, ms, () => {
      return new Fault("LINK_SILENT", `no answer to ${what} within ${Math.round(ms)} ms`);
    });
    const answer = await ask(limit.signal);
    return answer.stall ? null : answer.data;
  }

  async function send(
    what: string,
    setup: ControlSetup,
    data: Uint8Array,
    signal: AbortSignal,
  ): Promise<boolean> {
    return (await within(what, controlMs, signal, (stop) => link.controlOut(setup, data, stop))) !== null;
  }

  async function askStatus(signal: AbortSignal, ms = controlMs, what = "GETSTATUS"): Promise<Status | null> {
    const bytes = await within(what, ms, signal, (stop) =>
      link.controlIn(toClass(requests.getStatus), statusBytes, stop),
    );
    if (bytes === null) return null;
    const status = parseStatus(bytes);
    if (status === null) throw new Fault("LINK_NOISE", `GETSTATUS was answered with ${bytes.length} bytes`);
    return status;
  }

  async function status(signal: AbortSignal): Promise<Status> {
    for (let tries = 0; tries < statusTries; tries += 1) {
      const got = await askStatus(signal);
      if (got !== null) return got;
    }
    throw new Fault("DFU_STALLED", `GETSTATUS was stalled ${statusTries} times`);
  }

  const clearStatus = (signal: AbortSignal): Promise<boolean> =>
    send("CLRSTATUS", toClass(requests.clearStatus), none, signal);
  const abort = (signal: AbortSignal): Promise<boolean> =>
    send("ABORT", toClass(requests.abort), none, signal);

  async function toIdle(signal: AbortSignal): Promise<void> {
    let seen: Status | null = null;
    const patience = link.clock.now() + longestWorkMs;
    for (let tries = 0; tries < idleTries; tries += 1) {
      const now = await status(signal);
      seen = now;
      switch (now.state) {
        case states.idle:
          return;
        case states.downloadIdle:
        case states.uploadIdle:
        case states.downloadSync:
        case states.manifestSync:
          await abort(signal);
          break;
        case states.busy:
          // Work of a session that ended early. What is busy for ever may be freed by CLRSTATUS (H743, section 11).
          if (link.clock.now() < patience) {
            await sleep(link.clock, Math.min(Math.max(now.pollMs, 10), 500), signal);
            tries -= 1;
          } else await clearStatus(signal);
          break;
        case states.manifest:
        case states.manifestWaitReset:
          throw new Fault("BOARD_LEFT", `the loader is on its way out: ${stateName(now.state)}`);
        case states.appIdle:
        case states.appDetach:
          throw new Fault("LINK_SILENT", "the board runs its application, not its loader: check BOOT0");
        default:
          // An error of before, the plain start of older ROMs, or a state that is none (section 6.2).
          await clearStatus(signal);
      }
    }
    const state = seen === null ? "" : isFailure(seen) ? describe(seen) : stateName(seen.state);
    throw new Fault("DFU_STALLED", `the loader cannot be brought to dfuIDLE: ${state}`);
  }

  return {
    askStatus,
    status,
    download: (block, data, signal) =>
      send(`DNLOAD of block ${block}`, toClass(requests.download, block), data, signal),
    upload: (block, length, signal) =>
      within(`UPLOAD of block ${block}`, controlMs, signal, (stop) =>
        link.controlIn(toClass(requests.upload, block), length, stop),
      ),
    clearStatus,
    abort,
    selectAlternate: (alternate, signal) =>
      send("SET_INTERFACE", { type: "standard", request: setInterface, value: alternate }, none, signal),
    toIdle,
  };
}
