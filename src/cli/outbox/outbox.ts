import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { realClock, sleep } from "../../lib/clock.ts";
import { didYouMean, nearest } from "../../lib/nearest.ts";
import { targetText, type Destination, type OutboxState, type Waiting } from "../../model/outbox.ts";
import type { Station } from "../../model/station.ts";
import { openStore } from "../../store/open-store.ts";
import { skipBeside } from "../../store/record-beside.ts";
import type { StoreReader } from "../../store/store.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptCode, type Io } from "../io.ts";
import { openLog } from "../log.ts";
import { stationOf } from "../order/open-order.ts";
import { beginOutbox, startOutbox, subscriptionOf, type Outbox } from "./outbox-sender.ts";
import { allowed, person } from "../person.ts";
import { readerOrNone } from "../engineer/profile.ts";
import { refuseNoBooks } from "../refuse-no-books.ts";
import { toolVersion } from "../version.ts";

/** Where a destination stands. */
export interface DestinationStatus {
  readonly destination: Destination;
  /** `null`: the line was not started with it yet. */
  readonly kept: OutboxState | null;
  readonly waiting: Waiting;
  readonly state: "new" | "idle" | "waiting" | "failing" | "refused" | "lost";
  readonly why: string | null;
}

const none: Waiting = { count: 0, more: false, oldest: null };

/** `most`: so many rows of each chain are counted. */
export function statusOf(
  station: Station,
  destination: Destination,
  store: StoreReader | null,
  most: number,
): DestinationStatus {
  const kept = store?.outboxState(destination.name) ?? null;
  if (store === null || kept === null) return { destination, kept, waiting: none, state: "new", why: null };
  const of = subscriptionOf(station, destination);
  const next = store.outboxNext(destination.name, of);
  const waiting = store.outboxWaiting(destination.name, of, most);
  const base = { destination, kept, waiting };
  if (next.kind === "lost") return { ...base, state: "lost", why: next.why };
  const { failure } = kept;
  if (failure !== null && waiting.count > 0)
    return { ...base, state: failure.refused === null ? "failing" : "refused", why: failure.why };
  return { ...base, state: waiting.count > 0 || waiting.more ? "waiting" : "idle", why: null };
}

/** The destinations of a station file. Throws FileMistakes; CommandError where there are none. */
function sending(file: string): Station {
  if (file === "") throw new CommandError("--station FILE was expected: the destinations stand in it");
  const station = stationOf(file);
  if (station.rules.outbox.length === 0)
    throw new CommandError(
      `station ${station.name} has no outbox: docs/outbox.md says how to name a receiver`,
    );
  return station;
}

/** `outbox --station F`: where each destination stands; beside a running line, too. */
export function outboxCommand(file: string, data: string, io: Io): number {
  const station = sending(file);
  using store = readerOrNone(data);
  for (const destination of station.rules.outbox)
    say(statusOf(station, destination, store, Number.MAX_SAFE_INTEGER), io);
  return exitCodes.ok;
}

function say(status: DestinationStatus, io: Io): void {
  const { destination, kept, waiting, state, why } = status;
  const to = targetText(destination.to);
  if (io.json) {
    const failure = kept?.failure ?? null;
    io.out(
      visibleJson({
        type: "destination",
        name: destination.name,
        to,
        state,
        why,
        delivered: kept?.delivered ?? 0,
        record: kept?.place.record ?? null,
        deed: kept?.place.deed ?? null,
        waiting: waiting.count,
        oldest: waiting.oldest,
        last: kept?.lastAt ?? null,
        failure: failure === null ? null : { why: failure.why, since: failure.since, at: failure.at },
        refused: state === "refused" ? (failure?.refused ?? null) : null,
      }),
    );
    return;
  }
  io.out(`${destination.name}  ${cleanText(to, 300)}`);
  for (const [name, text] of rowsOf(status)) io.out(`  ${name.padEnd(9)}  ${cleanText(text, 600)}`);
}

function rowsOf({
  destination,
  kept,
  waiting,
  state,
  why,
}: DestinationStatus): readonly (readonly [string, string])[] {
  if (kept === null) {
    const first = destination.from === "now" ? "with what happens from then on" : "with the first record";
    return [["new", `the next start of the line with this station file begins, ${first}`]];
  }
  const { place, delivered, lastAt, failure } = kept;
  const last = lastAt === null ? "never yet" : `last ${lastAt.toISOString()}`;
  return [
    ["delivered", `${delivered}, ${last}; up to record ${place.record} and deed ${place.deed}`],
    [
      "waiting",
      `${waiting.count}${waiting.oldest === null ? "" : `, the oldest since ${waiting.oldest.toISOString()}`}`,
    ],
    ...(state === "failing" && failure !== null
      ? [
          [
            "failing",
            `since ${failure.since.toISOString()}, last tried ${failure.at.toISOString()}: ${failure.why}`,
          ] as const,
        ]
      : []),
    ...(state === "refused" && failure !== null
      ? [
          [
            "REFUSED",
            `${failure.refused ?? ""}, last tried ${failure.at.toISOString()}: ${failure.why}`,
          ] as const,
        ]
      : []),
    ...(state === "lost" ? [["LOST", why ?? ""] as const] : []),
  ];
}

/** How often a sender is looked at, ms. */
const lookMs = 50;

/** `outbox send`: takes the data folder and sends until nothing waits, or for so long. */
export async function outboxSend(
  file: string,
  seconds: number | null,
  data: string,
  io: Io,
): Promise<number> {
  const station = sending(file);
  refuseNoBooks(data);
  const { name, timezone } = station;
  using store = openStore(data, { mode: "owner", station: name, timezone, toolVersion });
  beginOutbox(station, store);
  using outbox = startOutbox(station, store, openLog(store.folder, toolVersion));
  if (outbox !== null) await drain(outbox, seconds, io);
  let left = 0;
  for (const destination of station.rules.outbox) {
    const status = statusOf(station, destination, store, Number.MAX_SAFE_INTEGER);
    if (status.state !== "idle") left += 1;
    say(status, io);
  }
  return interruptCode(io.signal) ?? (left === 0 ? exitCodes.ok : exitCodes.unfit);
}

/** Until each destination has nothing that waits, or nothing that time alone would mend. */
async function drain(outbox: Outbox, seconds: number | null, io: Io): Promise<void> {
  const end = seconds === null ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000;
  const told = new Map<string, string>();
  while (!io.signal.aborted && performance.now() < end) {
    const states = outbox.states();
    for (const { name, state } of states) {
      const why = state.kind === "failing" || state.kind === "stuck" ? state.why : "";
      if (why !== "" && told.get(name) !== why) io.err(`${name}: ${why}`);
      told.set(name, why);
    }
    if (states.every(({ state }) => state.kind === "idle" || state.kind === "stuck")) return;
    await sleep(realClock, lookMs, io.signal).catch(() => undefined);
  }
}

export interface SkipOptions {
  readonly name: string;
  readonly station: string;
  readonly key: string;
  readonly reason: string;
  readonly by: string | null;
  readonly data: string;
}

/** `outbox skip NAME`: passes over the one message that its receiver does not take; beside a running line, too. */
export function outboxSkip(options: SkipOptions, io: Io): number {
  const station = sending(options.station);
  const destination = station.rules.outbox.find(({ name }) => name === options.name);
  if (destination === undefined) {
    const names = station.rules.outbox.map(({ name }) => name);
    const hint = didYouMean(nearest(options.name, names), `it has ${names.join(", ")}`);
    throw new CommandError(
      `station ${station.name} has no destination "${cleanText(options.name, 40)}", ${hint}`,
    );
  }
  using store = openStore(options.data, { mode: "reader" });
  const who = allowed(store, person(options.by), ["override"], "--by");
  const reason = cleanText(options.reason, 500);
  const why = { reason, by: who.name, role: who.role, at: new Date() };
  const of = subscriptionOf(station, destination);
  const deed = skipBeside(options.data, destination.name, options.key, of, why);
  if (io.json) io.out(visibleJson({ type: "deed", ...deed }));
  else
    io.out(
      `${destination.name}: ${cleanText(String(deed.detail["message"]), 200)} is passed over (deed ${deed.seq})`,
    );
  return exitCodes.ok;
}
