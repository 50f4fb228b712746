/** A scanner's characters follow each other faster than this; a lone key has silence of this length on both sides. */
export const burstMs = 80;
/** What somebody began to type and left is no part of the next scan. */
export const staleMs = 20_000;
/** The longest code. */
const longest = 200;

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

/** The same, while it takes a piece of input. */
export type Draft = { -readonly [Key in keyof WedgeState]: WedgeState[Key] };

const utf8 = new TextDecoder("utf-8");

function bytesNeeded(lead: number): number {
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  if (lead >= 0xe0) return 3;
  return lead >= 0xc2 ? 2 : 1;
}

export function clear(draft: Draft): void {
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

export function append(draft: Draft, char: string, now: number): void {
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

export function endCharacter(draft: Draft, now: number): void {
  if (draft.bytes.length === 0) return;
  draft.bytes = [];
  append(draft, replacement, now);
}

/** A byte of 0x80 and above: part of a UTF-8 character, or of none. */
export function highByte(draft: Draft, byte: number, now: number): void {
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

export const inBurst = (draft: Draft, now: number): boolean =>
  draft.text !== "" && now - draft.textAt < burstMs;

export function backspace(draft: Draft): void {
  if (draft.bytes.length > 0) draft.bytes = [];
  else {
    const left = Array.from(draft.text).slice(0, -1);
    draft.text = left.join("");
    draft.length = left.length;
  }
  draft.spoilt = false;
}
