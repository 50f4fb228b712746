import { describe, expect, test } from "vitest";
import { canHand, times } from "../can-hand.ts";

/** A loader that a first frame has woken. */
function awake(...given: Parameters<typeof canHand>) {
  const it = canHand(...given);
  it.say("181#");
  return it;
}

const block = (byte: string): string => byte.repeat(64);

describe("the start of the loader (B2)", () => {
  test("up to protocol 2.1 any frame is a command from the first on; its low byte is the code", () => {
    const it = canHand("STM32G0B1");
    expect(it.say("181#")).toBe("181#1F");
    expect(it.say("102#")).toBe("102#79 102#0467 102#79");
  });

  test("from 2.1 on an identifier above the commands is refused", () => {
    const it = canHand("STM32H7S3");
    expect(it.say("102#")).toBe("102#1F");
    expect(it.say("002#")).toBe("002#79 002#0485 002#79");
  });

  test("above 2.1 nothing but 0x111 with 0x5A wakes it, and then it hears commands only", () => {
    const it = canHand("STM32C092");
    expect(it.say("181#")).toBe("");
    expect(it.say("002#")).toBe("");
    expect(it.say("111#00")).toBe("");
    expect(it.node.counters().transmit).toBe(0);
    expect(it.say("111#5A")).toBe("111#79");
    expect(it.say("002#")).toBe("002#79 002#044D 002#79");
    expect(it.say("181#")).toBe("");
  });

  test("or it wakes without a word", () => {
    const it = canHand("STM32C092", { startAnswer: "nothing" });
    expect(it.say("111#5A")).toBe("");
    expect(it.say("001#")).toBe("001#79 001#22 001#0000 001#79");
  });

  test("at another rate nobody understands it", () => {
    const it = canHand("STM32U385");
    expect(it.rates).toEqual({ nominal: 600_000, data: 2_400_000 });
    it.node.setRates({ nominal: 600_000, data: 2_000_000 });
    expect(it.say("111#5A", 20)).toBe("");
    expect(it.node.counters().off || it.node.counters().transmit > 100).toBe(true);
  });
});

describe("who it is (B3)", () => {
  const codes = "000#00 000#01 000#02 000#11 000#21 000#31 000#44 000#50 000#51 000#63 000#73 000#82 000#92";

  test("Get", () => {
    expect(awake("STM32G0B1").say("000#")).toBe(`000#79 000#0D 000#10 ${codes} 000#79`);
  });

  test("Get of a loader that tells one less than it sends", () => {
    const answer = awake("STM32G0B1", { getCountOff: 1 }).say("000#");
    expect(answer).toBe(`000#79 000#0C 000#10 ${codes} 000#79`);
  });

  test("Get Version; Speed is no command here", () => {
    const it = awake("STM32G0B1");
    expect(it.say("001#")).toBe("001#79 001#10 001#0000 001#79");
    expect(it.say("003#04")).toBe("003#1F");
  });
});

describe("Read and Write Memory", () => {
  test("frames are always of 64 bytes; what was not asked for is filled", () => {
    const it = awake("STM32G0B1");
    it.board().flash.set([1, 2, 3]);
    expect(it.say("011#0800000002")).toBe(`011#79 011#010203${"FF".repeat(61)} 011#79`);
  });

  test("a write of 256 bytes: ACK, four frames at once without any, ACK", () => {
    const it = awake("STM32G0B1");
    expect(it.say("031#08000000FF")).toBe("031#79");
    const frames = ["01", "02", "03", "04"].map((byte) => `004#${block(byte)}`).join(" ");
    expect(it.say(frames)).toBe("031#79");
    expect([0, 64, 128, 192, 255].map((at) => it.board().flash[at])).toEqual([1, 2, 3, 4, 4]);
    expect(it.complaints()).toEqual([]);
  });

  test("the command and its data together, with an identifier that lets the ACK go first", () => {
    const it = awake("STM32G0B1");
    expect(it.say(`031#08000000FF ${times(4, `0C0#${block("0A")}`)}`)).toBe("031#79 031#79");
    expect(it.complaints()).toEqual([]);
  });

  test("or not: refused behind the ACK, or lost", () => {
    const late = { takeMs: 0.3 };
    const all = `031#20004000FF ${times(4, `0C0#${block("0A")}`)}`;
    expect(awake("STM32G0B1", { ...late, ahead: "refused" }).say(all)).toMatch(/^031#79 031#1F/);
    expect(awake("STM32G0B1", { ...late, ahead: "lost" }).say(all)).toBe("031#79");
  });

  test("with one frame of four it waits for the rest (H563 in the field)", () => {
    const it = awake("STM32G0B1");
    it.say("031#08000000FF");
    expect(it.say(`004#${block("01")}`)).toBe("");
    expect(it.say(times(3, `004#${block("01")}`))).toBe("031#79");
  });

  test("a short data frame is noted", () => {
    const it = awake("STM32G0B1");
    it.say("031#0800000007");
    it.say("004#0102030405060708");
    expect(it.complaints()).toEqual(["a data frame of 8 bytes"]);
  });

  test("a locked chip refuses, or as the H7 says nothing at all", () => {
    const locked = { protected: true };
    const quiet = awake("STM32H743", {}, locked);
    expect(quiet.say("011#0800000003")).toBe("");
    expect(quiet.say("001#")).toBe("001#79 001#11 001#0000 001#79");
    expect(awake("STM32G0B1", {}, locked).say("011#0800000003")).toBe("011#1F");
  });
});

describe("Erase", () => {
  const list = (text: string): string => `004#${text}${"FF".repeat(64 - text.length / 2)}`;

  test.each([
    [2, "044#79 044#79"],
    [1, "044#79"],
  ] as const)("%i ACKs before the list", (eraseAcks, answer) => {
    const it = awake("STM32U575", { eraseAcks });
    it.board().flash.fill(0);
    expect(it.say("044#0002")).toBe(answer);
    expect(it.say(list("00010003"))).toBe("044#79");
    const { flash } = it.board();
    const size = it.board().map().sectors[0]?.size ?? 0;
    expect([0, 1, 2, 3, 4].map((page) => flash[page * size])).toEqual([0, 0xff, 0, 0xff, 0]);
    expect(it.complaints()).toEqual([]);
  });

  test("one list frame has room for 32 pages", () => {
    const it = awake("STM32U575");
    it.say("044#0021");
    it.say(list(""));
    expect(it.complaints()).toContain("an erase of 33 pages, whose list has room for 32");
  });

  test("all of it", () => {
    const it = awake("STM32G0B1");
    it.board().flash.fill(0);
    expect(it.say("044#FFFF")).toBe("044#79 044#79");
    expect(it.board().flash.every((byte) => byte === 0xff)).toBe(true);
  });
});

describe("Go and protection", () => {
  test.each([
    [2, "021#79 021#79", "021#79 021#1F"],
    [1, "021#79", "021#1F"],
  ] as const)("%i ACKs to Go", (goAcks, taken, refused) => {
    const it = awake("STM32G0B1", { goAcks });
    expect(it.say("021#60000000")).toBe(refused);
    it.board().flash.set([0, 0x10, 0, 0x20, 1, 1, 0, 8]);
    expect(it.say("021#08000000")).toBe(taken);
    expect(it.chip.launched()).toBe(true);
  });

  test("Readout Unprotect answers on 0x111 on U5, on its own identifier elsewhere", () => {
    expect(awake("STM32U575", {}, { protected: true }).say("092#")).toBe("111#79 111#79");
    const it = awake("STM32G0B1", {}, { protected: true });
    expect(it.say("092#")).toBe("092#79 092#79");
    expect(it.say("181#")).toBe("181#1F");
    expect(it.say("011#0800000000")).toBe(`011#79 011#${block("FF")} 011#79`);
  });
});
