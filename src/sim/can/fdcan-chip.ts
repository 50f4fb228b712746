import { codes, lastLoaderId, padded, split, wake, wakeId } from "../../protocol/can/frames.ts";
import type { CanFrame } from "../../protocol/links.ts";
import { equalBytes } from "../../lib/bytes.ts";
import type { SimBoard } from "../board.ts";
import type { CanBus } from "./can-bus.ts";
import { addressOf, canLoaderParts, type CanChip } from "./can-loader.ts";
import type { FdcanRom } from "./can-rom.ts";
import { receive, send, work, type RomCode } from "../rom-loop.ts";

const frameBytes = 64;
/**
 * The FDCAN loader of a simulated chip (AN5405; protocols/can-an3154.md, part B). Strict: a payload of another length
 * than the command's, data frames that are not of 64 bytes and an erase of more pages than one list frame holds are
 * noted as complaints.
 */
export function fdcanChip(board: SimBoard, rom: FdcanRom, bus: CanBus): CanChip {
  let awake = false;
  const parts = canLoaderParts(board, bus, {
    ...rom,
    rates: { nominal: rom.bitrate, data: rom.dataBitrate },
    fd: true,
    commands,
    announced: commands.length - rom.getCountOff,
    lengths,
    alsoLocked: [],
    unprotect: { id: rom.unprotectId, ack: rom.unprotectAck },
    passes,
    code() {
      awake = false;
      return loader();
    },
  });
  const { memory, reset, ack, nack } = parts;

  function passes({ id, data }: CanFrame): boolean {
    if (rom.start === "any") return true;
    return awake ? id <= lastLoaderId : id === wakeId && equalBytes(data, wake);
  }

  function* loader(): RomCode {
    if (rom.start === "5a") {
      const { frame } = yield* receive();
      awake = true;
      if (rom.startAnswer === "ack") yield* ack(frame.id);
    }
    for (;;) {
      const { frame, overrun } = yield* receive();
      // From 2.1 on an identifier above the commands is refused; before that its low byte is the command (B2).
      if (overrun || (rom.version >= 0x21 && frame.id > lastLoaderId)) yield* nack(frame.id);
      else yield* command(frame.id & lastLoaderId, frame);
    }
  }

  function* command(code: number, frame: CanFrame): RomCode {
    const { data } = frame;
    if (!(yield* parts.admits(code, frame))) return;
    switch (code) {
      case codes.read:
        yield* read(addressOf(data), (data[4] ?? 0) + 1);
        break;
      case codes.go:
        yield* go(addressOf(data));
        break;
      case codes.write: {
        const at = addressOf(data);
        yield* parts.write(at, () => blocks(at, (data[4] ?? 0) + 1));
        break;
      }
      case codes.extendedErase:
        yield* erase(((data[0] ?? 0) << 8) | (data[1] ?? 0));
        break;
      // Special commands and write protection stand in the list; how their frames look is not known (B3).
      default:
        yield* parts.shared(code, frame);
    }
  }

  function* read(at: number, count: number): RomCode {
    const bytes = yield* parts.readBytes(at, count);
    if (bytes === null) return;
    for (const part of split(bytes, frameBytes)) yield* send(codes.read, padded(part, frameBytes), true);
    yield* ack(codes.read);
  }

  /** The data of a write in frames of 64 bytes; `null` where one came too early, which is refused. */
  function* blocks(at: number, count: number): RomCode<Uint8Array | null> {
    const frames = Math.ceil(count / frameBytes);
    const data = new Uint8Array(frames * frameBytes);
    for (let i = 0; i < frames; i += 1) {
      const { frame, overrun, early } = yield* receive();
      // The frames behind the first come as they come.
      if (overrun || (i === 0 && early && rom.ahead === "refused")) {
        parts.noRoom(at);
        yield* nack(codes.write);
        return null;
      }
      if (frame.data.length !== frameBytes && board.chip().area(at) === "flash")
        memory.complain(`a data frame of ${frame.data.length} bytes`);
      data.set(frame.data, i * frameBytes);
    }
    return data.slice(0, count);
  }

  function* erase(n: number): RomCode {
    const id = codes.extendedErase;
    if (n >= 0xfff0) {
      const ms = n === 0xffff ? memory.eraseAll() : null;
      if (ms === null) {
        yield* nack(id);
        return;
      }
      yield* ack(id);
      yield* work(ms);
      yield* ack(id);
      return;
    }
    yield* ack(id);
    if (rom.eraseAcks === 2) yield* ack(id);
    const { frame } = yield* receive();
    const room = Math.floor(frame.data.length / 2);
    if (n > room) memory.complain(`an erase of ${n} pages, whose list has room for ${room}`);
    const pages = Array.from(
      { length: Math.min(n, room) },
      (_, i) => ((frame.data[2 * i] ?? 0) << 8) | (frame.data[2 * i + 1] ?? 0),
    );
    yield* work(parts.erasePages(pages));
    yield* ack(id);
  }

  function* go(at: number): RomCode {
    if (rom.goAcks === 2) yield* ack(codes.go);
    yield* parts.go(at);
  }

  reset();
  return parts;
}

/** Those of the UART loader, special commands included (B3). */
const commands: readonly number[] = [
  codes.get,
  codes.getVersion,
  codes.getId,
  codes.read,
  codes.go,
  codes.write,
  codes.extendedErase,
  0x50,
  0x51,
  codes.writeProtect,
  codes.writeUnprotect,
  codes.readProtect,
  codes.readUnprotect,
];

/** Payload bytes of a command's own frame; what is not listed takes any. */
const lengths: ReadonlyMap<number, number> = new Map<number, number>([
  [codes.read, 5],
  [codes.go, 4],
  [codes.write, 5],
  [codes.extendedErase, 2],
]);
