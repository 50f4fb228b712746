import { describe, expect, test, vi } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import { realClock } from "../../../../src/lib/clock.ts";
import { canBootloader } from "../../../../src/protocol/can/can-bootloader.ts";
import type { BusEvent, FrameLink } from "../../../../src/protocol/links.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { fdSlcan, lawicel, type SlcanDialect } from "../../../../src/sim/can/slcan-adapter.ts";
import { openPty, type Pty } from "../../../../src/sim/os/pty.ts";
import { slcanBoard } from "../../../../src/sim/os/slcan-board.ts";
import { aboutAdapter, canAdapterComplaint } from "../../../../src/transport/can/open-can.ts";
import { openSlcan } from "../../../../src/transport/can/slcan.ts";
import { ptyHere } from "../../sim/os/pty-here.ts";

/** A CANable with the first slcan firmware, which never answers but to V. */
const canable: SlcanDialect = {
  ...lawicel,
  version: "CANable-fw 1",
  acknowledges: false,
  frameAnswer: "nothing",
  flags: false,
};

const never = new AbortController().signal;
const options = { baud: 115_200, clock: realClock };
const uid = new Uint8Array(12).fill(7);
const frame = (id: number, ...data: number[]) => ({ id, data: Uint8Array.from(data), fd: false });

/** A pty whose far end answers each line as told; all that was said to it. */
async function adapter(answer: (line: string, say: (text: string) => void) => void) {
  const said: string[] = [];
  let text = "";
  const say = (words: string): void => pty.send(Buffer.from(words, "latin1"));
  const pty: Pty = await openPty({
    opened: () => undefined,
    bytes(bytes) {
      text += Buffer.from(bytes).toString("latin1");
      const lines = text.split("\r");
      text = lines.pop() ?? "";
      for (const line of lines) {
        said.push(line);
        answer(line, say);
      }
    },
    closed: () => undefined,
  });
  return { pty, said, say, [Symbol.dispose]: () => pty[Symbol.dispose]() };
}

/** As most adapters answer what is not a frame. */
function plain(line: string, say: (text: string) => void): void {
  if (line.startsWith("V")) say("V1013\r");
  else if (line.startsWith("F")) say("F00\r");
  else if (line !== "" && !line.startsWith("t")) say("\r");
}

async function eventsOf(link: FrameLink, count: number): Promise<BusEvent[]> {
  const events: BusEvent[] = [];
  while (events.length < count) events.push(await link.receive(AbortSignal.timeout(5000)));
  return events;
}

describe.skipIf(!ptyHere)("a board behind an slcan adapter", () => {
  test.each([
    ["as LAWICEL's", "STM32F405", lawicel, null],
    ["that answers nothing but V", "STM32F405", canable, null],
    ["with a queue of three frames", "STM32F405", { ...lawicel, queue: 3 }, null],
    ["with FD frames", "STM32G0B1", fdSlcan, 1_000_000],
  ] as const)("%s is written and read", async (_, chip, dialect, fd) => {
    const board = simBoard(chipSpec(chip, uid));
    using port = await slcanBoard(board, { pace: "fast", dialect });
    const startBitrate = fd === null ? 125_000 : 250_000;
    await using loader = await canBootloader(
      await openSlcan(port.path, options, never),
      { startBitrate, bitrate: 1_000_000, fd },
      never,
    );
    await loader.identify(never);
    const { family } = board.chip().spec;
    loader.adopt(family);
    const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i * 7 + (i >> 8));
    await loader.erase(board.chip().map().sectors.slice(0, 1), never);
    for (let at = 0; at < bytes.length; at += 256)
      await loader.write(family.flashStart + at, bytes.subarray(at, at + 256), never);
    expect(board.chip().flash.subarray(0, 1024)).toEqual(bytes);
    expect(await loader.read(family.flashStart + 256, 256, never)).toEqual(bytes.subarray(256, 512));
    expect(loader.repeats).toBe(0);
    expect(port.complaints).toEqual([]);
    expect(board.chip().complaints).toEqual([]);
  });
});

describe.skipIf(!ptyHere)("an slcan adapter", () => {
  test("is closed, given its rate and opened, in this order, and closed at the end", async () => {
    using far = await adapter(plain);
    {
      await using link = await openSlcan(far.pty.path, options, never);
      await link.setBitrate(500_000, null, never);
    }
    expect(far.said.filter((line) => line !== "").slice(-6)).toEqual(["C", "C", "S6", "O", "F", "C"]);
  });

  test("a port on which nothing answers is told as no adapter", async () => {
    using far = await adapter(() => undefined);
    await expect(openSlcan(far.pty.path, options, never)).rejects.toMatchObject({
      code: "ADAPTER_LOST",
      detail: expect.stringContaining("nothing on") as string,
    });
  });

  test("one that was left open and talks on is brought to silence first", async () => {
    using far = await adapter((line, say) => {
      if (line === "V") say("t1231AA\rV1013\r");
      else plain(line, say);
    });
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    expect(link.drain()).toBe(0);
  });

  test("frames come whole out of pieces, and what is none of ours is no event", async () => {
    using far = await adapter(plain);
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    for (const piece of ["t07", "91", "79", "\rT0000007911F\rt0", "0421A", "2B\r"]) {
      far.say(piece);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(await eventsOf(link, 2)).toEqual([
      { type: "frame", frame: frame(0x79, 0x79) },
      { type: "frame", frame: frame(0x004, 0x1a, 0x2b) },
    ]);
  });

  test("a line with a piece missing is told as a loss, and the next one is whole", async () => {
    using far = await adapter(plain);
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    far.say("t07917\rt079179\r");
    expect(await eventsOf(link, 2)).toEqual([
      { type: "error", error: "overrun" },
      { type: "frame", frame: frame(0x79, 0x79) },
    ]);
  });

  test("BEL to a frame says that its queue is full: the frame comes again, in order", async () => {
    let full = 2;
    using far = await adapter((line, say) => {
      if (!line.startsWith("t")) plain(line, say);
      else if (line.startsWith("t002") && full > 0) {
        full -= 1;
        say("\x07");
      } else say(full === 0 || line.startsWith("t001") ? "z\r" : "\x07");
    });
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    await Promise.all([1, 2, 3, 4].map((id) => link.send(frame(id), never)));
    const frames = far.said.filter((line) => line.startsWith("t"));
    expect(frames.filter((line, i) => frames.indexOf(line, i + 1) < 0)).toEqual([
      "t0010",
      "t0020",
      "t0030",
      "t0040",
    ]);
    expect(frames.filter((line) => line === "t0010")).toHaveLength(1);
  });

  test("a frame refused before one that was taken is left out and told: never out of its order", async () => {
    using far = await adapter((line, say) => {
      if (!line.startsWith("t")) plain(line, say);
      else say(line.startsWith("t001") ? "\x07" : "z\r");
    });
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    await Promise.all([1, 2].map((id) => link.send(frame(id), never)));
    expect(far.said.filter((line) => line.startsWith("t"))).toEqual(["t0010", "t0020"]);
    expect(await eventsOf(link, 1)).toEqual([{ type: "error", error: "overrun" }]);
  });

  test("silence behind a frame: its flags are asked, and error passive says that no node took it", async () => {
    let asked = 0;
    using far = await adapter((line, say) => {
      if (line === "F") {
        asked += 1;
        say(asked > 1 ? "FA4\r" : "F00\r");
      } else if (line.startsWith("t")) say("z\r");
      else plain(line, say);
    });
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    await link.send(frame(0x79), never);
    expect(await eventsOf(link, 1)).toEqual([{ type: "error", error: "ack" }]);
  });

  test.each([
    ["from before a silence are none of it", ["F80", "F00"], 0],
    ["that go on in a silence are told", ["F80", "F80"], 1],
  ])("errors %s", async (_, answers, told) => {
    let asked = -1;
    using far = await adapter((line, say) => {
      if (line === "F") {
        asked += 1;
        say(`${asked === 0 ? "F00" : (answers[asked - 1] ?? "F00")}\r`);
      } else if (line.startsWith("t")) say("z\r");
      else plain(line, say);
    });
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    await link.send(frame(0x79), never);
    await vi.waitFor(() => expect(asked).toBeGreaterThanOrEqual(3), 10_000);
    far.say("t0791 79\rt079179\r".replace(" ", ""));
    const events = await eventsOf(link, 1 + told);
    expect(events.filter(({ type }) => type === "error")).toHaveLength(told);
  });

  test("bus-off and errors that it tells unasked are passed on", async () => {
    using far = await adapter(plain);
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    far.say("e1a\rsp000128\rsb000255\r");
    expect(await eventsOf(link, 2)).toEqual([{ type: "error", error: "ack" }, { type: "bus-off" }]);
  });

  test.each([
    [800_000, null, "no command for 800000 bit/s"],
    [600_000, 2_400_000, "no command for 600000 bit/s"],
    [250_000, 2_400_000, "no command for a data rate of 2400000 bit/s"],
  ])("%i with data at %s is refused without asking it", async (nominal, data, words) => {
    using far = await adapter(plain);
    await using link = await openSlcan(far.pty.path, options, never);
    await expect(link.setBitrate(nominal, data, never)).rejects.toMatchObject({
      code: "ADAPTER_RATE",
      detail: expect.stringContaining(words) as string,
    });
  });

  test("a data rate that it refuses, or acknowledges to nobody's knowledge, is none it can make", async () => {
    using far = await adapter((line, say) => (line === "Y1" ? say("\x07") : plain(line, say)));
    await using link = await openSlcan(far.pty.path, options, never);
    await expect(link.setBitrate(250_000, 1_000_000, never)).rejects.toThrow("refuses a data rate");
    using mute = await adapter((line, say) => (line === "V" ? say("CANable2\r") : undefined));
    await using other = await openSlcan(mute.pty.path, options, never);
    await expect(other.setBitrate(250_000, 1_000_000, never)).rejects.toThrow("acknowledges nothing");
  });

  test("a rate that it refuses is told before the run, with no channel opened for it", async () => {
    using far = await adapter((line, say) => (line === "S8" ? say("\x07") : plain(line, say)));
    const port = { kind: "can", adapter: "slcan", device: far.pty.path } as const;
    const rates = [125_000, 500_000, 1_000_000].map((nominal) => ({ nominal, data: null }));
    expect(await canAdapterComplaint(port, rates, options)).toContain("refuses 1000000 bit/s");
    expect(await canAdapterComplaint(port, rates.slice(0, 2), options)).toBeNull();
    expect(far.said.filter((line) => line.startsWith("O"))).toEqual([]);
  });

  test("and one that refuses a rate in the middle of an attempt is its own fault", async () => {
    using far = await adapter((line, say) => (line === "S8" ? say("\x07") : plain(line, say)));
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    await expect(link.setBitrate(1_000_000, null, never)).rejects.toMatchObject({ code: "ADAPTER_RATE" });
  });

  test("says what it is when it is asked", async () => {
    using far = await adapter((line, say) => (line === "N" ? say("NA123\r") : plain(line, say)));
    const port = { kind: "can", adapter: "slcan", device: far.pty.path } as const;
    expect(await aboutAdapter(port, options, never)).toBe(
      "slcan, version V1013, serial number A123, takes 125000, 250000, 500000, 1000000, 250000/1000000 bit/s",
    );
    using mute = await adapter((line, say) => (line === "V" ? say("CANable-fw\r") : undefined));
    expect(await aboutAdapter({ ...port, device: mute.pty.path }, options, never)).toBe(
      "slcan, version CANable-fw, takes 125000, 250000, 500000, 1000000 bit/s",
    );
  });

  test("pulled out, it is lost to whoever sends and receives", async () => {
    const far = await adapter(plain);
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    const waits = link.receive(never);
    far[Symbol.dispose]();
    await expect(waits).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    await expect(link.send(frame(1), never)).rejects.toMatchObject({ code: "ADAPTER_LOST" });
  });

  test("a new rate drops the frames that wait, each with an error", async () => {
    using far = await adapter(plain);
    await using link = await openSlcan(far.pty.path, options, never);
    await link.setBitrate(125_000, null, never);
    const ends = [1, 2, 3, 4, 5].map((id) =>
      link.send(frame(id), never).catch((error: Error) => error.message),
    );
    await vi.waitFor(() => expect(far.said.filter((line) => line.startsWith("t"))).toHaveLength(3));
    await link.setBitrate(500_000, null, never);
    expect(await Promise.all(ends)).toEqual(Array(5).fill("the channel was restarted"));
  });
});
