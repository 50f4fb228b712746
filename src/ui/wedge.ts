import type { FunctionKey } from "../model/key.ts";
import type { OperatorInput } from "../model/view.ts";
import { consoleKey, csiKey, cursorColumn, ss3Key } from "./key-bytes.ts";
import {
  append,
  backspace,
  burstMs,
  clear,
  endCharacter,
  highByte,
  inBurst,
  staleMs,
  type Draft,
  type WedgeState,
} from "./wedge-text.ts";

/** An Enter this soon after a scan's own end belongs to the scanner. */
const doubledEnterMs = 300;
/** A lone Esc and the begin of an arrow key's bytes differ only in what comes next. */
const escapeMs = 60;
/** So many characters in one burst are a scan, also behind something that was typed. */
const shortestScan = 6;

/** What the wedge makes of bytes; `cursor` is the terminal's answer to the question where its cursor stands. */
export type WedgeInput = OperatorInput | { readonly type: "cursor"; readonly column: number };

export interface Fed {
  readonly state: WedgeState;
  readonly inputs: readonly WedgeInput[];
}

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
