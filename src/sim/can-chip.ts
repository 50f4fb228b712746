import { encodeOptions } from "../model/option-codec.ts";
import { codes, split, speedCodes } from "../protocol/can/frames.ts";
import type { CanFrame } from "../protocol/links.ts";
import type { SimBoard } from "./board.ts";
import type { CanBus } from "./can-bus.ts";
import { addressOf, canLoaderParts, readable, type CanChip } from "./can-loader.ts";
import type { CanRom } from "./can-rom.ts";
import { receive, send, work, type RomCode } from "./rom-loop.ts";

const none = new Uint8Array();
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
    if (memory.locked() && !readable.has(id) && !(id === codes.speed && rom.speedWhenLocked === "allowed")) {
      yield* nack(id);
      return;
    }
    if (!lengthFits(id, data.length)) {
      memory.complain(`command ${id.toString(16)} with ${data.length} bytes`);
      yield* nack(id);
      return;
    }
    switch (id) {
      case codes.get:
        yield* ack(id);
        for (const byte of [commands.length, rom.version, ...commands]) yield* say(id, byte);
        yield* ack(id);
        break;
      case codes.getVersion:
        yield* parts.getVersion(id);
        break;
      case codes.getId:
        yield* parts.getId(id);
        break;
      case codes.speed:
        yield* speed(data[0] ?? 0);
        break;
      case codes.read:
        yield* read(addressOf(data), (data[4] ?? 0) + 1);
        break;
      case codes.go:
        yield* parts.go(addressOf(data));
        break;
      case codes.write:
        yield* write(addressOf(data), (data[4] ?? 0) + 1);
        break;
      case codes.erase:
        yield* erase(data[0] ?? 0);
        break;
      case codes.writeProtect: {
        yield* ack(id);
        yield* list((data[0] ?? 0) + 1, id);
        yield* ack(id);
        reset();
        break;
      }
      case codes.writeUnprotect:
        yield* ack(id);
        yield* ack(id);
        if (rom.writeUnprotect === "works") {
          liftWriteProtection(board);
          reset();
        }
        break;
      case codes.readProtect:
        yield* parts.readProtect(id);
        break;
      case codes.readUnprotect:
        yield* parts.readUnprotect(id, rom.unprotectAck === "before");
        break;
      default:
        yield* nack(id);
    }
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

  function* write(at: number, count: number): RomCode {
    if (!memory.allowed("write", at)) {
      yield* nack(codes.write);
      return;
    }
    yield* ack(codes.write);
    const data = yield* list(count, codes.write, at);
    if (data === null) return;
    yield* parts.store(at, data);
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
      yield* work(memory.erasePages([...pages]));
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

function lengthFits(id: number, length: number): boolean {
  return (lengths.get(id) ?? length) === length;
}

/** F1, F2, F4, F7: a bit that is 1 leaves its sectors writable. */
function liftWriteProtection(board: SimBoard): void {
  const chip = board.chip();
  const layout = chip.spec.optionLayout;
  if (layout === null) return;
  const fields = layout.fields.filter(({ name }) => name.startsWith("nWRP"));
  const blocks = layout.blocks.map(({ address, size }) => chip.read(address, size) ?? none);
  const open = new Map(fields.map(({ name, width }) => [name, 2 ** width - 1]));
  for (const [i, bytes] of encodeOptions(layout, blocks, open).entries()) {
    const block = layout.blocks[i];
    if (block !== undefined) chip.writeOptions(block.address, bytes);
  }
}
