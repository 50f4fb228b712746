import { describe, expect, test } from "vitest";
import { canHand, times } from "../can-hand.ts";

/** A loader whose synchronisation is behind it. */
function awake(...given: Parameters<typeof canHand>) {
  const it = canHand(...given);
  it.say("079#");
  return it;
}

const eight = "0102030405060708";

describe("the start of the loader (A3)", () => {
  test("synchronisation is answered with ACK, a second one is a command that it does not know", () => {
    const it = canHand("STM32F405");
    expect(it.say("079#")).toBe("079#79");
    expect(it.say("079#")).toBe("079#1F");
  });

  test("any other first frame is not answered, and noted", () => {
    const it = canHand("STM32F405");
    expect(it.say("000#")).toBe("");
    expect(it.complaints()).toEqual(["first frame after reset has id 0, not 79"]);
  });

  test("a board in reset takes nothing off the bus", () => {
    const it = awake("STM32F405");
    it.chip.reset();
    it.node.send({ id: 0x79, data: new Uint8Array(), fd: false });
    it.pass(50);
    expect(it.node.counters().transmit).toBe(128);
    it.pass(50);
    expect(it.node.counters().transmit).toBe(127);
  });
});

describe("who it is", () => {
  test("Get: the count, the version and each command in a frame of its own", () => {
    const codes = "000#00 000#01 000#02 000#03 000#11 000#21 000#31 000#43 000#63 000#73 000#82 000#92";
    expect(awake("STM32F405").say("000#")).toBe(`000#79 000#0C 000#20 ${codes} 000#79`);
  });

  test("Get Version and Get ID", () => {
    const it = awake("STM32F405");
    expect(it.say("001#")).toBe("001#79 001#20 001#0000 001#79");
    expect(it.say("002#")).toBe("002#79 002#0413 002#79");
  });

  test("what it does not know is refused on its own identifier", () => {
    expect(awake("STM32F405").say("044#FFFF")).toBe("044#1F");
  });
});

describe("Speed (A3)", () => {
  test("ACK at the old rate, a second one at the new one, as long as it takes the host to come there", () => {
    const it = awake("STM32F405");
    expect(it.say("003#04", 2)).toBe("003#79");
    it.node.setRates(null);
    it.pass(2000);
    it.node.setRates({ nominal: 1_000_000, data: null });
    expect(it.say("002#")).toBe("003#79 002#79 002#0413 002#79");
    it.chip.reset();
    it.node.setRates({ nominal: 125_000, data: null });
    it.pass(100);
    expect(it.say("079#")).toBe("079#79");
  });

  test("the second ACK with the identifier that AN2662 prints", () => {
    const it = awake("STM32F405", { speedAnswerId: 0x02 });
    it.say("003#02", 2);
    it.node.setRates({ nominal: 250_000, data: null });
    expect(it.say("002#")).toBe("002#79 002#79 002#0413 002#79");
  });

  test("a code that stands for no rate is refused", () => {
    expect(awake("STM32F405").say("003#05")).toBe("003#1F");
  });

  test("a rate that it cannot set resets it", () => {
    const it = awake("STM32F405", { cannotSet: [1_000_000] });
    expect(it.say("003#04")).toBe("003#79");
    expect(it.say("079#")).toBe("079#79");
  });

  test.each([
    ["nack", "003#1F"],
    ["allowed", "003#79"],
  ] as const)("under read protection: %s", (speedWhenLocked, answer) => {
    expect(awake("STM32F405", { speedWhenLocked }, { protected: true }).say("003#04", 2)).toBe(answer);
  });
});

describe("Read Memory", () => {
  test("frames of eight bytes, a last short one, and ACK behind them", () => {
    const it = awake("STM32F405");
    it.board().flash.set([1, 2, 3, 4, 5, 6, 7, 8, 0x79, 0x1f]);
    expect(it.say("011#0800000009")).toBe(`011#79 011#${eight} 011#791F 011#79`);
  });

  test("or the rest byte by byte, as the open loader does it", () => {
    const it = awake("STM32F405", { readTail: "single" });
    it.board().flash.set([1, 2, 3, 4, 5, 6, 7, 8, 0x79, 0x1f]);
    expect(it.say("011#0800000009")).toBe(`011#79 011#${eight} 011#79 011#1F 011#79`);
  });

  test("an address that it does not read, and a locked chip, are refused at once", () => {
    expect(awake("STM32F405").say("011#6000000003")).toBe("011#1F");
    const it = awake("STM32F405", {}, { protected: true });
    expect(it.say("011#0800000003")).toBe("011#1F");
    expect(it.say("031#0800000003")).toBe("031#1F");
    expect(it.say("043#00")).toBe("043#1F");
    expect(it.say("021#08000000")).toBe("021#1F");
    expect(it.say("002#")).toBe("002#79 002#0413 002#79");
  });
});

describe("Write Memory", () => {
  test("eight bytes are three ACKs, on whatever identifier the data comes", () => {
    const it = awake("STM32F405");
    expect(it.say("031#0800000007")).toBe("031#79");
    expect(it.say(`004#${eight}`)).toBe("031#79 031#79");
    expect(it.say("031#0800000803")).toBe("031#79");
    expect(it.say("0AB#0A0B0C0D")).toBe("031#79 031#79");
    expect([...it.board().flash.subarray(0, 13)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 0xff]);
    expect(it.complaints()).toEqual([]);
  });

  test("256 bytes are 34 ACKs, the last two behind the last frame", () => {
    const it = awake("STM32F405");
    let acks = it.say("031#08000000FF").split(" ").length;
    for (let i = 0; i < 32; i += 1) acks += it.say(`004#${eight}`).split(" ").length;
    expect(acks).toBe(34);
  });

  test("behind the last frame the flash takes its time: byte-wise 16 us each", () => {
    const it = awake("STM32F405");
    it.say("031#08000000FF");
    for (let i = 0; i < 31; i += 1) it.say(`004#${eight}`);
    it.say(`004#${eight}`);
    expect(it.tookMs()).toBeGreaterThan(4);
    expect(it.tookMs()).toBeLessThan(7);
  });

  test("flash that is not erased, and lengths that are no words, are refused behind the data", () => {
    const it = awake("STM32F405");
    it.board().flash.fill(0);
    it.say("031#0800000007");
    expect(it.say(`004#${eight}`)).toBe("031#79 031#1F");
    it.say("031#0800010001");
    expect(it.say("004#0102")).toBe("031#79 031#1F");
    expect(it.complaints()).toHaveLength(2);
  });

  test("an address outside every memory is refused at the command", () => {
    expect(awake("STM32F405").say("031#6000000003")).toBe("031#1F");
  });

  test("more data than announced, and a command of another length, are noted", () => {
    const it = awake("STM32F405");
    it.say("031#0800000003");
    it.say(`004#${eight}`);
    expect(it.say("011#08000000")).toBe("011#1F");
    expect(it.complaints()).toEqual(["more data than was announced", "command 11 with 4 bytes"]);
  });

  test("a host that dies leaves a loader that swallows every frame as data (A4)", () => {
    const it = awake("STM32F405");
    it.say("031#080000000F");
    expect(it.say("002#")).toBe("031#79");
    expect(it.say(`000#${eight}`)).toBe("031#79");
    expect(it.say(`000#${eight}`)).toBe("031#79 031#79");
    expect(it.say("002#")).toBe("002#79 002#0413 002#79");
  });

  test("option bytes take effect through the reset behind the last ACK", () => {
    const it = awake("STM32F405");
    const options = it.say("011#1FFFC0000F").split(" ").slice(1, 3);
    it.say("031#1FFFC0000F");
    it.say(`004#${options[0]?.slice(4) ?? ""}`);
    expect(it.say(`004#${options[1]?.slice(4) ?? ""}`)).toBe("031#79 031#79");
    expect(it.say("079#")).toBe("079#79");
  });
});

describe("data frames that do not wait for their ACK (A5, UNCONFIRMED)", () => {
  // Slower than the gap between two frames, so that the next one is on the bus before an ACK can be.
  const slow = { takeMs: 0.2 };
  const block = `031#20004000FF ${times(32, `0C0#${eight}`)}`;

  test("all of a block at once: each ACK goes before the frame after next, nothing is lost", () => {
    const it = awake("STM32F405", slow);
    expect(it.say(block)).toBe(times(34, "031#79"));
    expect(it.complaints()).toEqual([]);
  });

  test("with an identifier that wins against the ACKs the FIFO runs over, and the loader gives up", () => {
    const it = awake("STM32F405", slow);
    expect(it.say(`031#08000000FF ${times(32, `004#${eight}`)}`)).toMatch(/031#1F/);
    expect(it.complaints()).toContain("a data frame came before there was room for it");
  });

  test("three are never too many for a FIFO of three, whatever their identifier", () => {
    const it = awake("STM32F405", slow);
    expect(it.say(`031#0800000017 ${times(2, `004#${eight}`)}`)).toBe(times(3, "031#79"));
    expect(it.say(`004#${eight}`)).toBe("031#79 031#79");
  });

  test("a loader that throws away what came early waits for the rest", () => {
    const it = awake("STM32F405", { ...slow, ahead: "lost" });
    const acks = it.say(block).split(" ").length;
    expect(acks).toBeLessThan(34);
  });

  test("a loader that refuses it says so", () => {
    expect(awake("STM32F405", { ...slow, ahead: "refused" }).say(block)).toMatch(/^031#79 031#1F/);
  });

  test("a loader that answers within the gap has its ACK out before the next frame, whatever it thinks of early ones", () => {
    const it = awake("STM32F405", { takeMs: 0.01, ahead: "refused" });
    expect(it.say(block)).toBe(times(34, "031#79"));
  });

  test("a spare ACK now and then, as a report of 2014 has it", () => {
    const it = awake("STM32F405", { spareAckEach: 2 });
    it.say("031#200040000F");
    expect(it.say(`004#${eight}`)).toBe("031#79");
    expect(it.say(`004#${eight}`)).toBe("031#79 031#79 031#79");
  });
});

describe("Erase", () => {
  test("pages: ACK, one for each list frame, one when it is done", () => {
    const it = awake("STM32F405");
    it.board().flash.fill(0);
    expect(it.say("043#01")).toBe("043#79");
    expect(it.say("004#0102")).toBe("043#79 043#79");
    expect(it.tookMs()).toBeGreaterThan(400);
    const { flash } = it.board();
    expect([flash[0x3fff], flash[0x4000], flash[0xbfff], flash[0xc000]]).toEqual([0, 0xff, 0xff, 0]);
  });

  test("a list of more than eight goes on in a second frame", () => {
    const it = awake("STM32L476");
    it.say("043#08");
    expect(it.say("004#0001020304050607")).toBe("043#79");
    expect(it.say("004#08")).toBe("043#79 043#79");
  });

  test("all of it, as the note has it", () => {
    const it = awake("STM32F405");
    it.board().flash.fill(0);
    expect(it.say("043#FF")).toBe("043#79 043#79");
    expect(it.board().flash.every((byte) => byte === 0xff)).toBe(true);
  });

  test("all of it, as one F4 in the field wants it: an empty second frame, three ACKs", () => {
    const it = awake("STM32F405", { erase: "empty-second" });
    it.board().flash.fill(0);
    expect(it.say("043#FF")).toBe("043#79");
    expect(it.board().flash[0]).toBe(0);
    expect(it.say("043#")).toBe("043#79 043#79");
    expect(it.board().flash[0]).toBe(0xff);
  });

  test("no answer at all, as another F4 in the field has it", () => {
    const it = awake("STM32F405", { erase: "silent" });
    expect(it.say("043#00")).toBe("");
    expect(it.say("002#")).toBe("002#79 002#0413 002#79");
  });

  test("F105 counts in pairs of pages (AN2662 p41)", () => {
    const it = awake("STM32F105");
    it.board().flash.fill(0);
    it.say("043#00");
    it.say("004#01");
    const { flash } = it.board();
    expect([flash[0xfff], flash[0x1000], flash[0x1fff], flash[0x2000]]).toEqual([0, 0xff, 0xff, 0]);
  });

  test("a page that is not there is noted", () => {
    const it = awake("STM32F405");
    it.say("043#00");
    it.say("004#40");
    expect(it.complaints()).toEqual(["erase of a page that the chip has not"]);
  });
});

describe("protection", () => {
  const locked = (it: ReturnType<typeof awake>): void => {
    const options = it.board().read(0x1fff_c000, 16) ?? new Uint8Array();
    // nWRP of the first sectors to 0: they may not be written.
    const bytes = Buffer.from(options);
    bytes[8] = (bytes[8] ?? 0) & 0xf0;
    it.board().writeOptions(0x1fff_c000, bytes);
    it.chip.reset();
    it.pass(200);
    it.say("079#");
  };
  const firstSectors = (it: ReturnType<typeof awake>): number =>
    (it.board().read(0x1fff_c008, 1)?.[0] ?? 0) & 15;

  test("Write Unprotect does nothing on this loader; it is acknowledged all the same (A4)", () => {
    const it = awake("STM32F405", { writeUnprotect: "nothing" });
    locked(it);
    expect(it.say("073#")).toBe("073#79 073#79");
    expect(firstSectors(it)).toBe(0);
  });

  test("on a better one it opens every sector and resets", () => {
    const it = awake("STM32F405", { writeUnprotect: "works" });
    locked(it);
    expect(it.say("073#")).toBe("073#79 073#79");
    expect(firstSectors(it)).toBe(15);
    expect(it.say("079#")).toBe("079#79");
  });

  test("Write Protect takes its codes in frames, each acknowledged, and resets; what is protected is not written", () => {
    const it = awake("STM32F405", { writeUnprotect: "works" });
    expect(it.say("063#00 004#00")).toBe("063#79 063#79 063#79");
    expect(it.say("079#")).toBe("079#79");
    const write = "031#0800000003 004#11223344";
    expect(it.say(write)).toBe("031#79 031#79 031#79");
    expect(it.say("011#0800000003")).toBe("011#79 011#FFFFFFFF 011#79");
    expect(it.say("073#")).toBe("073#79 073#79");
    it.say("079#");
    it.say(write);
    expect(it.say("011#0800000003")).toBe("011#79 011#11223344 011#79");
    expect(it.complaints()).toEqual([]);
  });

  test.each([["behind"], ["before"]] as const)(
    "Readout Unprotect: the second ACK comes %s the erase",
    (when) => {
      const it = awake("STM32F405", { unprotectAck: when }, { protected: true });
      expect(it.say("092#")).toBe("092#79 092#79");
      expect(it.tookMs() > 1000).toBe(when === "behind");
      expect(it.say("079#")).toBe("079#79");
      expect(it.say("011#0800000000")).toBe("011#79 011#FF 011#79");
    },
  );
});

describe("Go", () => {
  test("one ACK, and the application has the chip", () => {
    const it = awake("STM32F405");
    it.board().flash.set([0, 0x10, 0, 0x20, 1, 1, 0, 8]);
    expect(it.say("021#08000000")).toBe("021#79");
    expect(it.chip.launched()).toBe(true);
    expect(it.say("002#", 100)).toBe("");
  });

  test("where nothing can start the chip hangs; its controller still takes frames", () => {
    const it = awake("STM32F405");
    expect(it.say("021#08000000")).toBe("021#79");
    expect(it.chip.launched()).toBe(false);
    expect(it.say("002#", 100)).toBe("");
    expect(it.node.counters().transmit).toBe(0);
  });
});
