/** What the screen shows now, held outside React. */
export interface ScreenStore {
  readonly subscribe: (listener: () => void) => () => void;
  readonly rows: () => readonly string[];
  /** Something changed. `quick`: by the operator's own hand, or what they wait for, so it is shown a little sooner. */
  touch(quick: boolean): void;
  /** Draws at once: the window has another size. */
  redraw(): void;
  stop(): void;
}

/** At most so often: four frames a second for the machine, ten for the hands and for verdicts; timers come a little late. */
export const calmMs = 250;
const quickMs = 96;
/** A frame that came so much late by a busy program does not make the next one late. */
const caughtUpMs = 50;

/**
 * Draws when something changed, many changes at once, and by itself every `tickMs` for seconds and clock. `draw` is
 * pure; the listeners hear only of frames that differ.
 */
export function screenStore(draw: () => readonly string[], tickMs: () => number): ScreenStore {
  const listeners = new Set<() => void>();
  let rows = draw();
  /** When the last frame was due; frames are paced from there. */
  let drawnAt = performance.now();
  let timer: NodeJS.Timeout | null = null;
  let dueAt = 0;
  let stopped = false;

  function wait(dueIn: number): void {
    if (timer !== null) clearTimeout(timer);
    dueAt = performance.now() + dueIn;
    timer = setTimeout(() => drawFor(dueAt), dueIn);
  }

  function redraw(): void {
    drawFor(performance.now());
  }

  function drawFor(due: number): void {
    if (stopped) return;
    drawnAt = Math.max(due, performance.now() - caughtUpMs);
    const next = draw();
    const differs = next.length !== rows.length || next.some((row, i) => row !== rows[i]);
    wait(tickMs());
    if (!differs) return;
    rows = next;
    for (const listener of listeners) listener();
  }

  wait(tickMs());

  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    rows: () => rows,
    touch(quick) {
      if (stopped) return;
      const due = drawnAt + (quick ? quickMs : calmMs);
      const now = performance.now();
      // A timer that should have come by now is late, and so is this frame.
      if (due <= now) drawFor(Math.min(now, dueAt));
      else if (due < dueAt) wait(due - now);
    },
    redraw,
    stop() {
      stopped = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}
