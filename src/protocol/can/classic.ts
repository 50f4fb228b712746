import { hex32 } from "../../lib/bytes.ts";
import { Fault } from "../../model/fault.ts";
import { isReply, isSilence, replyMs, type Exchange } from "./commands.ts";
import type { Dialect, Window } from "./dialect.ts";
import {
  NACK,
  address,
  aheadDataId,
  allPages,
  codes,
  dataId,
  fillerId,
  pageCount,
  padded,
  split,
  stretch,
} from "./frames.ts";

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
    async read(at, length, signal) {
      const what = `Read Memory of ${length} bytes at ${hex32(at)}`;
      await wire.begin(codes.read, signal);
      return await wire.within(what, replyMs, signal, async (stop) => {
        wire.send(codes.read, stretch(at, length), stop);
        if (!(await wire.acknowledged(what, stop))) return null;
        const bytes = new Uint8Array(length);
        // Bytes are counted, not frames: the rest may come as one short frame or byte by byte, and may hold 0x79.
        for (let have = 0; have < length;) {
          const { data } = await wire.answer(stop);
          if (data.length === 0 || have + data.length > length)
            throw new Fault("LINK_NOISE", `${what} was answered with more than that`);
          bytes.set(data, have);
          have += data.length;
        }
        if (await wire.acknowledged(what, stop)) return bytes;
        throw new Fault("LINK_NOISE", `${what} ended with a NACK behind its data`);
      });
    },
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
    async unprotect(limitMs, signal) {
      const taken = await wire.command(codes.readUnprotect, new Uint8Array(), "Readout Unprotect", signal);
      if (taken) await wire.heardWithin(limitMs, signal);
      return taken;
    },
    spare: async (signal) => (await wire.untilQuiet(wire.settleMs(), signal)).length,
    async recover(signal) {
      await wire.untilQuiet(wire.settleMs(), signal);
      await wire.begin(fillerId, signal);
      let silent = 0;
      for (let tries = 0; tries < fillers && silent < 5; tries += 1) {
        // Erased value: nothing where it is taken for data, no command where it is taken for one.
        wire.send(fillerId, padded(new Uint8Array(), frameBytes), signal);
        const answers = await wire.untilQuiet(Math.max(fillerMs, wire.settleMs()), signal);
        if (answers.some((frame) => frame.id === fillerId)) return;
        silent = answers.length === 0 ? silent + 1 : 0;
      }
      throw new Fault(
        "LINK_SILENT",
        "the loader does not come back from a write that broke off: reset the board",
      );
    },
  };
}
