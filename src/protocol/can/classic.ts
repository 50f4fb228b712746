import { hex32 } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import { isReply, isSilence, replyMs, type Exchange } from "./commands.ts";
import type { Dialect, Window } from "./dialect.ts";
import { NACK, address, aheadDataId, allPages, codes, dataId, pageCount, split, stretch } from "./frames.ts";
import { readMemory, recover, spare, unprotect } from "./verbs.ts";

const frameBytes = 8;
/** Elements of the receive FIFO of bxCAN: so many frames that the loader has not taken yet are not lost (A5). */
const fifo = 3;
/** Room for one frame and its ACK at 125 kbit/s, an adapter's round trip and a slow timer, ms. */
const frameMs = 20;
/** A loader that still wants data answers each filler at once, ms. */
const fillerMs = 100;
/** A block has 32 frames; a few more for what was sent ahead. */
const fillers = 40;

/** The classic loader: AN3154, and AN2662 for what it leaves out (protocols/can-an3154.md, A3). */
export function classicDialect(wire: Exchange): Dialect {
  /** A command with a list of bytes in frames behind it: ACK, one for each frame, one when all is done. */
  async function withList(
    frames: readonly { readonly id: number; readonly data: Uint8Array }[],
    window: Window,
    what: string,
    stop: AbortSignal,
  ): Promise<"done" | "refused" | "broken"> {
    let sent = 0;
    for (let acked = 0; acked < frames.length; acked += 1) {
      for (; sent < frames.length && sent - acked < window; sent += 1) {
        const frame = frames[sent];
        if (frame !== undefined) wire.send(frame.id, frame.data, stop);
      }
      if (await wire.acknowledged(what, stop)) continue;
      // The frames behind a refused command are refused as commands.
      if (sent > 1) await wire.untilQuiet(wire.settleMs(), stop);
      return acked === 0 ? "refused" : "broken";
    }
    return (await wire.acknowledged(what, stop)) ? "done" : "refused";
  }

  return {
    longestList: frameBytes,
    windows: [Number.POSITIVE_INFINITY, fifo],
    read: (at, length, signal) =>
      readMemory(wire, at, length, (bytes, due) => bytes > 0 && bytes <= due, signal),
    async write(at, bytes, window, limitMs, signal) {
      const what = `Write Memory of ${bytes.length} bytes at ${hex32(at)}`;
      const parts = split(bytes, frameBytes);
      const frames = [
        { id: codes.write as number, data: stretch(at, bytes.length) },
        ...parts.map((data, i) => ({ id: window > 1 ? aheadDataId(i) : dataId, data })),
      ];
      await wire.begin(codes.write, signal);
      return await wire.within(what, replyMs + frames.length * frameMs + limitMs, signal, (stop) =>
        withList(frames, window, what, stop),
      );
    },
    async erase(pages, limitMs, signal) {
      const what = `Erase of ${pages.length === 1 ? "page" : "pages"} ${pages.join(", ")}`;
      const list = split(Uint8Array.from(pages), frameBytes).map((data) => ({ id: dataId, data }));
      await wire.begin(codes.erase, signal);
      const frames = [{ id: codes.erase as number, data: pageCount(pages.length) }, ...list];
      try {
        return await wire.within(what, replyMs + limitMs, signal, async (stop) => {
          const end = await withList(frames, 1, what, stop);
          if (end === "broken") throw new Fault("CHIP_REFUSED", `NACK to the page list of ${what}`);
          return end === "done";
        });
      } catch (error) {
        // Fewer ACKs than the note has, or a loader that does not know the command and says nothing (F4 in the field).
        if (!isSilence(error) || (await wire.presence(signal)) !== "answers") throw error;
        throw new Fault("LOADER_FAULT", `${error.detail}, and the loader answers other commands`, {
          cause: error,
        });
      }
    },
    async eraseAll(limitMs, signal) {
      const what = "mass erase";
      if (!(await wire.command(codes.erase, allPages, what, signal))) return false;
      const heard = await wire.heardWithin(limitMs, signal);
      if (heard !== null) return heard.id === codes.erase && isReply(heard) && heard.data[0] !== NACK;
      // A loader that follows the note is done by now. One kind seen on F4 waits for a second, empty frame (A3).
      return await wire.within(`${what}, its second frame`, replyMs + limitMs, signal, async (stop) => {
        wire.send(codes.erase, new Uint8Array(), stop);
        return (await wire.acknowledged(what, stop)) && (await wire.acknowledged(what, stop));
      });
    },
    go: (at, signal) => wire.command(codes.go, address(at), `Go to ${hex32(at)}`, signal),
    unprotect: (limitMs, signal) => unprotect(wire, limitMs, signal),
    spare: (signal) => spare(wire, signal),
    recover: (signal) => recover(wire, { bytes: frameBytes, fillers, answerMs: fillerMs }, signal),
  };
}
