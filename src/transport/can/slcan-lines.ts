import type { BusError, CanFrame } from "../../protocol/links.ts";

/**
 * Lines of an slcan adapter (protocols/can-adapters.md, part A). Pure; nothing here waits. Each command ends with CR; an
 * answer ends with CR, or is the one byte BEL.
 */

/** Nominal rates and their S command. 750 or 800 kbit/s, S7, is another one from make to make: no loader has it. */
export const nominalCommands: ReadonlyMap<number, string> = new Map([
  [10_000, "S0"],
  [20_000, "S1"],
  [50_000, "S2"],
  [100_000, "S3"],
  [125_000, "S4"],
  [250_000, "S5"],
  [500_000, "S6"],
  [1_000_000, "S8"],
]);

/**
 * Data rates of FD frames and their Y command. CANable 2 has Y2 and Y5; firmwares made from it have Y1 and Y4, too. The
 * others refuse it, or say nothing: then the rate counts as one that the adapter cannot make.
 */
export const dataCommands: ReadonlyMap<number, string> = new Map([
  [1_000_000, "Y1"],
  [2_000_000, "Y2"],
  [4_000_000, "Y4"],
  [5_000_000, "Y5"],
]);

/** Payload lengths by their hex digit; classic frames have the first nine. */
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** A data frame as a command: `t`, or `b` for FD with bit-rate switch. Throws a RangeError for a length without a code. */
export function frameLine({ id, data, fd }: CanFrame): string {
  const code = lengths.indexOf(data.length);
  if (code < 0 || (!fd && code > 8)) throw new RangeError(`no CAN frame has ${data.length} bytes`);
  const bytes = Buffer.from(data).toString("hex");
  return `${fd ? "b" : "t"}${id.toString(16).padStart(3, "0")}${code.toString(16)}${bytes}`
    .toUpperCase()
    .replace(/^[TB]/, (kind) => kind.toLowerCase());
}

/** What an adapter said in one line. */
export type SlcanLine =
  | { readonly type: "frame"; readonly frame: CanFrame }
  /** A frame that is none of ours: extended or remote. */
  | { readonly type: "other" }
  /** CR alone: the command was done. `z`, `Z` with it: a frame was taken over. */
  | { readonly type: "done" }
  | { readonly type: "refused" }
  /** The answer to F: bits of a flag byte, each make with its own reading of some. */
  | { readonly type: "flags"; readonly flags: number }
  /** Unsolicited, as Linux reads it: a active, w warning, p passive, b off the bus. */
  | { readonly type: "state"; readonly state: "a" | "w" | "p" | "b" }
  | { readonly type: "errors"; readonly errors: readonly BusError[] }
  /** Anything else: an answer to V or N, or a line with pieces missing. */
  | { readonly type: "text"; readonly text: string };

const errorLetters: Readonly<Record<string, BusError>> = {
  a: "ack",
  b: "bit",
  B: "bit",
  c: "crc",
  f: "form",
  o: "overrun",
  O: "overrun",
  s: "stuff",
};

/** One line without its end; `bell`: it ended with BEL. */
export function readLine(text: string, bell: boolean): SlcanLine {
  if (bell) return { type: "refused" };
  if (text === "" || text === "z" || text === "Z") return { type: "done" };
  const flags = /^F([0-9a-f]{2})$/i.exec(text)?.[1];
  if (flags !== undefined) return { type: "flags", flags: Number.parseInt(flags, 16) };
  const state = /^s([awpb])[0-9]{6}$/.exec(text)?.[1];
  if (state === "a" || state === "w" || state === "p" || state === "b") return { type: "state", state };
  const errors = /^e[0-9]([abBcfoOs]+)$/.exec(text)?.[1];
  if (errors !== undefined)
    return { type: "errors", errors: errors.split("").flatMap((letter) => errorLetters[letter] ?? []) };
  return readFrame(text) ?? { type: "text", text };
}

/** `t`, `d`, `b` and RAMN's `1t`: a standard data frame, with four digits of a time behind it or not. */
function readFrame(text: string): SlcanLine | null {
  const found = /^(1?t|[db])([0-7][0-9a-f]{2})([0-9a-f])((?:[0-9a-f]{2})*)$/i.exec(text);
  if (found === null) return /^(1?[TrR]|[DB])[0-9a-fA-F]{4,}$/.test(text) ? { type: "other" } : null;
  const [, kind = "", id = "", code = "", hex = ""] = found;
  // Only the small letters are standard frames.
  if (kind !== kind.toLowerCase()) return /^[0-9a-fA-F]{9,}$/.test(text.slice(1)) ? { type: "other" } : null;
  const fd = kind !== "t";
  const length = lengths[Number.parseInt(code, 16)] ?? 0;
  if (!fd && length > 8) return null;
  const time = hex.length - 2 * length;
  if (time !== 0 && time !== 4) return null;
  const data = Uint8Array.from(Buffer.from(hex.slice(0, 2 * length), "hex"));
  return { type: "frame", frame: { id: Number.parseInt(id, 16), data, fd } };
}
