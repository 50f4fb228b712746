import { bare, withSlot, type BenchState, type Presence } from "./bench-state.ts";

/**
 * Something was put into a slot or taken out of it. A board that passed starts its program and leaves the bus by that,
 * so that a device that goes is no proof that the board went: a result is only cleared by a device that came after it
 * and left again, by another board, or by the next scan.
 */
export function seen(state: BenchState, name: string, presence: Presence): BenchState {
  const next: BenchState = { ...state, presence: new Map(state.presence).set(name, presence) };
  const slot = state.slots.find((one) => one.name === name)?.state;
  switch (slot?.kind) {
    case undefined:
    case "retired":
    case "running":
      return next;
    case "armed":
      return withSlot(next, name, (armed) =>
        armed.kind === "armed" && presence.kind === "board" ? { ...armed, chip: presence.chip } : armed,
      );
    case "empty":
    case "looking":
    case "board":
    case "foreign":
    case "unreadable":
      return withSlot(next, name, () => bare(next, name));
    case "ended":
      return afterResult(next, name, presence, state.presence.get(name), slot.acknowledged);
    default:
      return slot satisfies never;
  }
}

function afterResult(
  state: BenchState,
  name: string,
  presence: Presence,
  before: Presence | undefined,
  acknowledged: boolean,
): BenchState {
  const wasThere = state.stillThere.has(name);
  const another = before?.kind === "none" && presence.kind === "board";
  if (presence.kind !== "none") {
    const there = { ...state, stillThere: new Set(state.stillThere).add(name) };
    // The application of a board that passed may show a device of its own: that is no foreign one.
    return another && acknowledged ? freed(there, name) : there;
  }
  return wasThere && acknowledged ? freed(state, name) : state;
}

function freed(state: BenchState, name: string): BenchState {
  const stillThere = new Set(state.stillThere);
  stillThere.delete(name);
  return { ...withSlot(state, name, () => bare(state, name)), stillThere };
}
