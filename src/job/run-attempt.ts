import { deadline } from "../lib/deadline.ts";
import type { Clock } from "../lib/clock.ts";
import {
  stepNames,
  type AttemptEvent,
  type AttemptHappening,
  type Outcome,
  type StepName,
} from "../model/event.ts";
import type { Wire } from "../model/family.ts";
import { Fault, toFault } from "../model/fault.ts";
import type { Bootloader, Connect } from "../protocol/bootloader.ts";
import { retriesOf, type AttemptState } from "./attempt-state.ts";
import type { Job } from "./job.ts";
import { stepLimitMs } from "./limits.ts";
import { readUid } from "./steps/bind.ts";
import { sureReads } from "./sure-reads.ts";
import { steps } from "./steps/table.ts";

/** The slot an attempt runs in: its time, its port, and the bit rate where the wire has one. */
export interface Place {
  readonly clock: Clock;
  readonly connect: Connect;
  readonly bitRate: number | null;
  readonly wire: Wire;
  /** The port's own text, for the record. */
  readonly portText: string;
  /** What happened at the port that a record should tell, since it was asked the last time; left out: never anything. */
  readonly notes?: () => readonly string[];
}

/**
 * One attempt on one board: the steps in order, each with its own deadline, and exactly one verdict at the end. The
 * link is closed before the verdict, so that a close that fails still spoils a pass.
 */
export async function* runAttempt(
  job: Job,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<AttemptEvent, void, undefined> {
  const begin = place.clock.now();
  const stamp = (happening: AttemptHappening): AttemptEvent => ({
    ...happening,
    ms: Math.round((place.clock.now() - begin) * 1000) / 1000,
  });
  let outcome: Outcome;
  const events = attempt(job, place, signal);
  for (;;) {
    const next = await events.next();
    if (next.done === true) {
      outcome = next.value;
      break;
    }
    yield stamp(next.value);
  }
  yield stamp({ type: "ended", outcome });
}

async function* attempt(
  job: Job,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<AttemptHappening, Outcome, undefined> {
  let state: AttemptState | null = null;
  let fault: Fault | null = null;
  yield { type: "step", step: "identify", state: "start" };
  try {
    state = await open(job, place, signal);
    yield* told(place);
    for (const step of stepNames) {
      if (step !== "identify") yield { type: "step", step, state: "start" };
      yield* runStep(step, state, place, signal);
      yield* told(place);
    }
  } catch (error) {
    fault = toFault(error);
    yield* told(place);
    if (state === null) yield failed("identify", 0, 0, fault);
    else fault = await swapped(state, fault, signal);
  }
  try {
    await state?.loader[Symbol.asyncDispose]();
  } catch (error) {
    fault ??= toFault(error);
  }
  if (fault !== null)
    return { kind: fault.verdict, failure: { code: fault.code, message: fault.say, detail: fault.detail } };
  return { kind: "PASS", marginal: state !== null && retriesOf(state) > 0 };
}

function* told(place: Place): Generator<AttemptHappening, void, undefined> {
  for (const text of place.notes?.() ?? []) yield { type: "note", text };
}

async function open(job: Job, place: Place, signal: AbortSignal): Promise<AttemptState> {
  const connect = async (stop: AbortSignal): Promise<Bootloader> =>
    sureReads(await place.connect(stop), () => {
      state.retries += 1;
    });
  const state: AttemptState = {
    job,
    loader: await connect(signal),
    chip: null,
    uid: null,
    usbSerial: null,
    patched: null,
    content: [],
    retries: 0,
    locked: false,
    async reconnect(stop) {
      const { loader } = state;
      await loader[Symbol.asyncDispose]();
      state.loader = await connect(stop);
      state.retries += loader.repeats;
    },
  };
  return state;
}

async function* runStep(
  step: StepName,
  state: AttemptState,
  place: Place,
  signal: AbortSignal,
): AsyncGenerator<AttemptHappening, void, undefined> {
  const begin = place.clock.now();
  const retriesBefore = retriesOf(state);
  const limitMs = stepLimitMs(step, state, place.bitRate);
  using limit = deadline(place.clock, signal, limitMs, () => {
    return new Fault("CHIP_BUSY", `step ${step} did not end within ${Math.round(limitMs / 1000)} s`);
  });
  try {
    const bytes = yield* steps[step](state, limit.signal);
    yield {
      type: "step",
      step,
      state: "done",
      bytes,
      took: place.clock.now() - begin,
      retries: retriesOf(state) - retriesBefore,
      code: null,
    };
  } catch (error) {
    const fault = toFault(error);
    yield failed(step, place.clock.now() - begin, retriesOf(state) - retriesBefore, fault);
    throw fault;
  }
}

function failed(step: StepName, took: number, retries: number, fault: Fault): AttemptHappening {
  return { type: "step", step, state: "fail", bytes: 0, took, retries, code: fault.code };
}

/** Data that is wrong in a board whose UID changed is not a bad board: another one lies there. */
async function swapped(state: AttemptState, fault: Fault, signal: AbortSignal): Promise<Fault> {
  const suspicious = ["VERIFY_MISMATCH", "DATA_MISMATCH", "CHIP_REFUSED", "OPTION_MISMATCH"];
  if (!suspicious.includes(fault.code) || state.uid === null || state.chip === null || signal.aborted)
    return fault;
  try {
    const uid = await readUid(state.loader, state.chip.family, signal);
    if (uid === null || uid === state.uid) return fault;
    return new Fault("BOARD_CHANGED", `the UID was ${state.uid} and is ${uid} now; ${fault.detail}`, {
      cause: fault,
    });
  } catch {
    // The first cause wins: a board that cannot tell its UID any more says nothing new.
    return fault;
  }
}
