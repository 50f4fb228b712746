import { errorText } from "../lib/thrown.ts";
import { cleanText } from "../lib/clean-text.ts";
import type { AttemptHandle, AttemptRecord } from "../model/attempt.ts";
import type { AttemptEvent, Outcome } from "../model/event.ts";
import { Fault, toFault } from "../model/fault.ts";
import type { Job } from "../job/job.ts";
import { runAttempt, type Place } from "../job/run-attempt.ts";
import type { Books } from "./books.ts";
import { watchWallClock } from "./wall-clock.ts";

/** What one slot's attempt came to. `record` is `null` when it could not be written: then nobody passed. */
export interface SlotResult {
  readonly record: AttemptRecord | null;
  readonly outcome: Outcome;
  readonly ms: number;
}

/**
 * One attempt: each event is kept, then shown; the verdict is shown once its row is on disk. When keeping fails the
 * attempt is stopped and ends as RECORD_FAILED: no record, no pass.
 */
export async function runSlot(
  job: Job,
  place: Place,
  handle: AttemptHandle,
  books: Books,
  show: (event: AttemptEvent) => void,
  signal: AbortSignal,
): Promise<SlotResult> {
  const stop = new AbortController();
  const follow = (): void => stop.abort(interruption(signal.reason));
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  let lost: Fault | null = null;
  let outcome: Outcome | null = null;
  let ms = 0;
  let watched = true;
  const clockStep = watchWallClock();
  const keep = (event: AttemptEvent): void => {
    if (lost !== null) return;
    try {
      books.unhurried(() => books.journal(handle, event));
    } catch (error) {
      lost = recordLost(error);
      stop.abort(lost);
    }
  };
  const tell = (event: AttemptEvent): void => {
    try {
      if (watched) show(event);
    } catch {
      // A view that breaks takes no board with it: the attempt goes on unseen, its end is still told.
      watched = false;
    }
  };
  try {
    for await (const event of runAttempt(job, place, stop.signal)) {
      ms = event.ms;
      if (event.type === "ended") {
        outcome = event.outcome;
        const step = clockStep();
        if (step !== null) keep({ type: "note", text: step, ms });
        break;
      }
      if (event.type !== "progress") keep(event);
      if (lost === null) tell(event);
    }
  } catch (error) {
    outcome = outcomeOf(toFault(error));
  } finally {
    signal.removeEventListener("abort", follow);
  }
  const ended =
    lost === null
      ? (outcome ?? outcomeOf(new Fault("STATION_BUG", "the attempt ended without a verdict")))
      : outcomeOf(lost);
  return await close(handle, books, cleanOutcome(ended), ms);
}

/** Whoever stops an attempt from outside interrupts it, whatever their reason is made of. */
export function interruption(reason: unknown): Fault {
  if (reason instanceof Fault) return reason;
  return new Fault("INTERRUPTED", errorText(reason));
}

async function close(handle: AttemptHandle, books: Books, outcome: Outcome, ms: number): Promise<SlotResult> {
  try {
    const record = books.unhurried(() => books.closeAttempt(handle, { at: new Date(), ms, outcome }));
    await books.onDisk();
    return { record, outcome: record.outcome, ms };
  } catch (error) {
    return { record: null, outcome: outcomeOf(recordLost(error)), ms };
  }
}

/** What the books say when they cannot be written, as the fault of an attempt. */
export function recordLost(error: unknown): Fault {
  if (error instanceof Fault) return error;
  const why = errorText(error);
  return new Fault("RECORD_FAILED", why, { cause: error });
}

export function outcomeOf(fault: Fault): Outcome {
  return { kind: fault.verdict, failure: { code: fault.code, message: fault.say, detail: fault.detail } };
}

// A detail may quote what a device said.
function cleanOutcome(outcome: Outcome): Outcome {
  if (outcome.kind === "PASS") return outcome;
  const { failure } = outcome;
  const detail = failure.detail
    .split("\n")
    .map((line) => cleanText(line, 400))
    .join(" | ");
  return { kind: outcome.kind, failure: { ...failure, detail } };
}
