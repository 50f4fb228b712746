import { Inbox } from "../lib/inbox.ts";
import { Fault } from "../model/fault.ts";
import type { Station } from "../model/station.ts";
import type { OperatorInput } from "../model/view.ts";
import { realmOf } from "./order.ts";
import { askBooks } from "./ask-books.ts";
import { busyCount, type BenchState } from "./bench-state.ts";
import { decide, type Input } from "./decide.ts";
import { performer } from "./perform.ts";
import { checkFit } from "./read-boards.ts";
import type { RunningStation, StationOptions } from "./running-station.ts";
import { factsNow } from "./session-facts.ts";
import { interruption } from "./run-slot.ts";
import { newSession } from "./session.ts";
import { signalsOf } from "./signals.ts";
import { observe } from "./takt.ts";
import { viewOf, type ViewFrame } from "./view.ts";

const standsMs = { refused: 10_000, question: 5_000, chosen: 10_000 } as const;
type Standing = keyof typeof standsMs;

/** It comes some thousand times a second, and nothing that is asked of the books hangs on it. */
const isProgress = (input: Input): boolean => input.type === "event" && input.event.type === "progress";

/**
 * The bench with a person at it: one inbox, one reader; `decide` says what to do, `perform` does it. All rules run one
 * after another, slots only run hardware.
 */
export function runStation(options: StationOptions): RunningStation {
  const { station, books } = options;
  const inbox = new Inbox<Input | OperatorInput>();
  const stop = new AbortController();
  const watchers = new Set<() => void>();
  const running = new Set<Promise<void>>();
  const timers = new Map<Standing, NodeJS.Timeout>();
  const frame: ViewFrame = {
    station: station.name,
    rows: station.rows,
    columns: station.columns,
    places: station.places,
    simulated: someOf(station.slots),
    timezone: station.timezone,
    language: station.rules.language,
  };
  const session = newSession(options, {
    post: (input) => inbox.post(input),
    stop: stop.signal,
    keep(doing) {
      running.add(doing);
      void doing.finally(() => running.delete(doing));
    },
  });
  const perform = performer(
    session,
    () => stop.abort(new Fault("INTERRUPTED", "Ctrl-C was pressed twice")),
    () => inbox.close(),
  );
  let facts = factsNow(session);

  /** A scan is asked about when it is its turn: the order may have changed since it came. */
  function asked(input: Input | OperatorInput): Input {
    switch (input.type) {
      case "typed":
        return asScan(input.text, true);
      case "scanned":
        return "scan" in input ? input : asScan(input.text, false);
      case "key":
        return { ...input, places: station.places, columns: station.columns };
      default:
        return input;
    }
  }

  function asScan(text: string, typed: boolean): Input {
    const scan = askBooks(text, session.state, station, session.work?.order ?? null, books);
    const isKey =
      scan.kind === "card" && scan.key !== "enter" && scan.key !== "escape" && scan.key !== "pause";
    return isKey
      ? { type: "key", key: scan.key, places: station.places, columns: station.columns }
      : { type: "scanned", text, typed, scan };
  }

  function observed(before: BenchState, input: Input): void {
    const at = performance.now() - session.begin;
    if (input.type === "scanned" && busyCount(session.state) > busyCount(before))
      session.takt = observe(session.takt, { type: "scanned", at, busy: busyCount(before) });
    if (input.type === "presence" && input.presence.kind === "none")
      session.takt = observe(session.takt, { type: "removed", at });
    for (const signal of signalsOf(before, session.state)) options.signalled(signal);
  }

  function expire(before: BenchState): void {
    for (const what of Object.keys(standsMs) as Standing[]) {
      if (before[what] === session.state[what]) continue;
      clearTimeout(timers.get(what));
      if (session.state[what] !== null)
        timers.set(
          what,
          setTimeout(() => inbox.post({ type: "expired", what }), standsMs[what]),
        );
    }
  }

  async function take(input: Input): Promise<void> {
    const before = session.state;
    const decision = decide(session.state, input);
    session.state = decision.state;
    observed(before, input);
    expire(before);
    const answers: Input[] = [];
    for (const effect of decision.effects) {
      const answer = await perform(effect);
      if (answer !== null) answers.push(answer);
    }
    for (const answer of answers) await take(answer);
  }

  async function loop(): Promise<void> {
    for (const [slot, retirement] of books.retiredSlots(station.name))
      inbox.post({ type: "retired", slot, retirement });
    using _watch = options.watch?.((slot, presence) => inbox.post({ type: "presence", slot, presence }));
    if (session.work !== null) session.labels?.resume(session.work.order.batch);
    inbox.post(await checkFit(session));
    for await (const input of inbox) {
      const came = asked(input);
      await take(came);
      if (!isProgress(came)) facts = factsNow(session, facts, came);
      for (const changed of watchers) changed();
    }
    for (const timer of timers.values()) clearTimeout(timer);
    stop.abort(new Fault("INTERRUPTED", "the station was left"));
    await Promise.all(running);
  }

  const interrupted = (): void => {
    stop.abort(interruption(options.signal.reason));
    void Promise.all(running).finally(() => inbox.close());
  };
  if (options.signal.aborted) interrupted();
  else options.signal.addEventListener("abort", interrupted, { once: true });

  const left = loop();
  return {
    view: () => viewOf(session.state, frame, facts, performance.now(), new Date()),
    subscribe(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    send: (input) => inbox.post(input),
    abandon: () => inbox.post({ type: "abandoned" }),
    left,
  };
}

/** Slots with a simulated board, where others have real ones. */
function someOf(slots: Station["slots"]): readonly string[] {
  const simulated = slots.filter((slot) => realmOf(slot) === "sim");
  return simulated.length === slots.length ? [] : simulated.map(({ name }) => name);
}
