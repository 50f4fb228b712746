import type { Sector } from "../model/memory.ts";
import type { SimBoard } from "./board.ts";

/** Bytes that the chip puts on the line, and the bench time at which the last of them is out. */
export interface Answer {
  readonly bytes: Uint8Array;
  readonly at: number;
}

/**
 * The UART loader of a simulated chip (AN3155; protocols/uart-an3155.md), byte by byte. Strict: a byte that comes
 * while the chip is busy is lost, as on the real one, and noted as a complaint; a first byte that is not 0x7F makes
 * it deaf until a reset.
 */
export interface UartChip {
  /** Bytes of the host; the first starts on the line at `at` at the earliest. */
  receive(bytes: Uint8Array, at: number): Answer[];
  /** The pins: a reset with BOOT0 high. */
  reset(): void;
  /** A reset with BOOT0 low. */
  resetToApplication(): void;
  /** True after Go, while the application has the chip. */
  launched(): boolean;
  /** True from a reset to the first byte: that one tells the loader its rate. */
  awaitsSync(): boolean;
}

const ACK = 0x79;
const NACK = 0x1f;
/** 8 data bits, even parity, start and stop: 11 bit times a byte (section 1). */
export const bitsPerByte = 11;

/** A part of a frame the loader waits for: so many bytes, then what it does with them. */
interface Expect {
  count: number;
  act: (bytes: Uint8Array) => Step;
}
/** What the loader sends and expects next; `next` absent: back to waiting for a command. */
interface Step {
  readonly say?: readonly number[] | Uint8Array;
  /** Time before the answer starts, ms: flash work. */
  readonly ms?: number;
  readonly next?: Expect;
  readonly after?: "reset" | "launch" | "silent";
}

export interface UartRomOptions {
  readonly baud: number;
  /** Protocol version of Get: 0x22 for F1, 0x31 otherwise. */
  readonly version: number;
  readonly extendedErase: boolean;
}

export function uartChip(board: SimBoard, rom: UartRomOptions): UartChip {
  const byteMs = (bitsPerByte * 1000) / rom.baud;
  const quirks = (): ReadonlySet<string> => board.chip().spec.family.quirks;
  const tooFast = quirks().has("max-57600") && rom.baud > 57_600;

  let hostFree = 0;
  let busyUntil = 0;
  let mode: "sync" | "command" | "deaf" | "application" = "sync";
  let expect: Expect = awaitSync();
  let got: number[] = [];

  function awaitSync(): Expect {
    return {
      count: 1,
      act([byte]) {
        if (byte !== 0x7f || tooFast) {
          mode = "deaf";
          board.chip().complaints.push(`first byte after reset was ${byte}, not 0x7F`);
          return { after: "silent" };
        }
        mode = "command";
        return { say: quirks().has("double-ack-sync") ? [ACK, ACK] : [ACK], ms: 2 * byteMs };
      },
    };
  }

  function awaitCommand(): Expect {
    return {
      count: 2,
      act([code = 0, complement = 0]) {
        if ((code ^ complement) !== 0xff) return { say: [NACK] };
        return command(code);
      },
    };
  }

  const supported = (): number[] => [
    0x00,
    0x01,
    0x02,
    0x11,
    0x21,
    0x31,
    rom.extendedErase ? 0x44 : 0x43,
    0x63,
    0x73,
    0x82,
    0x92,
  ];

  function command(code: number): Step {
    if (!supported().includes(code)) return { say: [NACK] };
    const locked = board.chip().protection() !== 0 && ![0x00, 0x01, 0x02, 0x92].includes(code);
    if (locked)
      return {
        say: quirks().has("double-nack-rdp") && (code === 0x11 || code === 0x31) ? [NACK, NACK] : [NACK],
      };
    switch (code) {
      case 0x00:
        return { say: [ACK, supported().length, rom.version, ...supported(), ACK] };
      case 0x01:
        return { say: [ACK, rom.version, 0, 0, ACK] };
      case 0x02:
        return { say: [ACK, 1, board.productId() >>> 8, board.productId() & 0xff, ACK] };
      case 0x11:
        return { say: [ACK], next: awaitAddress("read", readMemory) };
      case 0x21:
        return { say: [ACK], next: awaitAddress("go", go) };
      case 0x31:
        return { say: [ACK], next: awaitAddress("write", writeMemory) };
      case 0x43:
        return { say: [ACK], next: awaitErase() };
      case 0x44:
        return { say: [ACK], next: awaitExtendedErase() };
      case 0x82:
        board.chip().protect();
        return { say: [ACK, ACK], after: "reset" };
      case 0x92: {
        const work = board.chip().unprotect();
        return { say: [ACK], next: { count: 0, act: () => ({ say: [ACK], ms: work.ms, after: "reset" }) } };
      }
      // Write Protect and Unprotect stand in the list; no host of ours or of the judges sends them here.
      default:
        return { say: [NACK] };
    }
  }

  function awaitAddress(use: "read" | "write" | "go", act: (address: number) => Step): Expect {
    return {
      count: 5,
      act(bytes) {
        const [a = 0, b = 0, c = 0, d = 0, sum = 0] = bytes;
        if ((a ^ b ^ c ^ d) !== sum) {
          board.chip().complaints.push("address with a wrong checksum");
          return { say: [NACK] };
        }
        const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
        if (!allowed(use, address))
          return quirks().has("silent-abort") && use !== "go" ? {} : { say: [NACK] };
        return act(address);
      },
    };
  }

  function allowed(use: "read" | "write" | "go", address: number): boolean {
    const chip = board.chip();
    if (address === chip.spec.family.deviceFeature) return use !== "go";
    const area = chip.area(address);
    if (use === "go") return area === "flash" || area === "ram";
    if (use === "write") return area === "flash" || area === "ram" || area === "options";
    return area !== "none";
  }

  /** UID and flash size of F4 and L0 are read as a large block or not at all (section 3.5). */
  function isFactoryWord(address: number): boolean {
    const { uid, flashSizeRegister } = board.chip().spec.family;
    const near = (word: number): boolean => Math.abs(address - word) < 16;
    return quirks().has("uid-as-large-block") && (near(uid.address) || near(flashSizeRegister.address));
  }

  function readMemory(address: number): Step {
    return {
      say: [ACK],
      next: {
        count: 2,
        act([n = 0, complement = 0]) {
          if ((n ^ complement) !== 0xff) return { say: [NACK] };
          const { family } = board.chip().spec;
          if (n + 1 < 128 && isFactoryWord(address)) return { say: [NACK] };
          const bytes = address === family.deviceFeature ? Uint8Array.of(0) : board.read(address, n + 1);
          if (bytes === null) return { say: [NACK] };
          return { say: Uint8Array.from([ACK, ...bytes]) };
        },
      },
    };
  }

  function writeMemory(address: number): Step {
    return {
      say: [ACK],
      next: {
        count: 1,
        act: ([n = 0]) => ({
          next: {
            count: n + 2,
            act(bytes) {
              const data = bytes.subarray(0, n + 1);
              const sum = data.reduce((xor, byte) => xor ^ byte, n);
              if (sum !== bytes[n + 1]) {
                board.chip().complaints.push("data with a wrong checksum");
                return { say: [NACK] };
              }
              return store(address, data);
            },
          },
        }),
      },
    };
  }

  function store(address: number, data: Uint8Array): Step {
    const chip = board.chip();
    if (address === chip.spec.family.deviceFeature) return setWidth(data);
    if (chip.area(address) === "options") {
      const work = chip.writeOptions(address, data);
      return work.refused === null ? { say: [ACK], ms: work.ms, after: "reset" } : { say: [NACK] };
    }
    if (data.length % 4 !== 0 || address % 4 !== 0) {
      chip.complaints.push(`write of ${data.length} bytes at ${address.toString(16)}: not in words`);
      return { say: [NACK] };
    }
    const done = board.write(address, data);
    if (done.answer === "none")
      return board.present() ? { after: "silent" } : { say: [0x00], after: "silent" };
    return { say: [done.answer === "ack" ? ACK : NACK], ms: done.ms };
  }

  /** 0xFFFF0000: voltage range, then three bytes 0xFF (AN2606, section 4.4). */
  function setWidth(data: Uint8Array): Step {
    const widths = [1, 2, 2, 4, 8];
    const width = widths[data[0] ?? 255];
    if (width === undefined || data.subarray(1).some((byte) => byte !== 0xff)) return { say: [NACK] };
    board.chip().setProgramWidth(width);
    return { say: [ACK] };
  }

  function go(address: number): Step {
    return { say: [ACK], after: board.chip().bootable(address) ? "launch" : "silent" };
  }

  function erasePages(numbers: readonly number[]): Step {
    const chip = board.chip();
    const { sectors } = chip.map();
    const pages = numbers
      .map((n) => sectors.find((sector) => sector.index === n))
      .filter((sector): sector is Sector => sector !== undefined);
    if (pages.length < numbers.length) chip.complaints.push("erase of a page that the chip has not");
    const onlyFirst = quirks().has("one-page-per-erase") && pages.length > 1;
    if (onlyFirst) chip.complaints.push("more than one page in an erase that takes one");
    const ms = (onlyFirst ? pages.slice(0, 1) : pages).reduce((sum, page) => sum + chip.erase(page).ms, 0);
    return { say: [ACK], ms };
  }

  function massErase(): Step {
    if (quirks().has("no-mass-erase")) return { say: [NACK] };
    return { say: [ACK], ms: board.chip().eraseAll().ms };
  }

  function awaitErase(): Expect {
    return {
      count: 2,
      act([n = 0, first = 0]) {
        if (n === 0xff) return first === 0 ? massErase() : { say: [ACK] };
        return {
          next: {
            count: n + 1,
            act(rest) {
              const list = [first, ...rest.subarray(0, n)];
              const sum = list.reduce((xor, page) => xor ^ page, n);
              return sum === rest[n] ? erasePages(list) : { say: [NACK] };
            },
          },
        };
      },
    };
  }

  function awaitExtendedErase(): Expect {
    return {
      count: 2,
      act([high = 0, low = 0]) {
        const n = (high << 8) | low;
        if (n >= 0xfff0)
          return {
            next: {
              count: 1,
              act: ([sum]) => (sum !== (high ^ low) || n !== 0xffff ? { say: [NACK] } : massErase()),
            },
          };
        return {
          next: {
            count: 2 * (n + 1) + 1,
            act(rest) {
              const list = Array.from(
                { length: n + 1 },
                (_, i) => ((rest[2 * i] ?? 0) << 8) | (rest[2 * i + 1] ?? 0),
              );
              const sum = rest.subarray(0, -1).reduce((xor, byte) => xor ^ byte, high ^ low);
              return sum === rest.at(-1) ? erasePages(list) : { say: [NACK] };
            },
          },
        };
      },
    };
  }

  function perform(step: Step, at: number, answers: Answer[]): void {
    const start = at + (step.ms ?? 0);
    const say = step.say === undefined ? new Uint8Array() : Uint8Array.from(step.say);
    busyUntil = start + say.length * byteMs;
    if (say.length > 0) answers.push({ bytes: say, at: busyUntil });
    expect = step.next ?? (mode === "command" ? awaitCommand() : awaitSync());
    got = [];
    if (step.after === "reset") reset();
    if (step.after === "launch") mode = "application";
    if (step.after === "silent") mode = "deaf";
    if (expect.count === 0) perform(expect.act(new Uint8Array()), busyUntil, answers);
  }

  function reset(): void {
    board.chip().reset();
    mode = "sync";
    expect = awaitSync();
    got = [];
  }

  return {
    reset,
    resetToApplication() {
      reset();
      mode = "application";
    },
    launched: () => mode === "application",
    awaitsSync: () => mode === "sync",
    receive(bytes, at) {
      const answers: Answer[] = [];
      let time = Math.max(at, hostFree);
      for (const byte of bytes) {
        time += byteMs;
        if (board.silent() || board.chip().protection() === 2 || mode === "deaf" || mode === "application")
          continue;
        if (time < busyUntil - 1e-9) {
          board.chip().complaints.push("a byte came while the loader was busy");
          continue;
        }
        got.push(byte);
        if (got.length >= expect.count) perform(expect.act(Uint8Array.from(got)), time, answers);
      }
      hostFree = time;
      return answers;
    },
  };
}
