import { ACK, NACK, codes } from "../../protocol/can/frames.ts";
import type { CanFrame } from "../../protocol/links.ts";
import type { SimBoard } from "../board.ts";
import type { CanBus, Rates } from "./can-bus.ts";
import { loaderMemory, type LoaderMemory, type Stored } from "../loader-memory.ts";
import { romLoop, send, work, type RomCode, type RomLoop } from "../rom-loop.ts";

/** A loader of a simulated chip on a bus, powered up with BOOT0 high. */
export interface CanChip {
  /** The pins: a reset with BOOT0 high. */
  readonly reset: () => void;
  /** True after Go, while the application has the chip. */
  launched(): boolean;
}

/** What works under read protection. */
const readable: ReadonlySet<number> = new Set<number>([
  codes.get,
  codes.getVersion,
  codes.getId,
  codes.readUnprotect,
]);

/** Elements of the receive FIFO of bxCAN and of the small FDCAN (B2); the larger one of the H7 is taken for one, too. */
const fifo = 3;

export interface CanLoaderOptions {
  readonly rates: Rates;
  readonly fd: boolean;
  readonly takeMs: number;
  readonly ahead: "taken" | "lost" | "refused";
  readonly version: number;
  /** In the order in which Get tells them, and the number that it tells before them. */
  readonly commands: readonly number[];
  readonly announced: number;
  /** Payload bytes of a command's own frame; what is not listed takes any. */
  readonly lengths: ReadonlyMap<number, number>;
  /** Commands that work under read protection, beside those that always do. */
  readonly alsoLocked: readonly number[];
  /** What the others, and they alone, get then: a NACK, or no answer at all. */
  readonly locked: "nack" | "silent";
  readonly unprotect: { readonly id: number; readonly ack: "before" | "behind" };
  readonly passes: (frame: CanFrame) => boolean;
  /** The loader's code, from its start; called at each reset. */
  readonly code: () => RomCode;
}

/** What the classic and the FDCAN loader have in common: the chip they run on, and the commands that are the same. */
export interface CanLoaderParts extends CanChip {
  readonly memory: LoaderMemory;
  readonly loop: RomLoop;
  readonly say: (id: number, ...bytes: readonly number[]) => RomCode;
  readonly ack: (id: number) => RomCode;
  readonly nack: (id: number) => RomCode;
  /** Whether a command's frame is one that this loader obeys; its refusal is sent already. */
  admits(code: number, frame: CanFrame): RomCode<boolean>;
  /** A command that both loaders do alike, answered on the frame's identifier; anything else is refused. */
  shared(code: number, frame: CanFrame): RomCode;
  /** ACK and what a Read Memory is to give; `null` behind its NACK. */
  readBytes(at: number, count: number): RomCode<Uint8Array | null>;
  /** A Write Memory: refused, or acknowledged, its data taken and stored; `take` gives up with `null`. */
  write(at: number, take: () => RomCode<Uint8Array | null>): RomCode;
  /** Time of the erase, ms. */
  erasePages(numbers: readonly number[]): number;
  /** A frame of a write came before there was room for it: noted where it goes to flash. */
  noRoom(at: number): void;
  go(at: number): RomCode;
}

export function canLoaderParts(board: SimBoard, bus: CanBus, options: CanLoaderOptions): CanLoaderParts {
  const memory = loaderMemory(board);
  let application = false;
  let hung = false;
  let boots = 0;
  const loop = romLoop(bus, {
    fifo,
    takeMs: options.takeMs,
    flushes: options.ahead === "lost",
    passes: options.passes,
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
      if (mine === boots && board.present() && board.chip().protection() !== 2)
        loop.start(options.code(), options.rates);
    });
  }

  const say = (id: number, ...bytes: readonly number[]): RomCode =>
    send(id, Uint8Array.from(bytes), options.fd);
  const ack = (id: number): RomCode => say(id, ACK);
  const nack = (id: number): RomCode => say(id, NACK);

  function* end(done: Stored): RomCode {
    if (done.answer === "none") {
      if (!board.present()) loop.stop();
      return;
    }
    yield* work(done.ms);
    yield* done.answer === "ack" ? ack(codes.write) : nack(codes.write);
    if (done.resets) reset();
  }

  function* readUnprotect(): RomCode {
    const { id, ack: when } = options.unprotect;
    const { ms } = board.chip().unprotect();
    yield* ack(id);
    if (when === "before") yield* ack(id);
    yield* work(ms);
    if (when === "behind") yield* ack(id);
    reset();
  }

  return {
    memory,
    loop,
    reset,
    launched: () => application,
    say,
    ack,
    nack,
    *admits(code, { id, data }) {
      const isRefused =
        memory.locked() &&
        !readable.has(code) &&
        !options.alsoLocked.includes(code) &&
        (options.locked === "nack" || options.commands.includes(code));
      if (isRefused) {
        if (options.locked === "nack") yield* nack(id);
        return false;
      }
      if ((options.lengths.get(code) ?? data.length) === data.length) return true;
      memory.complain(`command ${code.toString(16)} with ${data.length} bytes`);
      yield* nack(id);
      return false;
    },
    *shared(code, { id }) {
      switch (code) {
        case codes.get:
          yield* ack(id);
          for (const byte of [options.announced, options.version, ...options.commands]) yield* say(id, byte);
          yield* ack(id);
          break;
        case codes.getVersion:
          yield* ack(id);
          yield* say(id, options.version);
          yield* say(id, 0, 0);
          yield* ack(id);
          break;
        case codes.getId:
          yield* ack(id);
          yield* say(id, board.productId() >>> 8, board.productId() & 0xff);
          yield* ack(id);
          break;
        case codes.readProtect:
          board.chip().protect();
          yield* ack(id);
          yield* ack(id);
          reset();
          break;
        case codes.readUnprotect:
          yield* readUnprotect();
          break;
        default:
          yield* nack(id);
      }
    },
    *readBytes(at, count) {
      const bytes = memory.allowed("read", at) ? memory.read(at, count) : null;
      yield* bytes === null ? nack(codes.read) : ack(codes.read);
      return bytes;
    },
    *write(at, take) {
      if (!memory.allowed("write", at)) {
        yield* nack(codes.write);
        return;
      }
      yield* ack(codes.write);
      const data = yield* take();
      if (data !== null) yield* end(memory.store(at, data));
    },
    erasePages(numbers) {
      const pairs = board.chip().spec.family.quirks.has("can-erases-page-pairs");
      return memory.erasePages(pairs ? [...new Set(numbers)].flatMap((n) => [2 * n, 2 * n + 1]) : numbers);
    },
    noRoom(at) {
      if (board.chip().area(at) === "flash")
        memory.complain("a data frame came before there was room for it");
    },
    *go(at) {
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
    },
  };
}

export function addressOf([a = 0, b = 0, c = 0, d = 0]: Uint8Array): number {
  return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
}
