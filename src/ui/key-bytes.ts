import type { FunctionKey } from "../model/key.ts";

const arrows: Readonly<Record<string, FunctionKey>> = { A: "up", B: "down", C: "right", D: "left" };

/** `ESC [ n ~` (VT220) and `ESC O c` (xterm, F1 to F4), F1 to F9. */
const tildeKeys: Readonly<Record<string, FunctionKey>> = {
  "11": "help",
  "12": "numbers",
  "13": "details",
  "14": "look-up",
  "15": "slot",
  "17": "order",
  "18": "type",
  "19": "reject",
  "20": "log-out",
};
const ss3Keys: Readonly<Record<string, FunctionKey>> = {
  ...arrows,
  P: "help",
  Q: "numbers",
  R: "details",
  S: "look-up",
};
/** `ESC [ [ c` of the Linux console, F1 to F5. */
const consoleKeys: Readonly<Record<string, FunctionKey>> = {
  A: "help",
  B: "numbers",
  C: "details",
  D: "look-up",
  E: "slot",
};

const keyIn = (keys: Readonly<Record<string, FunctionKey>>, name: string): FunctionKey | null =>
  (Object.hasOwn(keys, name) ? keys[name] : undefined) ?? null;

/** The key of `ESC [ … final`, or `null`. */
export const csiKey = (between: string, final: string): FunctionKey | null =>
  final === "~" ? keyIn(tildeKeys, between) : between === "" ? keyIn(arrows, final) : null;

/** The key of `ESC O final`, or `null`. */
export const ss3Key = (final: string): FunctionKey | null => keyIn(ss3Keys, final);

/** The key of `ESC [ [ final`, or `null`. */
export const consoleKey = (final: string): FunctionKey | null => keyIn(consoleKeys, final);

/** The column in a terminal's answer `ESC [ row ; column R`, or `null`. */
export function cursorColumn(between: string, final: string): number | null {
  const place = final === "R" ? /^\d+;(\d+)$/.exec(between) : null;
  return place === null ? null : Number(place[1]);
}
