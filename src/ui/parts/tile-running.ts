import type { SlotState } from "../../model/slot-view.ts";
import { bar, endingAt } from "../line.ts";
import type { Mark } from "../line.ts";
import { cutLeft, shown } from "../text.ts";
import type { TileBox, TileSize } from "./tile-size.ts";

type Running = Extract<SlotState, { kind: "running" }>;

/** What it does now, in one word. */
export function stepWord(state: Running): string {
  if (state.stopping) return "STOPPING";
  if (state.away) return "COMING BACK";
  return (state.step ?? "connect").toUpperCase();
}

export const stepShare = (state: Running): number =>
  state.away || !Number.isFinite(state.done) ? 0 : Math.min(1, Math.max(0, state.done));

/** Never 100 % before the step is over. */
export const stepPercent = (state: Running): string => `${Math.floor(stepShare(state) * 100 + 1e-9)}%`;

export const elapsedSeconds = (state: Running, now: number): number =>
  Math.max(0, Math.floor((now - state.since) / 1000));

const barRows: Readonly<Record<Exclude<TileSize, "XS">, number>> = { XL: 4, L: 4, M: 2, S: 1 };

/** Serial, step and per cent, bar, seconds of the expected. */
export function runningRows(
  state: Running,
  box: TileBox,
  size: Exclude<TileSize, "XS">,
  now: number,
): readonly (readonly Mark[])[] {
  const end = box.width - 2;
  const expected = state.expectedMs === null ? "" : `of ${Math.round(state.expectedMs / 1000)}`;
  const right = state.retries > 0 ? `retry ${state.retries}` : expected;
  const serial = size === "XL" || state.serial === null ? "" : cutLeft(shown(state.serial), end - 1);
  const progress: readonly Mark[] = [
    { at: 1, text: stepWord(state) },
    ...(state.away || state.stopping ? [] : [endingAt(end, stepPercent(state))]),
  ];
  return [
    [{ at: 1, text: serial }],
    progress,
    ...Array<readonly Mark[]>(barRows[size]).fill(bar(1, end - 1, stepShare(state), "runCell")),
    [{ at: 1, text: `${elapsedSeconds(state, now)} s` }, endingAt(end, right)],
  ];
}
