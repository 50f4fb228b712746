import type { Panel } from "../model/panel.ts";
import type { KeyHint } from "../model/key.ts";
import type { OperatorInput, StationView } from "../model/view.ts";

/** What somebody who looks on has opened on their own terminal; the station knows nothing of it. */
export interface Watching {
  readonly page: "none" | "help" | "details";
  readonly slot: string | null;
  readonly number: number;
}

export const onlyWatching: Watching = { page: "none", slot: null, number: 1 };

const keys: readonly KeyHint[] = [
  { key: "Arrows", does: "choose-slot" },
  { key: "F3", does: "details" },
  { key: "?", does: "help" },
  { key: "Ctrl-C", does: "leave" },
];
const pageKeys: readonly KeyHint[] = [{ key: "Esc", does: "close-view" }, ...keys];

function panelOf(watching: Watching): Panel | null {
  if (watching.page === "help") return { kind: "help" };
  if (watching.page === "none" || watching.slot === null) return null;
  return { kind: "details", slot: watching.slot, page: watching.number };
}

/** The station's view as it is seen from another terminal: nothing can be typed, and keys only turn pages. */
export function watchedView(view: StationView, watching: Watching): StationView {
  return {
    ...view,
    panel: panelOf(watching) ?? view.panel,
    chosen: watching.slot ?? view.chosen,
    keys: watching.page === "none" ? keys : pageKeys,
    typing: "none",
    offered: [],
  };
}

const steps = { up: [-1, 0], down: [1, 0], left: [0, -1], right: [0, 1] } as const;

/** The next slot that way in the tray, or the same one at its edge. */
function neighbour(view: StationView, from: string | null, way: keyof typeof steps): string | null {
  const first = view.slots[0]?.name ?? null;
  const place = view.places.findIndex((i) => i !== null && view.slots[i]?.name === from);
  if (place < 0) return first;
  const [down, across] = steps[way];
  let row = Math.floor(place / view.columns) + down;
  let column = (place % view.columns) + across;
  while (row >= 0 && row < view.rows && column >= 0 && column < view.columns) {
    const i = view.places[row * view.columns + column];
    if (i !== null && i !== undefined) return view.slots[i]?.name ?? from;
    row += down;
    column += across;
  }
  return from;
}

/** What a key of the one who looks on does; `leave`: they end it. */
export function watchKey(watching: Watching, view: StationView, input: OperatorInput): Watching | "leave" {
  if (input.type === "interrupt") return "leave";
  if (input.type === "escape") return onlyWatching;
  if (input.type !== "key") return watching;
  switch (input.key) {
    case "help":
      return { ...watching, page: watching.page === "help" ? "none" : "help" };
    case "details": {
      const slot = watching.slot ?? neighbour(view, null, "right");
      const number = watching.page === "details" ? watching.number + 1 : 1;
      return { page: "details", slot, number };
    }
    case "up":
    case "down":
    case "left":
    case "right":
      return { ...watching, slot: neighbour(view, watching.slot, input.key), number: 1 };
    default:
      return watching;
  }
}
