import type { OperatorInput } from "../model/view.ts";

/** A scanner's characters follow each other faster than this; a lone key has silence of this length on both sides. */
const burstMs = 80;
/** An Enter this soon after a scan's own end belongs to the scanner. */
const doubledEnterMs = 300;
/** A lone Esc and the begin of an arrow key's bytes differ only in what comes next. */
const escapeMs = 60;
/** What somebody began to type and left is no part of the next scan. */
const staleMs = 20_000;
const longest = 200;

/** Stands where a byte was that cannot be text: so that a damaged code never turns into another, good one. */
const replacement = "\uFFFD";

/** `escape`: after ESC; `csi`, `ss3`: inside a key's bytes; `console`: after `ESC [ [`; `space`: a Space on its own so far. */
type Waiting = "none" | "escape" | "csi" | "ss3" | "console" | "space";

/** What the reader of keyboard and scanner remembers between two pieces of input. */
export interface WedgeState {
  /** Typed or scanned so far, without its end. */
  readonly text: string;
  /** Its characters; one more than the longest code: it was cut. */
  readonly length: number;
  /** Begun bytes of one UTF-8 character. */
  readonly bytes: readonly number[];
  readonly waiting: Waiting;
  readonly waitingSince: number;
  /** A control byte stood inside the burst: it matters only if text follows. */
  readonly spoilt: boolean;
  readonly textAt: number;
  readonly scanAt: number;
  /** When the byte before was CR. */
  readonly crAt: number | null;
}

export const emptyWedge: WedgeState = {
  text: "",
  length: 0,
  bytes: [],
  waiting: "none",
  waitingSince: 0,
  spoilt: false,
  textAt: Number.NEGATIVE_INFINITY,
  scanAt: Number.NEGATIVE_INFINITY,
  crAt: null,
};

export interface Fed {
  readonly state: WedgeState;
  readonly inputs: readonly OperatorInput[];
}

type Draft = { -readonly [Key in keyof WedgeState]: WedgeState[Key] };

const utf8 = new TextDecoder("utf-8");

function bytesNeeded(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc2 ? 2 : 1;
}

function clear(draft: Draft): void {
  draft.text = "";
  draft.length = 0;
  draft.bytes = [];
  draft.spoilt = false;
}

/** What came too long after the text before it begins a new one. */
function begin(draft: Draft, now: number): void {
  if (draft.text !== "" && now - draft.textAt > staleMs) clear(draft);
  draft.textAt = now;
}

function append(draft: Draft, char: string, now: number): void {
  begin(draft, now);
  if (draft.spoilt) {
    draft.spoilt = false;
    append(draft, replacement, now);
  }
  if (draft.length > longest) return;
  draft.length += 1;
  if (draft.length <= longest) draft.text += char;
  else draft.text = [...Array.from(draft.text).slice(0, longest - 1), replacement].join("");
}

function endCharacter(draft: Draft, now: number): void {
  if (draft.bytes.length === 0) return;
  draft.bytes = [];
  append(draft, replacement, now);
}

/** A byte of 0x80 and above: part of a UTF-8 character, or of none. */
function highByte(draft: Draft, byte: number, now: number): void {
  const continues = byte < 0xc0;
  if (!continues || draft.bytes.length === 0) endCharacter(draft, now);
  if (continues && draft.bytes.length === 0) {
    append(draft, replacement, now);
    return;
  }
  begin(draft, now);
  draft.bytes = [...draft.bytes, byte];
  if (draft.bytes.length < bytesNeeded(draft.bytes[0] ?? 0)) return;
  const char = utf8.decode(Uint8Array.from(draft.bytes));
  draft.bytes = [];
  // C1 controls are no letters either; several replacements of one broken character count once.
  append(draft, /^[^\p{Cc}\uFFFD]$/u.test(char) ? char : replacement, now);
}

const inBurst = (draft: Draft, now: number): boolean => draft.text !== "" && now - draft.textAt < burstMs;

function end(draft: Draft, byte: number, now: number, out: OperatorInput[]): void {
  const second = byte === 0x0a && draft.crAt !== null && now - draft.crAt < doubledEnterMs;
  if (second) return;
  endCharacter(draft, now);
  if (draft.text !== "") {
    out.push({ type: "scanned", text: draft.text });
    draft.scanAt = now;
    clear(draft);
  } else if (now - draft.scanAt > doubledEnterMs) out.push({ type: "enter" });
}

function backspace(draft: Draft): void {
  if (draft.bytes.length > 0) draft.bytes = [];
  else {
    const left = Array.from(draft.text).slice(0, -1);
    draft.text = left.join("");
    draft.length = left.length;
  }
  draft.spoilt = false;
}

/** A control byte; ETX and the like behind a code are a scanner's own suffix. */
function control(draft: Draft, byte: number, now: number, out: OperatorInput[]): void {
  endCharacter(draft, now);
  const burst = inBurst(draft, now);
  if (byte === 0x1b) {
    draft.waiting = "escape";
    draft.waitingSince = now;
    draft.spoilt ||= burst;
  } else if (byte === 0x03 && !burst) {
    clear(draft);
    out.push({ type: "interrupt" });
  } else if (byte === 0x1d) append(draft, "\x1d", now);
  else if (byte === 0x7f || byte === 0x08) backspace(draft);
  else draft.spoilt ||= burst;
}

/** Esc takes back what is being typed; where nothing is, it answers the station. */
function escapeKey(draft: Draft, out: OperatorInput[]): void {
  if (draft.text === "") out.push({ type: "escape" });
  else clear(draft);
}

/** True when the byte was part of a key's bytes. */
function keyByte(draft: Draft, byte: number, now: number, out: OperatorInput[]): boolean {
  const { waiting } = draft;
  draft.waiting = "none";
  switch (waiting) {
    case "none":
      return false;
    case "space": {
      // A Space that other characters follow at once is the front of a burst, and no key.
      if (byte < 0x20 || now - draft.waitingSince >= burstMs) out.push({ type: "pause" });
      return false;
    }
    case "escape":
      if (byte === 0x5b || byte === 0x4f) {
        draft.waiting = byte === 0x5b ? "csi" : "ss3";
        draft.waitingSince = now;
        return true;
      }
      if (!draft.spoilt) escapeKey(draft, out);
      return false;
    case "csi":
      if (byte === 0x5b) {
        draft.waiting = "console";
        return true;
      }
      if (byte >= 0x20 && byte < 0x40) draft.waiting = "csi";
      return byte >= 0x20 && byte < 0x7f;
    case "ss3":
    case "console":
      return byte >= 0x20 && byte < 0x7f;
    default:
      return waiting satisfies never;
  }
}

function take(draft: Draft, byte: number, now: number, out: OperatorInput[]): void {
  if (keyByte(draft, byte, now, out)) return;
  if (byte === 0x0d || byte === 0x0a) end(draft, byte, now, out);
  else if (byte < 0x20 || byte === 0x7f) control(draft, byte, now, out);
  else if (byte >= 0x80) highByte(draft, byte, now);
  else if (byte === 0x20 && draft.text === "" && draft.bytes.length === 0) {
    draft.waiting = "space";
    draft.waitingSince = now;
  } else {
    endCharacter(draft, now);
    append(draft, String.fromCharCode(byte), now);
  }
  draft.crAt = byte === 0x0d ? now : null;
}

/**
 * Reads a piece of raw input, cut anywhere. Ink's own `useInput` is no scan reader: after a stall of the event loop code
 * and Enter come in one piece, and it loses both.
 */
export function feed(state: WedgeState, piece: Uint8Array, now: number): Fed {
  const draft: Draft = { ...state };
  const inputs: OperatorInput[] = [];
  for (const byte of piece) take(draft, byte, now, inputs);
  return { state: draft, inputs };
}

/** When silence will decide something, or `null`. */
export function settleAt(state: WedgeState): number | null {
  if (state.waiting === "space") return state.waitingSince + burstMs;
  if (state.waiting !== "none") return state.waitingSince + escapeMs;
  return state.text === "" && state.bytes.length === 0 ? null : state.textAt + staleMs;
}

/** Silence until `now`: a Space or an Esc was a key of its own; what was typed long ago is forgotten. */
export function settle(state: WedgeState, now: number): Fed {
  const due = settleAt(state);
  if (due === null || now < due) return { state, inputs: [] };
  const draft: Draft = { ...state, waiting: "none" };
  const inputs: OperatorInput[] = [];
  if (state.waiting === "space") inputs.push({ type: "pause" });
  else if (state.waiting === "escape") escapeKey(draft, inputs);
  else if (state.waiting === "none") clear(draft);
  return { state: draft, inputs };
}
