import { slotNamed, busyCount, type BenchState } from "./bench-state.ts";
import { refuse, stay, type Decision } from "./decision.ts";

/** What a station is taught by: its ports as they appear, and its file. */
export interface Teacher {
  /** Calls back with each port that appears from now on, in a station file's spelling. */
  watch(appeared: (port: string) => void): Promise<Disposable>;
  /** Writes ports by their slots' places, from 0, into the station's file; why not, or `null`. */
  write(ports: ReadonlyMap<number, string>): string | null;
}

/** Teach-in at the screen: boards are plugged in one after another. */
export interface Teaching {
  /** The slot that is asked for: its place, from 0; one more than the last: all were asked for. */
  readonly at: number;
  readonly places: readonly { readonly slot: string; readonly port: string }[];
}

/** F5 with no slot chosen, a second time: every slot is asked for in its order. */
export function askTeach(state: BenchState): Decision {
  const busy = busyCount(state);
  if (busy > 0) return refuse(state, "BOARDS_RUN", "", String(busy));
  const [oldest] = state.toAcknowledge;
  if (oldest !== undefined) return refuse(state, "ACK_FIRST", "", oldest);
  if (state.question?.what !== "teach")
    return stay({ ...state, question: { what: "teach", slots: state.slots.length } });
  return stay(
    { ...state, question: null, open: null, teaching: { at: 0, places: [] } },
    { type: "teach", doing: "begin" },
  );
}

/** A board came onto a port: it lies in the slot that was asked for. */
export function plugged(state: BenchState, port: string): Decision {
  const { teaching } = state;
  const slot = teaching === null ? undefined : state.slots[teaching.at];
  if (teaching === null || slot === undefined) return stay(state);
  const holder = teaching.places.find((one) => one.port === port);
  if (holder !== undefined) return refuse(state, "PORT_TAKEN", port, holder.slot);
  const places = [...teaching.places, { slot: slot.name, port }];
  return stay({ ...state, refused: null, teaching: { at: teaching.at + 1, places } });
}

/** Enter leaves a slot as it is; at the end it writes the map down. */
export function nextTaught(state: BenchState, teaching: Teaching): Decision {
  if (teaching.at < state.slots.length)
    return stay({ ...state, teaching: { ...teaching, at: teaching.at + 1 } });
  const ports = new Map(
    teaching.places.flatMap(({ slot, port }) => {
      const at = state.slots.findIndex(({ name }) => name === slot);
      return at < 0 ? [] : [[at, port] as const];
    }),
  );
  return stay(state, { type: "teach", doing: "write", ports });
}

/** Esc: nothing is written. */
export const endTeaching = (state: BenchState): Decision =>
  stay({ ...state, teaching: null }, { type: "teach", doing: "end" });

/** The slot that a board is wanted in; `null`: all were asked for. */
export const taughtNext = (state: BenchState, { at }: Teaching): string | null =>
  slotNamed(state, state.slots[at]?.name ?? "")?.name ?? null;
