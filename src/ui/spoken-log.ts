import type { StationView } from "../model/view.ts";
import { spokenChange, spokenWhole } from "./spoken.ts";
import type { Theme } from "./theme.ts";

/** What a screen reader was told, held outside React. */
export interface SpokenLog {
  readonly subscribe: (listener: () => void) => () => void;
  readonly lines: () => readonly string[];
  hear(view: StationView): void;
}

/** Keeps what is said of a station, from its first view on; each line is said once. */
export function spokenLog(first: StationView, theme: () => Theme): SpokenLog {
  const listeners = new Set<() => void>();
  let seen = first;
  let lines: readonly string[] = spokenWhole(first, theme(), performance.now());
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lines: () => lines,
    hear(view) {
      const said = spokenChange(seen, view, theme(), performance.now());
      seen = view;
      if (said.length === 0) return;
      lines = [...lines, ...said];
      for (const listener of listeners) listener();
    },
  };
}
