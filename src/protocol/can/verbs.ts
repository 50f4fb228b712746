import { hex32 } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import { replyMs, type Exchange } from "./commands.ts";
import { codes, fillerId, padded, stretch } from "./frames.ts";

/** What the classic loader and FDCAN do alike, but for the size of their frames (protocols/can-an3154.md, A3 and B3). */

const none = new Uint8Array();
/** So many fillers without any answer end the way back. */
const mostSilent = 5;

/**
 * Up to 256 bytes; `null` for a NACK. `fits`: whether a frame of so many bytes may come where so many are still due. Bytes
 * are counted, not frames: the rest of a classic read may be one short frame or single bytes, and may hold 0x79.
 */
export async function readMemory(
  wire: Exchange,
  at: number,
  length: number,
  fits: (bytes: number, due: number) => boolean,
  signal: AbortSignal,
): Promise<Uint8Array | null> {
  const what = `Read Memory of ${length} bytes at ${hex32(at)}`;
  await wire.begin(codes.read, signal);
  return await wire.within(what, replyMs, signal, async (stop) => {
    wire.send(codes.read, stretch(at, length), stop);
    if (!(await wire.acknowledged(what, stop))) return null;
    const bytes = new Uint8Array(length);
    for (let have = 0; have < length;) {
      const { data } = await wire.answer(stop);
      const due = length - have;
      if (!fits(data.length, due))
        throw new Fault(
          "LINK_NOISE",
          `${what} was answered with a frame of ${data.length} bytes, ${due} were due`,
        );
      bytes.set(data.subarray(0, due), have);
      have += data.length;
    }
    if (await wire.acknowledged(what, stop)) return bytes;
    throw new Fault("LINK_NOISE", `${what} ended with a NACK behind its data`);
  });
}

/** `also`: an identifier beside the command's own that the first ACK may come on. */
export async function unprotect(
  wire: Exchange,
  limitMs: number,
  signal: AbortSignal,
  also?: number,
): Promise<boolean> {
  const what = "Readout Unprotect";
  await wire.begin(codes.readUnprotect, signal);
  const taken = await wire.within(what, replyMs, signal, async (stop) => {
    wire.send(codes.readUnprotect, none, stop);
    return await wire.acknowledged(what, stop, also);
  });
  if (taken) await wire.heardWithin(limitMs, signal);
  return taken;
}

/** Frames that come behind the end of a command, although its answer was whole. */
export async function spare(wire: Exchange, signal: AbortSignal): Promise<number> {
  return (await wire.untilQuiet(wire.settleMs(), signal)).length;
}

/**
 * Back to where the loader waits for a command, after a write that broke off. Fillers are erased value: nothing where they
 * are taken for data, no command where they are taken for one, and that is what ends it.
 */
export async function recover(
  wire: Exchange,
  frames: {
    readonly bytes: number;
    /** At most; a write has that many, and a few more for what was sent ahead. */
    readonly fillers: number;
    /** A loader that still wants data answers each filler within so long, ms. */
    readonly answerMs: number;
  },
  signal: AbortSignal,
): Promise<void> {
  await wire.untilQuiet(wire.settleMs(), signal);
  await wire.begin(fillerId, signal);
  let silent = 0;
  for (let tries = 0; tries < frames.fillers && silent < mostSilent; tries += 1) {
    wire.send(fillerId, padded(none, frames.bytes), signal);
    const answers = await wire.untilQuiet(Math.max(frames.answerMs, wire.settleMs()), signal);
    if (answers.some(({ id }) => id === fillerId)) return;
    silent = answers.length === 0 ? silent + 1 : 0;
  }
  throw new Fault(
    "LINK_SILENT",
    "the loader does not come back from a write that broke off: reset the board",
  );
}
