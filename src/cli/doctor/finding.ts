/** One line of `doctor`. */
export interface Finding {
  readonly state: "ok" | "warn" | "fail";
  /** What was looked at, in a word or two. */
  readonly what: string;
  readonly seen: string;
  /** The one command, or the one deed, that mends it; `null` where nothing is to be done. */
  readonly mend: string | null;
}

export const ok = (what: string, seen: string): Finding => ({ state: "ok", what, seen, mend: null });
export const warn = (what: string, seen: string, mend: string | null): Finding => ({
  state: "warn",
  what,
  seen,
  mend,
});
export const fail = (what: string, seen: string, mend: string): Finding => ({
  state: "fail",
  what,
  seen,
  mend,
});
