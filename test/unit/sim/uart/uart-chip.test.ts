import { describe, expect, test } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import type { Quirk } from "../../../../src/model/family.ts";
import type { Mishap } from "../../../../src/model/mishap.ts";
import { block, pageList, extendedPageList, address } from "../../../../src/protocol/uart/frames.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { uartChip } from "../../../../src/sim/uart/uart-chip.ts";
import { uartRom } from "../../../../src/sim/uart/uart-rom.ts";

const baud = 115_200;
const uid = Uint8Array.from({ length: 12 }, (_, i) => 0xa0 + i);

/** A chip and a host that waits for each answer before it goes on, both in bench time. */
function bench(chip = "STM32F405", mishap: Mishap = {}, quirks?: readonly Quirk[]) {
  const known = chipSpec(chip, uid);
  const spec =
    quirks === undefined ? known : { ...known, family: { ...known.family, quirks: new Set(quirks) } };
  const board = simBoard(spec, mishap);
  const loader = uartChip(board, uartRom(spec.family, baud));
  let now = 0;

  /** What the chip says to these bytes, as hex; `tookMs` is the time from the host's last byte to the end of it. */
  function say(...frames: readonly (string | Uint8Array)[]): string {
    const bytes = Buffer.concat(frames.map((frame) => (typeof frame === "string" ? hex(frame) : frame)));
    const answers = loader.receive(bytes, now);
    const heard = now + byteMs * bytes.length;
    now = Math.max(heard, ...answers.map(({ at }) => at));
    took = now - heard;
    return answers.map((answer) => toHex(answer.bytes)).join(" ");
  }
  let took = 0;

  return { board, loader, say, tookMs: () => took, clock: () => now, chip: () => board.chip() };
}

const byteMs = 11_000 / baud;
const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** A bench whose loader has its sync byte already. */
function awake(...given: Parameters<typeof bench>) {
  const it = bench(...given);
  it.say("7f");
  return it;
}

/** Awake, with bytes written at an address of erased flash. */
function write(it: ReturnType<typeof bench>, at: number, bytes: Uint8Array): string[] {
  return [it.say("31ce"), it.say(address(at)), it.say(block(bytes))];
}

function read(it: ReturnType<typeof bench>, at: number, count: number): string[] {
  const n = count - 1;
  return [it.say("11ee"), it.say(address(at)), it.say(Uint8Array.of(n, n ^ 0xff))];
}

describe("the sync byte (section 1.1)", () => {
  test("0x7F is answered with ACK", () => {
    expect(bench().say("7f")).toBe("79");
  });

  test("a first byte that is not 0x7F makes the loader deaf until a reset", () => {
    const it = bench();
    expect(it.say("00")).toBe("");
    expect(it.say("7f")).toBe("");
    expect(it.chip().complaints).toHaveLength(1);
    it.loader.reset();
    expect(it.say("7f")).toBe("79");
  });

  test("in the command loop the first 0x7F is silent, the second is a NACK", () => {
    const it = awake();
    expect(it.say("7f")).toBe("");
    expect(it.say("7f")).toBe("1f");
    expect(it.say("01fe")).toBe("7931000079");
  });

  test("L412 answers with two ACKs", () => {
    expect(bench("STM32L412").say("7f")).toBe("7979");
  });

  test("a loader for 57600 baud stays deaf at 115200", () => {
    expect(bench("STM32F405", {}, ["max-57600"]).say("7f")).toBe("");
  });
});

describe("reactions (section 2)", () => {
  test("complement wrong: NACK, back to waiting for a command", () => {
    const it = awake();
    expect(it.say("0000")).toBe("1f");
    expect(it.say("02fd")).toBe("7901041379");
  });

  test("opcode unknown: NACK, back to waiting for a command", () => {
    const it = awake();
    expect(it.say("a15e")).toBe("1f");
    expect(it.say("02fd")).toBe("7901041379");
  });

  test("the erase of the other kind of chip is unknown", () => {
    expect(awake("STM32F405").say("43bc")).toBe("1f");
    expect(awake("STM32F103").say("44bb")).toBe("1f");
  });

  test("opcode blocked by protection: NACK at the opcode", () => {
    const it = awake("STM32F103", { protected: true });
    for (const code of ["11ee", "21de", "31ce", "43bc", "639c", "738c", "827d"])
      expect(it.say(code)).toBe("1f");
  });

  test("address checksum wrong: NACK", () => {
    const it = awake();
    it.say("11ee");
    expect(it.say("0800000009")).toBe("1f");
    expect(it.say("01fe")).toBe("7931000079");
  });

  test("address in no memory: NACK", () => {
    const it = awake();
    it.say("11ee");
    expect(it.say(address(0x6000_0000))).toBe("1f");
    it.say("31ce");
    expect(it.say(address(0x1fff_0000))).toBe("1f");
    it.say("21de");
    expect(it.say(address(0x1fff_0000))).toBe("1f");
  });

  test("RAM of the loader itself is in no memory", () => {
    const it = awake("STM32F103");
    it.say("31ce");
    expect(it.say(address(0x2000_0000))).toBe("1f");
  });

  test("length checksum of a read wrong: NACK", () => {
    const it = awake();
    it.say("11ee");
    it.say(address(0x0800_0000));
    expect(it.say("0303")).toBe("1f");
  });

  test("data checksum of a write wrong: NACK, nothing written", () => {
    const it = awake();
    it.say("31ce");
    it.say(address(0x0800_0000));
    expect(it.say("03 01020304 06")).toBe("1f");
    expect(it.chip().flash[0]).toBe(0xff);
    expect(it.chip().complaints).toHaveLength(1);
  });

  test("erase list checksum wrong: NACK, nothing erased", () => {
    for (const [chip, code, list] of [
      ["STM32F405", "44bb", "0000 0000 01"],
      ["STM32F103", "43bc", "00 00 01"],
    ] as const) {
      const it = awake(chip);
      write(it, 0x0800_0000, Uint8Array.of(1, 2, 3, 4));
      it.say(code);
      expect(it.say(list)).toBe("1f");
      expect(it.chip().flash[0]).toBe(1);
    }
  });

  test.each(["fff0", "fff8", "fffc"])("reserved special erase 0x%s: NACK", (special) => {
    const it = awake();
    it.say("44bb");
    expect(it.say(special, Uint8Array.of(0xff ^ Number.parseInt(special.slice(2), 16)))).toBe("1f");
  });

  test("page number out of range: ACK, the pages that are there are erased", () => {
    const it = awake();
    write(it, 0x0800_0000, Uint8Array.of(1, 2, 3, 4));
    it.say("44bb");
    expect(it.say(extendedPageList([0, 999]))).toBe("79");
    expect(it.chip().flash[0]).toBe(0xff);
    expect(it.chip().complaints).toHaveLength(1);
  });

  test("data that is no whole number of words: NACK, nothing written", () => {
    const it = awake();
    it.say("31ce");
    it.say(address(0x0800_0000));
    expect(it.say(block(Uint8Array.of(1, 2, 3)))).toBe("1f");
    expect(it.chip().flash[0]).toBe(0xff);
  });

  test("a write over flash that is not erased: NACK, where a real chip would spoil it", () => {
    const it = awake();
    write(it, 0x0800_0000, Uint8Array.of(0, 0, 0, 0));
    expect(write(it, 0x0800_0000, Uint8Array.of(1, 2, 3, 4))[2]).toBe("1f");
    expect(it.chip().complaints).toHaveLength(1);
  });

  test("a byte that comes while the loader is busy is lost", () => {
    const it = awake();
    it.say("44bb");
    // The erase takes 400 ms; the host does not wait for it.
    it.loader.receive(extendedPageList([0]), it.clock());
    expect(it.loader.receive(hex("01fe"), it.clock() + 5)).toEqual([]);
    expect(it.chip().complaints).toHaveLength(2);
    expect(it.loader.receive(hex("01fe"), it.clock() + 1000)).toHaveLength(1);
  });
});

describe("commands (section 3)", () => {
  test("Get lists version and codes between its count and an ACK", () => {
    expect(awake("STM32F405").say("00ff")).toBe("790b31000102112131446373829279");
    expect(awake("STM32F103").say("00ff")).toBe("790b22000102112131436373829279");
  });

  test("Get Version has two bytes of nothing", () => {
    expect(awake("STM32F103").say("01fe")).toBe("7922000079");
  });

  test("Get ID", () => {
    expect(awake("STM32F405").say("02fd")).toBe("7901041379");
    expect(awake("STM32F103").say("02fd")).toBe("7901041079");
  });

  test("Get ID of a wrong chip is another one", () => {
    expect(awake("STM32F405", { wrongChip: true }).say("02fd")).toBe("7901041079");
  });

  test("what was written is read back, without a checksum at its end", () => {
    const it = awake();
    expect(write(it, 0x0800_0004, Uint8Array.of(0xde, 0xad, 0xbe, 0xef))).toEqual(["79", "79", "79"]);
    expect(read(it, 0x0800_0002, 7)).toEqual(["79", "79", "79ffffdeadbeefff"]);
    expect(it.chip().complaints).toEqual([]);
  });

  test("256 bytes at once", () => {
    const it = awake();
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    write(it, 0x0800_0000, bytes);
    expect(read(it, 0x0800_0000, 256)[2]).toBe(`79${toHex(bytes)}`);
  });

  test("RAM of the host takes bytes, and forgets them at a reset", () => {
    const it = awake();
    const at = it.chip().spec.family.usableRam[0]?.start ?? 0;
    write(it, at, Uint8Array.of(1, 2, 3, 4));
    expect(read(it, at, 4)[2]).toBe("7901020304");
    it.loader.reset();
    it.say("7f");
    expect(read(it, at, 4)[2]).toBe("7900000000");
  });

  test("Erase with one-byte pages", () => {
    const it = awake("STM32F103");
    write(it, 0x0800_0400, Uint8Array.of(1, 2, 3, 4));
    expect([it.say("43bc"), it.say(pageList([1]))]).toEqual(["79", "79"]);
    expect(it.chip().flash[0x400]).toBe(0xff);
  });

  test("Erase of everything is FF 00; FF and anything else erases nothing and is ACKed", () => {
    const it = awake("STM32F103");
    write(it, 0x0800_0000, Uint8Array.of(1, 2, 3, 4));
    it.say("43bc");
    expect(it.say("ff01")).toBe("79");
    expect(it.chip().flash[0]).toBe(1);
    it.say("43bc");
    expect(it.say("ff00")).toBe("79");
    expect(it.chip().flash[0]).toBe(0xff);
  });

  test("Extended Erase of everything takes the time of a mass erase, and is answered after it", () => {
    const it = awake();
    write(it, 0x0800_0000, Uint8Array.of(1, 2, 3, 4));
    it.say("44bb");
    expect(it.say("ffff00")).toBe("79");
    expect(it.tookMs()).toBeGreaterThan(it.chip().spec.family.times.massTypMs);
    expect(it.chip().flash[0]).toBe(0xff);
  });

  test("L0 and L1 refuse the mass erase", () => {
    const it = awake("STM32L152");
    it.say("44bb");
    expect(it.say("ffff00")).toBe("1f");
  });

  test("Go launches what has a vector table; the loader is gone then", () => {
    const it = awake();
    write(it, 0x0800_0000, hex("00000220 01010008"));
    it.say("21de");
    expect(it.say(address(0x0800_0000))).toBe("79");
    expect(it.loader.launched()).toBe(true);
    expect(it.say("7f")).toBe("");
  });

  test("Go into blank flash is ACKed, and nothing runs", () => {
    const it = awake();
    it.say("21de");
    expect(it.say(address(0x0800_0000))).toBe("79");
    expect(it.loader.launched()).toBe(false);
    expect(it.say("7f")).toBe("");
  });

  test("the program width goes through 0xFFFF0000, and writes are quicker then", () => {
    const it = awake();
    write(it, 0x0800_0000, new Uint8Array(256));
    const bytewise = it.tookMs();
    expect(write(it, 0xffff_0000, hex("03ffffff"))).toEqual(["79", "79", "79"]);
    write(it, 0x0800_0100, new Uint8Array(256));
    expect(it.tookMs()).toBeLessThan(bytewise);
    expect(write(it, 0xffff_0000, hex("07ffffff"))[2]).toBe("1f");
    expect(write(it, 0xffff_0000, hex("03000000"))[2]).toBe("1f");
  });

  test("option bytes come as one whole block, are ACKed, and reset the chip", () => {
    const it = awake();
    const layout = it.chip().spec.optionLayout;
    const block = layout?.blocks[0] ?? { address: 0, size: 0 };
    const before = it.chip().read(block.address, block.size) ?? new Uint8Array();
    expect(write(it, block.address, before.slice(0, 4))[2]).toBe("1f");
    expect(write(it, block.address, before)).toEqual(["79", "79", "79"]);
    // After the reset the loader wants its sync byte again.
    expect(it.say("7f")).toBe("79");
  });
});

describe("protection (section 4)", () => {
  test("Get, Get Version and Get ID answer; Get still lists everything", () => {
    const it = awake("STM32F103", { protected: true });
    expect(it.say("00ff")).toBe("790b22000102112131436373829279");
    expect(it.say("01fe")).toBe("7922000079");
    expect(it.say("02fd")).toBe("7901041079");
  });

  test("Read and Write are answered with two NACKs where the ROM has that fault", () => {
    const it = awake("STM32F405", { protected: true }, ["double-nack-rdp"]);
    expect(it.say("11ee")).toBe("1f1f");
    expect(it.say("31ce")).toBe("1f1f");
    expect(it.say("44bb")).toBe("1f");
    expect(awake("STM32F405", { protected: true }, []).say("11ee")).toBe("1f");
  });

  test("Readout Protect: two ACKs, a reset, and the chip is locked", () => {
    const it = awake();
    expect(it.say("827d")).toBe("7979");
    expect(it.say("7f")).toBe("79");
    expect(it.chip().protection()).toBe(1);
    expect(it.say("11ee")).toMatch(/^1f/);
  });

  test("Readout Unprotect: an ACK, the time of a mass erase, an ACK, a reset, and all is blank", () => {
    const it = awake();
    write(it, 0x0800_0000, Uint8Array.of(1, 2, 3, 4));
    it.say("827d");
    it.say("7f");
    expect(it.say("926d")).toBe("79 79");
    expect(it.tookMs()).toBeGreaterThan(it.chip().spec.family.times.massTypMs);
    expect(it.say("7f")).toBe("79");
    expect(it.chip().protection()).toBe(0);
    expect(read(it, 0x0800_0000, 4)[2]).toBe("79ffffffff");
  });
});

describe("faults of real loaders (section 8)", () => {
  test("a bad address is dropped without a NACK; the next two bytes are a command", () => {
    const it = awake("STM32F405", {}, ["silent-abort"]);
    it.say("11ee");
    expect(it.say(address(0x6000_0000))).toBe("");
    expect(it.say("02fd")).toBe("7901041379");
  });

  test("a list of pages erases only the first one, and the host is blamed", () => {
    const it = awake("STM32F405", {}, ["one-page-per-erase"]);
    write(it, 0x0800_4000, Uint8Array.of(1, 2, 3, 4));
    it.say("44bb");
    expect(it.say(extendedPageList([0, 1]))).toBe("79");
    expect(it.chip().flash[0x4000]).toBe(1);
    expect(it.chip().complaints).toHaveLength(1);
  });

  test("the UID cannot be read in a short piece, but in a block of 256", () => {
    const it = awake();
    const { address: at } = it.chip().spec.family.uid;
    expect(read(it, at, 12)[2]).toBe("1f");
    const start = at - (at % 256);
    expect(read(it, start, 256)[2]?.slice(2 + 2 * (at - start), 2 + 2 * (at - start) + 24)).toBe(toHex(uid));
  });
});

describe("time on the wire", () => {
  test("a byte takes 11 bit times, in both directions", () => {
    const it = awake();
    const before = it.clock();
    read(it, 0x0800_0000, 256);
    // 9 bytes out, 259 back: 268 characters (section 10).
    expect(it.clock() - before).toBeCloseTo(268 * byteMs, 6);
  });
});
