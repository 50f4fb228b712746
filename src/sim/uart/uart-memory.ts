import type { SimBoard } from "../board.ts";
import type { LoaderMemory } from "../loader-memory.ts";
import { ACK, NACK, type Expect, type Step } from "./uart-step.ts";

/** Read Memory, Write Memory and Go behind their commands: an address first, then what is done there (sections 3.5 to 3.7). */
export interface UartMemory {
  read(): Expect;
  write(): Expect;
  go(): Expect;
}

export function uartMemory(board: SimBoard, memory: LoaderMemory): UartMemory {
  const quirks = (): ReadonlySet<string> => board.chip().spec.family.quirks;

  function awaitAddress(use: "read" | "write" | "go", act: (address: number) => Step): Expect {
    return {
      count: 5,
      act(bytes) {
        const [a = 0, b = 0, c = 0, d = 0, sum = 0] = bytes;
        if ((a ^ b ^ c ^ d) !== sum) {
          memory.complain("address with a wrong checksum");
          return { say: [NACK] };
        }
        const address = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
        if (!memory.allowed(use, address))
          return quirks().has("silent-abort") && use !== "go" ? {} : { say: [NACK] };
        return act(address);
      },
    };
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
          if (n + 1 < 128 && isFactoryWord(address)) return { say: [NACK] };
          const bytes = memory.read(address, n + 1);
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
                memory.complain("data with a wrong checksum");
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
    const { answer, ms, resets } = memory.store(address, data);
    if (answer === "none") return board.present() ? { after: "silent" } : { say: [0x00], after: "silent" };
    const done: Step = { say: [answer === "ack" ? ACK : NACK], ms };
    return resets ? { ...done, after: "reset" } : done;
  }

  function go(address: number): Step {
    return { say: [ACK], after: board.chip().bootable(address) ? "launch" : "silent" };
  }

  return {
    read: () => awaitAddress("read", readMemory),
    write: () => awaitAddress("write", writeMemory),
    go: () => awaitAddress("go", go),
  };
}
