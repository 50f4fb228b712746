import { ACK, NACK, codes, lastLoaderId, padded, split, wake, wakeId } from "../protocol/can/frames.ts";
import type { CanFrame } from "../protocol/links.ts";
import { equalBytes } from "../lib/bytes.ts";
import type { SimBoard } from "./board.ts";
import type { CanBus } from "./can-bus.ts";
import { addressOf, type CanChip } from "./can-chip.ts";
import { canMemory } from "./can-memory.ts";
import type { FdcanRom } from "./can-rom.ts";
import { receive, romLoop, send, work, type RomCode } from "./rom-loop.ts";

/** Elements of the receive FIFO of the small FDCAN (B2); the larger one of the H7 is taken for one, too. */
const fifo = 3;
const frameBytes = 64;
const readable: ReadonlySet<number> = new Set([
  codes.get,
  codes.getVersion,
  codes.getId,
  codes.readUnprotect,
]);

/**
 * The FDCAN loader of a simulated chip (AN5405; protocols/can-an3154.md, part B). Strict: a payload of another length
 * than the command's, data frames that are not of 64 bytes and an erase of more pages than one list frame holds are
 * noted as complaints.
 */
export function fdcanChip(board: SimBoard, rom: FdcanRom, bus: CanBus): CanChip {
  const memory = canMemory(board);
  const rates = { nominal: rom.bitrate, data: rom.dataBitrate };
  let application = false;
  let hung = false;
  let awake = false;
  let boots = 0;
  const loop = romLoop(bus, {
    fifo,
    takeMs: rom.takeMs,
    flushes: rom.ahead === "lost",
    passes,
    runs: () => !hung && !board.silent(),
  });

  function passes({ id, data }: CanFrame): boolean {
    if (rom.start === "any") return true;
    return awake ? id <= lastLoaderId : id === wakeId && equalBytes(data, wake);
  }

  function reset(): void {
    application = false;
    hung = false;
    awake = false;
    board.chip().reset();
    loop.stop();
    boots += 1;
    const mine = boots;
    bus.at(bus.now() + board.chip().spec.family.bootMs, () => {
      // Level 2 has no loader any more; a pulled board has no power.
      if (mine === boots && board.present() && board.chip().protection() !== 2) loop.start(loader(), rates);
    });
  }

  const say = (id: number, ...bytes: readonly number[]): RomCode => send(id, Uint8Array.from(bytes), true);
  const ack = (id: number): RomCode => say(id, ACK);
  const nack = (id: number): RomCode => say(id, NACK);

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

  function* command(code: number, { id, data }: CanFrame): RomCode {
    if (memory.locked() && !readable.has(code) && commands.includes(code)) {
      if (rom.locked === "nack") yield* nack(id);
      return;
    }
    if ((lengths.get(code) ?? data.length) !== data.length) {
      memory.complain(`command ${code.toString(16)} with ${data.length} bytes`);
      yield* nack(id);
      return;
    }
    switch (code) {
      case codes.get:
        yield* ack(id);
        yield* say(id, commands.length - rom.getCountOff);
        yield* say(id, rom.version);
        for (const one of commands) yield* say(id, one);
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
      case codes.read:
        yield* read(addressOf(data), (data[4] ?? 0) + 1);
        break;
      case codes.go:
        yield* go(addressOf(data));
        break;
      case codes.write:
        yield* write(addressOf(data), (data[4] ?? 0) + 1);
        break;
      case codes.extendedErase:
        yield* erase(((data[0] ?? 0) << 8) | (data[1] ?? 0));
        break;
      case codes.readProtect:
        board.chip().protect();
        yield* ack(id);
        yield* ack(id);
        reset();
        break;
      case codes.readUnprotect: {
        const { ms } = board.chip().unprotect();
        yield* ack(rom.unprotectId);
        if (rom.unprotectAck === "before") yield* ack(rom.unprotectId);
        yield* work(ms);
        if (rom.unprotectAck === "behind") yield* ack(rom.unprotectId);
        reset();
        break;
      }
      // Special commands and write protection stand in the list; how their frames look is not known (B3).
      default:
        yield* nack(id);
    }
  }

  function* read(at: number, count: number): RomCode {
    const bytes = memory.allowed("read", at) ? memory.read(at, count) : null;
    if (bytes === null) {
      yield* nack(codes.read);
      return;
    }
    yield* ack(codes.read);
    for (const part of split(bytes, frameBytes)) yield* send(codes.read, padded(part, frameBytes), true);
    yield* ack(codes.read);
  }

  function* write(at: number, count: number): RomCode {
    if (!memory.allowed("write", at)) {
      yield* nack(codes.write);
      return;
    }
    yield* ack(codes.write);
    const frames = Math.ceil(count / frameBytes);
    const data = new Uint8Array(frames * frameBytes);
    for (let i = 0; i < frames; i += 1) {
      const { frame, overrun, early } = yield* receive();
      // The frames behind the first come as they come.
      if (overrun || (i === 0 && early && rom.ahead === "refused")) {
        if (board.chip().area(at) === "flash")
          memory.complain("a data frame came before there was room for it");
        yield* nack(codes.write);
        return;
      }
      if (frame.data.length !== frameBytes && board.chip().area(at) === "flash")
        memory.complain(`a data frame of ${frame.data.length} bytes`);
      data.set(frame.data, i * frameBytes);
    }
    const done = memory.store(at, data.slice(0, count));
    if (done.answer === "none") {
      if (!board.present()) loop.stop();
      return;
    }
    yield* work(done.ms);
    yield* done.answer === "ack" ? ack(codes.write) : nack(codes.write);
    if (done.resets) reset();
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
    yield* work(memory.erasePages(pages));
    yield* ack(id);
  }

  function* go(at: number): RomCode {
    if (rom.goAcks === 2) yield* ack(codes.go);
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
