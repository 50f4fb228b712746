import { codes, split, speedCodes } from "../../protocol/can/frames.ts";
import type { CanFrame } from "../../protocol/links.ts";
import type { SimBoard } from "../board.ts";
import type { CanBus } from "./can-bus.ts";
import { addressOf, canLoaderParts, type CanChip } from "./can-loader.ts";
import type { CanRom } from "./can-rom.ts";
import { receive, send, work, type RomCode } from "../rom-loop.ts";

/**
 * The classic CAN loader of a simulated chip (AN3154; protocols/can-an3154.md, part A). Strict: a first frame that is
 * not the synchronisation, a payload of another length than the command's, more data than was announced and a frame of
 * a write to flash that the FIFO has no room for are noted as complaints.
 */
export function canChip(board: SimBoard, rom: CanRom, bus: CanBus): CanChip {
  let dataFrames = 0;
  const parts = canLoaderParts(board, bus, {
    ...rom,
    rates: { nominal: rom.bitrate, data: null },
    fd: false,
    commands,
    announced: commands.length,
    lengths,
    alsoLocked: rom.speedWhenLocked === "allowed" ? [codes.speed] : [],
    locked: "nack",
    unprotect: { id: codes.readUnprotect, ack: rom.unprotectAck },
    passes: () => true,
    code: loader,
  });
  const { memory, reset, say, ack, nack } = parts;

  function* loader(): RomCode {
    for (;;) {
      const { frame } = yield* receive();
      if (frame.id === codes.synchronise) break;
      memory.complain(`first frame after reset has id ${frame.id.toString(16)}, not 79`);
    }
    yield* ack(codes.synchronise);
    for (;;) {
      const { frame, overrun } = yield* receive();
      if (overrun) yield* nack(frame.id);
      else yield* command(frame);
    }
  }

  function* command(frame: CanFrame): RomCode {
    const { id, data } = frame;
    if (!(yield* parts.admits(id, frame))) return;
    switch (id) {
      case codes.speed:
        yield* speed(data[0] ?? 0);
        break;
      case codes.read:
        yield* read(addressOf(data), (data[4] ?? 0) + 1);
        break;
      case codes.go:
        yield* parts.go(addressOf(data));
        break;
      case codes.write: {
        const at = addressOf(data);
        yield* parts.write(at, () => list((data[4] ?? 0) + 1, id, at));
        break;
      }
      case codes.erase:
        yield* erase(data[0] ?? 0);
        break;
      case codes.writeProtect: {
        yield* ack(id);
        const sectors = yield* list((data[0] ?? 0) + 1, id);
        if (sectors !== null) yield* writeProtect([...sectors]);
        break;
      }
      case codes.writeUnprotect:
        yield* ack(id);
        if (rom.writeUnprotect === "works") yield* writeProtect([]);
        else yield* ack(id);
        break;
      default:
        yield* parts.shared(id, frame);
    }
  }

  function* writeProtect(sectors: readonly number[]): RomCode {
    const { ms, refused } = board.chip().writeProtect(sectors);
    if (refused !== null) {
      yield* nack(codes.writeProtect);
      return;
    }
    yield* work(ms);
    yield* ack(sectors.length > 0 ? codes.writeProtect : codes.writeUnprotect);
    reset();
  }

  function* speed(code: number): RomCode {
    const rate = [...speedCodes].find(([, one]) => one === code)?.[0];
    if (rate === undefined) {
      yield* nack(codes.speed);
      return;
    }
    yield* ack(codes.speed);
    yield* work(rom.speedPauseMs);
    if (rom.cannotSet.includes(rate)) {
      reset();
      return;
    }
    yield { kind: "rates", rates: { nominal: rate, data: null } };
    yield* ack(rom.speedAnswerId);
  }

  function* read(at: number, count: number): RomCode {
    const bytes = yield* parts.readBytes(at, count);
    if (bytes === null) return;
    for (const part of split(bytes, 8))
      if (part.length === 8 || rom.readTail === "short") yield* send(codes.read, part, false);
      else for (const byte of part) yield* say(codes.read, byte);
    yield* ack(codes.read);
  }

  /** Bytes of data frames, each acknowledged; `null` where one came too early for this loader, which then gives up. */
  function* list(count: number, id: number, at = 0): RomCode<Uint8Array | null> {
    const data = new Uint8Array(count);
    for (let have = 0; have < count;) {
      const { frame, overrun, early } = yield* receive();
      if (overrun || (early && rom.ahead === "refused")) {
        parts.noRoom(at);
        yield* nack(id);
        return null;
      }
      if (frame.data.length > count - have) memory.complain("more data than was announced");
      data.set(frame.data.subarray(0, count - have), have);
      have += frame.data.length;
      yield* ack(id);
      dataFrames += 1;
      if (rom.spareAckEach !== null && dataFrames % rom.spareAckEach === 0) yield* ack(id);
    }
    return data;
  }

  function* erase(n: number): RomCode {
    if (rom.erase === "silent") return;
    yield* ack(codes.erase);
    if (n !== 0xff) {
      const pages = yield* list(n + 1, codes.erase);
      if (pages === null) return;
      yield* work(parts.erasePages([...pages]));
      yield* ack(codes.erase);
      return;
    }
    if (rom.erase === "empty-second") {
      const { frame } = yield* receive();
      if (frame.id !== codes.erase || frame.data.length > 0) {
        memory.complain("a mass erase without its second, empty frame");
        yield* nack(frame.id);
        return;
      }
      yield* ack(codes.erase);
    }
    const ms = memory.eraseAll();
    if (ms !== null) yield* work(ms);
    yield* ms === null ? nack(codes.erase) : ack(codes.erase);
  }

  reset();
  return parts;
}

/** In the order in which Get tells them. */
const commands: readonly number[] = [
  codes.get,
  codes.getVersion,
  codes.getId,
  codes.speed,
  codes.read,
  codes.go,
  codes.write,
  codes.erase,
  codes.writeProtect,
  codes.writeUnprotect,
  codes.readProtect,
  codes.readUnprotect,
];

/** Payload bytes of a command's own frame; what is not listed takes any. */
const lengths: ReadonlyMap<number, number> = new Map<number, number>([
  [codes.speed, 1],
  [codes.read, 5],
  [codes.go, 4],
  [codes.write, 5],
  [codes.erase, 1],
  [codes.writeProtect, 1],
]);
