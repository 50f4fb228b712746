import type { SimBoard } from "../board.ts";
import { loaderMemory } from "../loader-memory.ts";
import { uartErase } from "./uart-erase.ts";
import { uartMemory } from "./uart-memory.ts";
import { ACK, NACK, type Expect, type Step } from "./uart-step.ts";

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

/** 8 data bits, even parity, start and stop: 11 bit times a byte (section 1). */
export const bitsPerByte = 11;

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

  const loader = loaderMemory(board);
  const memory = uartMemory(board, loader);
  const erase = uartErase(loader);

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
        return { say: [ACK], next: memory.read() };
      case 0x21:
        return { say: [ACK], next: memory.go() };
      case 0x31:
        return { say: [ACK], next: memory.write() };
      case 0x43:
        return { say: [ACK], next: erase.short() };
      case 0x44:
        return { say: [ACK], next: erase.extended() };
      case 0x82:
        board.chip().protect();
        return { say: [ACK, ACK], after: "reset" };
      case 0x92: {
        const work = board.chip().unprotect();
        return { say: [ACK], next: { count: 0, act: () => ({ say: [ACK], ms: work.ms, after: "reset" }) } };
      }
      case 0x63:
        return { say: [ACK], next: awaitSectorCodes() };
      case 0x73:
        return { say: [ACK], next: { count: 0, act: () => writeProtect([]) } };
      default:
        return { say: [NACK] };
    }
  }

  /** Write Protect (section 3.10): count less one, the codes, the XOR of them all. */
  function awaitSectorCodes(): Expect {
    return {
      count: 1,
      act: ([n = 0]) => ({
        next: {
          count: n + 2,
          act(bytes) {
            const codes = [...bytes.subarray(0, n + 1)];
            const sum = codes.reduce((xor, code) => xor ^ code, n);
            if (sum === bytes[n + 1]) return writeProtect(codes);
            board.chip().complaints.push("sector codes with a wrong checksum");
            return { say: [NACK] };
          },
        },
      }),
    };
  }

  function writeProtect(codes: readonly number[]): Step {
    const { ms, refused } = board.chip().writeProtect(codes);
    return refused === null ? { say: [ACK], ms, after: "reset" } : { say: [NACK] };
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
