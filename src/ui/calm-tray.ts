import type { SlotView } from "../model/slot-view.ts";

/** What the tray shows of its slots, and when that was, on the clock of `running.since`. */
export interface CalmTray {
  readonly slots: readonly SlotView[];
  readonly at: number;
}

/** Only progress: the same boards run, and nothing else is different. */
const onlyProgress = (before: readonly SlotView[], after: readonly SlotView[]): boolean =>
  before.length === after.length &&
  before.every((old, i) => {
    const slot = after[i];
    if (slot === undefined || old.state === slot.state) return old.suspect === slot?.suspect;
    return (
      old.suspect === slot.suspect &&
      old.state.kind === "running" &&
      slot.state.kind === "running" &&
      old.state.barcode === slot.state.barcode
    );
  });

/**
 * The progress of 64 boards changes every row of the tray, and a row costs time: it moves each `everyMs`, also where the
 * operator's hands have the other rows drawn more often. Anything but progress shows at once.
 */
export function calmTray(everyMs: number): (slots: readonly SlotView[], now: number) => CalmTray {
  let shown: CalmTray | null = null;
  return (slots, now) => {
    if (shown === null || now - shown.at >= everyMs || !onlyProgress(shown.slots, slots))
      shown = { slots, at: now };
    return shown;
  };
}
