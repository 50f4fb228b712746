import { encodeOptions } from "../model/option-codec.ts";
import { ACK, NACK, codes, split, speedCodes } from "../protocol/can/frames.ts";
import type { CanFrame } from "../protocol/links.ts";
import type { SimBoard } from "./board.ts";
import type { CanBus } from "./can-bus.ts";
import { canMemory } from "./can-memory.ts";
import type { CanRom } from "./can-rom.ts";
import { receive, romLoop, send, work, type RomCode } from "./rom-loop.ts";

/** A loader of a simulated chip on a bus, powered up with BOOT0 high. */
export interface CanChip {
  /** The pins: a reset with BOOT0 high. */
  reset(): void;
  /** True after Go, while the application has the chip. */
  launched(): boolean;
}

const none = new Uint8Array();
/** bxCAN has three elements. */
const fifo = 3;
const readable: ReadonlySet<number> = new Set([
  codes.get,
  codes.getVersion,
  codes.getId,
  codes.readUnprotect,
]);

/**
 * The classic CAN loader of a simulated chip (AN3154; protocols/can-an3154.md, part A). Strict: a first frame that is
 * not the synchronisation, a payload of another length than the command's, more data than was announced and a frame of
 * a write to flash that the FIFO has no room for are noted as complaints.
 */
export function canChip(board: SimBoard, rom: CanRom, bus: CanBus): CanChip {
  const memory = canMemory(board);
  const start = { nominal: rom.bitrate, data: null };
  let application = false;
  let hung = false;
  let dataFrames = 0;
  let boots = 0;
  const loop = romLoop(bus, {
    fifo,
    takeMs: rom.takeMs,
    flushes: rom.ahead === "lost",
    passes: () => true,
    runs: () => !hung && !board.silent(),
  });

  function reset(): void {
    application = false;
    hung = false;
    board.chip().reset();
    loop.stop();
    boots += 1;
    const mine = boots;
    bus.at(bus.now() + board.chip().spec.family.bootMs, () => {
      // Level 2 has no loader any more; a pulled board has no power.
      if (mine === boots && board.present() && board.chip().protection() !== 2) loop.start(loader(), start);
    });
  }

  const say = (id: number, ...bytes: readonly number[]): RomCode => send(id, Uint8Array.from(bytes), false);
  const ack = (id: number): RomCode => say(id, ACK);
  const nack = (id: number): RomCode => say(id, NACK);

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
        yield* ack(id);
        yield* say(id, rom.version);
        yield* say(id, 0, 0);
        yield* ack(id);
        break;
      case codes.getId:
        yield* ack(id);
        yield* say(id, board.productId() >>> 8, board.productId() & 0xff);
        yield* ack(id);
        break;
      case codes.speed:
        yield* speed(data[0] ?? 0);
        break;
      case codes.read:
        yield* read(addressOf(data), (data[4] ?? 0) + 1);
        break;
      case codes.go:
        yield* go(addressOf(data));
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
        board.chip().protect();
        yield* ack(id);
        yield* ack(id);
        reset();
        break;
      case codes.readUnprotect: {
        const { ms } = board.chip().unprotect();
        yield* ack(id);
        if (rom.unprotectAck === "before") yield* ack(id);
        yield* work(ms);
        if (rom.unprotectAck === "behind") yield* ack(id);
        reset();
        break;
      }
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
    const bytes = memory.allowed("read", at) ? memory.read(at, count) : null;
    if (bytes === null) {
      yield* nack(codes.read);
      return;
    }
    yield* ack(codes.read);
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
    const done = memory.store(at, data);
    if (done.answer === "none") {
      if (!board.present()) loop.stop();
      return;
    }
    yield* work(done.ms);
    yield* done.answer === "ack" ? ack(codes.write) : nack(codes.write);
    if (done.resets) reset();
  }

  /** Bytes of data frames, each acknowledged; `null` where one came too early for this loader, which then gives up. */
  function* list(count: number, id: number, at = 0): RomCode<Uint8Array | null> {
    const data = new Uint8Array(count);
    for (let have = 0; have < count;) {
      const { frame, overrun, early } = yield* receive();
      if (overrun || (early && rom.ahead === "refused")) {
        if (board.chip().area(at) === "flash")
          memory.complain("a data frame came before there was room for it");
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

  function* go(at: number): RomCode {
    if (!memory.allowed("go", at)) {
      yield* nack(codes.go);
      return;
    }
    yield* ack(codes.go);
    if (!board.chip().bootable(at)) {
      hung = true;
      return;
    }
    application = true;
    loop.stop();
  }

  reset();
  return { reset, launched: () => application };
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

export function addressOf([a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
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
