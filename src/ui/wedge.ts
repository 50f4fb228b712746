import type { FunctionKey } from "../model/key.ts";
import type { OperatorInput } from "../model/view.ts";
import { consoleKey, csiKey, cursorColumn, ss3Key } from "./key-bytes.ts";

/** A scanner's characters follow each other faster than this; a lone key has silence of this length on both sides. */
const burstMs = 80;
/** An Enter this soon after a scan's own end belongs to the scanner. */
const doubledEnterMs = 300;
/** A lone Esc and the begin of an arrow key's bytes differ only in what comes next. */
const escapeMs = 60;
/** What somebody began to type and left is no part of the next scan. */
const staleMs = 20_000;
const longest = 200;
/** So many characters in one burst are a scan, also behind something that was typed. */
const shortestScan = 6;

/** Stands where a byte was that cannot be text: so that a damaged code never turns into another, good one. */
const replacement = "\uFFFD";

/**
 * `escape`: after ESC; `csi`, `ss3`: inside a key's bytes; `console`: after `ESC [ [`; `space`, `help`: a Space or `?` on
 * its own so far.
 */
type Waiting = "none" | "escape" | "csi" | "ss3" | "console" | "space" | "help";

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
  /** What stood between `ESC [` and the end of a key's bytes. */
  readonly csi: string;
  /** Characters came one by one: by hand, no scanner's burst. */
  readonly byHand: boolean;
  /** There was silence behind the last character. */
  readonly quiet: boolean;
  /** Where in `text` what came since the last silence begins. */
  readonly burstFrom: number;
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
  csi: "",
  byHand: false,
  quiet: false,
  burstFrom: 0,
  spoilt: false,
  textAt: Number.NEGATIVE_INFINITY,
  scanAt: Number.NEGATIVE_INFINITY,
  crAt: null,
};

/** What the wedge makes of bytes; `cursor` is the terminal's answer to the question where its cursor stands. */
export type WedgeInput = OperatorInput | { readonly type: "cursor"; readonly column: number };

export interface Fed {
  readonly state: WedgeState;
  readonly inputs: readonly WedgeInput[];
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
  draft.byHand = false;
  draft.quiet = false;
  draft.burstFrom = 0;
}

/** What came too long after the text before it begins a new one. */
function begin(draft: Draft, now: number): void {
  if (draft.text !== "" && now - draft.textAt > staleMs) clear(draft);
  draft.textAt = now;
  draft.quiet = false;
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

function end(draft: Draft, byte: number, now: number, out: WedgeInput[]): void {
  const second = byte === 0x0a && draft.crAt !== null && now - draft.crAt < doubledEnterMs;
  if (second) return;
  endCharacter(draft, now);
  if (draft.text !== "") {
    const burst = draft.text.slice(draft.burstFrom);
    // Somebody leaned on the keyboard, then a board was scanned: the scan is not to suffer for it.
    const behindTyping = draft.byHand && inBurst(draft, now) && burst.length >= shortestScan;
    if (draft.byHand && !behindTyping) out.push({ type: "typed", text: draft.text });
    else out.push({ type: "scanned", text: burst });
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
function control(draft: Draft, byte: number, now: number, out: WedgeInput[]): void {
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
function escapeKey(draft: Draft, out: WedgeInput[]): void {
  if (draft.text === "") out.push({ type: "escape" });
  else clear(draft);
}

/** The end of a key's bytes: a key of ours, the cursor's place, or neither. Inside a burst no key is meant. */
function keyEnd(draft: Draft, key: FunctionKey | null, out: WedgeInput[]): void {
  if (key !== null && !draft.spoilt) out.push({ type: "key", key });
}

function csiEnd(draft: Draft, final: string, out: WedgeInput[]): void {
  const { csi } = draft;
  draft.csi = "";
  keyEnd(draft, csiKey(csi, final), out);
  const column = cursorColumn(csi, final);
  if (column !== null) out.push({ type: "cursor", column });
}

/** True when the byte was part of a key's bytes. */
function keyByte(draft: Draft, byte: number, now: number, out: WedgeInput[]): boolean {
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
    case "help": {
      const alone = now - draft.waitingSince >= burstMs;
      if (alone) out.push({ type: "key", key: "help" });
      else append(draft, "?", draft.waitingSince);
      return false;
    }
    case "escape":
      if (byte === 0x5b || byte === 0x4f) {
        draft.csi = "";
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
      if (byte >= 0x20 && byte < 0x40) {
        draft.waiting = "csi";
        if (draft.csi.length < 16) draft.csi += String.fromCharCode(byte);
      } else if (byte >= 0x40 && byte < 0x7f) csiEnd(draft, String.fromCharCode(byte), out);
      return byte >= 0x20 && byte < 0x7f;
    case "ss3":
      keyEnd(draft, ss3Key(String.fromCharCode(byte)), out);
      return byte >= 0x20 && byte < 0x7f;
    case "console":
      keyEnd(draft, consoleKey(String.fromCharCode(byte)), out);
      return byte >= 0x20 && byte < 0x7f;
    default:
      return waiting satisfies never;
  }
}

function take(draft: Draft, byte: number, now: number, out: WedgeInput[]): void {
  if (keyByte(draft, byte, now, out)) return;
  if (byte === 0x0d || byte === 0x0a) end(draft, byte, now, out);
  else if (byte < 0x20 || byte === 0x7f) control(draft, byte, now, out);
  else if (byte >= 0x80) highByte(draft, byte, now);
  else if ((byte === 0x20 || byte === 0x3f) && draft.text === "" && draft.bytes.length === 0) {
    draft.waiting = byte === 0x20 ? "space" : "help";
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
  const inputs: WedgeInput[] = [];
  for (const byte of piece) take(draft, byte, now, inputs);
  return { state: draft, inputs };
}

/** When silence will decide something, or `null`. */
export function settleAt(state: WedgeState): number | null {
  if (state.waiting === "space" || state.waiting === "help") return state.waitingSince + burstMs;
  if (state.waiting !== "none") return state.waitingSince + escapeMs;
  if (state.text === "" && state.bytes.length === 0) return null;
  return state.textAt + (state.quiet ? staleMs : burstMs);
}

/**
 * Silence until `now`: a Space, a `?` or an Esc was a key of its own; what has been begun is typed by hand; what was
 * typed long ago is forgotten. Only a reader that knows of no bytes that lie unread may say so.
 */
export function settle(state: WedgeState, now: number): Fed {
  const due = settleAt(state);
  if (due === null || now < due) return { state, inputs: [] };
  const draft: Draft = { ...state, waiting: "none" };
  const inputs: WedgeInput[] = [];
  if (state.waiting === "space") inputs.push({ type: "pause" });
  else if (state.waiting === "help") inputs.push({ type: "key", key: "help" });
  else if (state.waiting === "escape") escapeKey(draft, inputs);
  else if (state.waiting === "none" && state.quiet) clear(draft);
  else if (state.waiting === "none") {
    draft.byHand = true;
    draft.quiet = true;
    draft.burstFrom = draft.text.length;
  }
  return { state: draft, inputs };
}
