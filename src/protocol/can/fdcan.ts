import { hex32 } from "../../lib/bytes.ts";
import { isReply, replyMs, type Exchange } from "./commands.ts";
import type { Dialect } from "./dialect.ts";
import {
  NACK,
  address,
  aheadDataId,
  allExtendedPages,
  codes,
  dataId,
  extendedPageCount,
  extendedPageList,
  mostExtendedPages,
  padded,
  split,
  stretch,
  wakeId,
} from "./frames.ts";
import { readMemory, recover, spare, unprotect } from "./verbs.ts";

const frameBytes = 64;
/** A block has four frames; a few more for what was sent ahead. */
const fillers = 8;
/** As the classic loader. */
const fillerMs = 100;

/** The FDCAN loader, AN5405 (protocols/can-an3154.md, part B). */
export function fdcanDialect(wire: Exchange): Dialect {
  return {
    longestList: mostExtendedPages,
    // The command and its four data frames together, or the data behind the ACK of the command.
    windows: [Number.POSITIVE_INFINITY],
    read: (at, length, signal) => readMemory(wire, at, length, (bytes) => bytes === frameBytes, signal),
    async write(at, bytes, window, limitMs, signal) {
      const what = `Write Memory of ${bytes.length} bytes at ${hex32(at)}`;
      const parts = split(bytes, frameBytes).map((part) => padded(part, frameBytes));
      const together = window > 1;
      await wire.begin(codes.write, signal);
      return await wire.within(what, replyMs + limitMs, signal, async (stop) => {
        wire.send(codes.write, stretch(at, bytes.length), stop);
        if (together) for (const [i, part] of parts.entries()) wire.send(aheadDataId(i), part, stop);
        if (!(await wire.acknowledged(what, stop))) {
          // The frames behind a refused command are refused as commands.
          if (together) await wire.untilQuiet(wire.settleMs(), stop);
          return "refused";
        }
        if (!together) for (const part of parts) wire.send(dataId, part, stop);
        return (await wire.acknowledged(what, stop)) ? "done" : together ? "broken" : "refused";
      });
    },
    async erase(pages, limitMs, signal) {
      const what = `Erase of ${pages.length === 1 ? "page" : "pages"} ${pages.join(", ")}`;
      if (!(await wire.command(codes.extendedErase, extendedPageCount(pages.length), what, signal)))
        return false;
      // One ACK in the note, two in the open loader: the list goes out behind whichever comes (B3).
      const second = await wire.heardWithin(wire.settleMs(), signal);
      if (second !== null && second.data[0] === NACK) return false;
      return await wire.within(what, replyMs + limitMs, signal, async (stop) => {
        wire.send(dataId, extendedPageList(pages), stop);
        return await wire.acknowledged(what, stop);
      });
    },
    async eraseAll(limitMs, signal) {
      const what = "mass erase";
      if (!(await wire.command(codes.extendedErase, allExtendedPages, what, signal))) return false;
      return await wire.within(what, limitMs, signal, (stop) => wire.acknowledged(what, stop));
    },
    async go(at, signal) {
      if (!(await wire.command(codes.go, address(at), `Go to ${hex32(at)}`, signal))) return false;
      // The open loader says ACK before it looks at the address, and ACK or NACK after (B3).
      const second = await wire.heardWithin(wire.settleMs(), signal);
      return second === null || !isReply(second) || second.data[0] !== NACK;
    },
    // L5 and U5 answer on the identifier that wakes them (B2).
    unprotect: (limitMs, signal) => unprotect(wire, limitMs, signal, wakeId),
    spare: (signal) => spare(wire, signal),
    recover: (signal) => recover(wire, { bytes: frameBytes, fillers, answerMs: fillerMs }, signal),
  };
}
