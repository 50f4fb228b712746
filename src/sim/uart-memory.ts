import type { SimBoard } from "./board.ts";
import { ACK, NACK, type Expect, type Step } from "./uart-step.ts";

/** Read Memory, Write Memory and Go behind their commands: an address first, then what is done there (sections 3.5 to 3.7). */
export interface UartMemory {
  read(): Expect;
  write(): Expect;
  go(): Expect;
}

export function uartMemory(board: SimBoard): UartMemory {
  const quirks = (): ReadonlySet<string> => board.chip().spec.family.quirks;

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

  return {
    read: () => awaitAddress("read", readMemory),
    write: () => awaitAddress("write", writeMemory),
    go: () => awaitAddress("go", go),
  };
}
