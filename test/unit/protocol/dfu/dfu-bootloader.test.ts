import { describe, expect, test } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import { benchClock } from "../../../../src/lib/bench-clock.ts";
import type { DeviceFamily } from "../../../../src/model/family.ts";
import { Fault } from "../../../../src/model/fault.ts";
import type { Mishap } from "../../../../src/model/mishap.ts";
import { blocksToRead, blocksToWrite } from "../../../../src/plan/writes.ts";
import { dfuBootloader } from "../../../../src/protocol/dfu/dfu-bootloader.ts";
import type { ControlAnswer, ControlLink } from "../../../../src/protocol/links.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { dfuChip } from "../../../../src/sim/dfu/dfu-chip.ts";
import { dfuRom, newRom, type DfuRom } from "../../../../src/sim/dfu/dfu-rom.ts";
import { simUsbLink } from "../../../../src/sim/dfu/usb-link.ts";

const never = new AbortController().signal;
const uid = Uint8Array.from({ length: 12 }, (_, i) => 0x30 + i);
const flashStart = 0x0800_0000;
const noise = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 37 + (i >> 8)) & 0xff);

async function bench(
  name: string,
  rom: Partial<DfuRom> = {},
  { mishap, known }: { mishap?: Mishap; known?: Partial<DeviceFamily> } = {},
) {
  const clock = benchClock();
  const spec = chipSpec(name, uid);
  const board = simBoard(spec, mishap);
  const chip = dfuChip(board, { ...dfuRom(spec.family), ...rom }, clock);
  const sent: string[] = [];
  const link = listen(simUsbLink(chip, clock), sent);
  const loader = await dfuBootloader(link, never);
  loader.adopt({ ...spec.family, ...known });
  const [first] = board.chip().map().sectors;
  if (first === undefined) throw new Error("no sectors");
  return { board, chip, clock, loader, link, sent, spec, first };
}

/** What a host sends, in the short names of the fact sheet: D block, U block, S, C, A, I alternate. */
function listen(link: ControlLink, sent: string[]): ControlLink {
  const names: Readonly<Record<string, string>> = { 1: "D", 2: "U", 3: "S", 4: "C", 6: "A", 11: "I" };
  const note = (request: number, value: number): void => {
    const name = names[request] ?? "?";
    sent.push(/[DUI]/.test(name) ? `${name}${value}` : name);
  };
  return {
    ...link,
    controlIn(setup, length, signal) {
      note(setup.request, setup.value);
      return link.controlIn(setup, length, signal);
    },
    controlOut(setup, data, signal) {
      note(setup.request, setup.value);
      return link.controlOut(setup, data, signal);
    },
    [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
  };
}

describe("a DFU loader that is opened", () => {
  test("in dfuERROR, as older ROMs start, is asked first and cleared then", async () => {
    const { sent, board } = await bench("STM32F405");
    expect(sent).toEqual(["S", "C", "S"]);
    expect(board.chip().complaints).toEqual([]);
  });

  test("in dfuIDLE is not cleared: newer ROMs would fall into an error", async () => {
    const { sent } = await bench("STM32G474");
    expect(sent).toEqual(["S"]);
  });

  test("where a session ended in the middle is brought to dfuIDLE", async () => {
    const { link, loader, board, first } = await bench("STM32F405");
    await loader.erase([first], never);
    await loader.read(flashStart, 64, never);
    await dfuBootloader(link, never);
    await loader.write(flashStart, noise(64), never);
    await dfuBootloader(link, never);
    expect(board.chip().complaints).toEqual([]);
  });

  test("while the flash still works for a session that is gone is waited for", async () => {
    const { link, clock, board } = await bench("STM32F405");
    await link.controlOut({ type: "class", request: 1, value: 0 }, Uint8Array.of(0x41), never);
    await link.controlIn({ type: "class", request: 3, value: 0 }, 6, never);
    const begin = clock.now();
    await dfuBootloader(link, never);
    expect(clock.now() - begin).toBeGreaterThan(5000);
    expect(board.chip().complaints.filter((why) => !why.includes("poll time"))).toEqual([]);
  });

  test("with a state that is none is cleared twice", async () => {
    const { link, loader, sent, board } = await bench("STM32G474");
    expect(await loader.tryRead(0x6000_0000, 4, never)).toBeNull();
    await loader.tryRead(flashStart, 4, never);
    await link.controlIn({ type: "class", request: 2, value: 1 }, 4, never);
    sent.length = 0;
    await dfuBootloader(link, never);
    expect(sent).toEqual(["S", "C", "S", "C", "S"]);
    expect(board.chip().complaints).toEqual(["UPLOAD of the reserved block 1"]);
  });

  test("that runs its application is not a loader", async () => {
    const { link } = await bench("STM32F405");
    const application: ControlLink = {
      ...link,
      controlIn: () =>
        Promise.resolve<ControlAnswer>({ stall: false, data: Uint8Array.of(0, 0, 0, 0, 0, 0) }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await expect(dfuBootloader(application, never)).rejects.toMatchObject({ code: "LINK_SILENT" });
  });

  test("and stalls every question ends as a stall, after a few of them", async () => {
    const { link } = await bench("STM32F405");
    let asked = 0;
    const deaf: ControlLink = {
      ...link,
      controlIn() {
        asked += 1;
        return Promise.resolve<ControlAnswer>({ stall: true });
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await expect(dfuBootloader(deaf, never)).rejects.toMatchObject({ code: "DFU_STALLED" });
    expect(asked).toBeLessThan(10);
  });
});

describe("the transfers of an image", () => {
  test("set the pointer once for a run, and ask twice for a block", async () => {
    const { loader, sent, first } = await bench("STM32F405");
    await loader.erase([first], never);
    sent.length = 0;
    for (let at = 0; at < 3 * 2048; at += 2048) await loader.write(flashStart + at, noise(2048), never);
    expect(sent).toEqual("D0 S S D2 S S D3 S S D4 S S".split(" "));
  });

  test("set it again behind a gap, a short block and an erase", async () => {
    const { loader, sent, first, board } = await bench("STM32F405");
    await loader.erase([first], never);
    await loader.write(flashStart, noise(2048), never);
    await loader.write(flashStart + 4096, noise(256), never);
    await loader.write(flashStart + 4352, noise(256), never);
    expect(sent.filter((name) => name.startsWith("D"))).toEqual(["D0", "D0", "D2", "D0", "D2", "D0", "D2"]);
    expect(board.chip().complaints).toEqual([]);
  });

  test("go back to dfuIDLE before an upload, and ask nothing between uploads", async () => {
    const { loader, sent } = await bench("STM32F405");
    sent.length = 0;
    for (let at = 0; at < 3 * 2048; at += 2048) await loader.read(flashStart + at, 2048, never);
    expect(sent).toEqual("I0 D0 S S A S U2 U3 U4".split(" "));
  });

  test.each(["STM32F405", "STM32G474"])(
    "are at most 0.6 of those that set the pointer for each block, on %s",
    async (name) => {
      const { loader, sent, spec, board } = await bench(name);
      const bytes = noise(65_536);
      const content = [{ address: flashStart, bytes }];
      await loader.erase(
        board
          .chip()
          .map()
          .sectors.filter(({ address }) => address < flashStart + bytes.length),
        never,
      );
      sent.length = 0;
      const blocks = blocksToWrite(
        content,
        loader.blockBytes,
        spec.family.writeAlignBytes,
        spec.family.erasedByte,
      );
      for (const block of blocks) await loader.write(block.address, block.bytes, never);
      const writing = sent.length;
      const setForEachBlock = 6 * (bytes.length / loader.blockBytes);
      expect(writing / setForEachBlock).toBeLessThan(0.6);
      for (const block of blocksToRead(content, loader.blockBytes))
        expect(await loader.read(block.address, block.bytes.length, never)).toEqual(block.bytes);
      expect(sent.length - writing).toBe(bytes.length / loader.blockBytes + 5);
      expect(board.chip().complaints).toEqual([]);
    },
  );

  test("select the alternate that holds the address", async () => {
    const { loader, sent, spec } = await bench("STM32F405");
    sent.length = 0;
    await loader.tryRead(spec.optionLayout?.blocks[0]?.address ?? 0, 16, never);
    await loader.tryRead(spec.family.otp?.start ?? 0, 16, never);
    await loader.read(flashStart, 16, never);
    expect(sent.filter((name) => name.startsWith("I"))).toEqual(["I1", "I2", "I0"]);
  });

  test("go to the first of three equal alternates", async () => {
    const { loader, sent, first } = await bench("STM32G0B1");
    await loader.erase([first], never);
    await loader.write(flashStart, noise(1024), never);
    expect(sent.filter((name) => name.startsWith("I"))).toEqual(["I0"]);
  });
});

describe("a loader that is told to wait", () => {
  test("is not asked again before its poll time, and until then it may hold its answer", async () => {
    for (const busy of ["reply", "hold", "stall"] as const) {
      const { loader, board, first } = await bench("STM32F405", { busy });
      await loader.erase([first], never);
      await loader.write(flashStart, noise(2048), never);
      expect(board.chip().complaints).toEqual([]);
    }
  });

  test.each([
    ["100 ms for a mass erase of 16 s (F405)", { told: { write: "true", erase: "true", massErase: 100 } }],
    ["nothing at all", { told: { write: 0, erase: 0, massErase: 0 } }],
    [
      "too little, and STALLs while it is busy (L4)",
      { busy: "stall", told: { write: 1, erase: 10, massErase: 10 } },
    ],
  ] as const)("and tells %s is waited for", async (_what, rom) => {
    const { loader, clock, board, sent } = await bench("STM32F405", rom);
    const begin = clock.now();
    await loader.eraseAll(never);
    expect(clock.now() - begin).toBeGreaterThan(5000);
    expect(sent.length).toBeLessThan(500);
    await loader.write(flashStart, noise(2048), never);
    expect(await loader.read(flashStart, 2048, never)).toEqual(noise(2048));
    expect(board.chip().complaints).toEqual([]);
  });

  test("and never gets ready ends at the table's deadline", async () => {
    const { loader, clock, first, spec } = await bench("STM32F405", {}, { mishap: { slowErase: 1000 } });
    const begin = clock.now();
    await expect(loader.erase([first], never)).rejects.toMatchObject({
      code: "CHIP_BUSY",
      verdict: "TIMEOUT",
    });
    expect(clock.now() - begin).toBeLessThan(spec.family.deadlines.eraseUnitMs + 1000);
  });

  test("and only forgets to say that it is ready is freed by two CLRSTATUS (H743)", async () => {
    const { loader, board, first } = await bench("STM32H743", { busy: "reply", wedgeFrom: flashStart });
    await loader.erase([first], never);
    await loader.write(flashStart, noise(1024), never);
    expect(await loader.read(flashStart, 1024, never)).toEqual(noise(1024));
    expect(board.chip().complaints).toEqual([]);
  });

  test("stops waiting when the attempt is stopped", async () => {
    const { loader, clock } = await bench("STM32F405");
    const stop = new AbortController();
    clock.after(3000, () => stop.abort(new Error("stopped by hand")));
    await expect(loader.eraseAll(stop.signal)).rejects.toThrow("stopped by hand");
    expect(clock.now()).toBeLessThan(3100);
  });
});

describe("a loader that refuses", () => {
  test("one download without a reason is asked again", async () => {
    const { loader, first, board } = await bench("STM32F411", { stallDownload: 2 });
    await loader.erase([first], never);
    for (const at of [0, 2048, 4096]) await loader.write(flashStart + at, noise(2048), never);
    expect(board.chip().flash.subarray(2048, 4096)).toEqual(noise(2048));
    expect(board.chip().complaints).toEqual([]);
  });

  test("each download is a stall, after a few tries", async () => {
    const { loader, first, sent } = await bench("STM32F411", { stallDownload: -1 });
    await loader.erase([first], never);
    sent.length = 0;
    await expect(loader.write(flashStart, noise(64), never)).rejects.toMatchObject({ code: "DFU_STALLED" });
    expect(sent.filter((name) => name === "D2")).toHaveLength(3);
  });

  test("tells by its status why, and goes on with the next command", async () => {
    const { loader, first } = await bench("STM32F405");
    await expect(loader.read(0x6000_0000, 16, never)).rejects.toMatchObject({
      code: "CHIP_REFUSED",
      detail: expect.stringContaining("errTARGET") as string,
    });
    await loader.erase([first], never);
    await loader.write(flashStart, noise(64), never);
  });

  test("with errVENDOR before it gave anything is read protected, whatever the command", async () => {
    for (const locked of ["set-address", "upload-stall", "upload-empty"] as const) {
      const { loader, first } = await bench("STM32F405", { locked }, { mishap: { protected: true } });
      const refused = { code: "PROTECTED", verdict: "FAIL" };
      await expect(loader.tryRead(flashStart, 4, never)).rejects.toMatchObject(refused);
      await expect(loader.erase([first], never)).rejects.toMatchObject(refused);
      await expect(loader.write(flashStart, noise(64), never)).rejects.toMatchObject(refused);
      await expect(loader.eraseAll(never)).rejects.toMatchObject(refused);
    }
  });

  test("with errVENDOR a write of a chip that is open has failed only", async () => {
    const { loader, first } = await bench("STM32G474", {}, { mishap: { nackWrite: 1 } });
    await loader.erase([first], never);
    await expect(loader.write(flashStart, noise(64), never)).rejects.toMatchObject({ code: "CHIP_REFUSED" });
    await loader.write(flashStart, noise(64), never);
    expect(await loader.read(flashStart, 64, never)).toEqual(noise(64));
  });
});

describe("the UID over DFU", () => {
  test("is what the chip has where its ROM gives it", async () => {
    const { loader, spec } = await bench("STM32G474");
    expect(await loader.tryRead(spec.family.uid.address, 12, never)).toEqual(uid);
  });

  test.each([{ refusedUpload: "empty" }, { refusedUpload: "state-15" }] as const)(
    "is unknown where its ROM refuses, and nothing else suffers: %o",
    async (rom) => {
      const { loader, spec, first } = await bench("STM32F405", { ...rom, readsSystem: false });
      expect(await loader.tryRead(spec.family.uid.address, 12, never)).toBeNull();
      await loader.erase([first], never);
      expect(await loader.read(flashStart, 16, never)).toEqual(new Uint8Array(16).fill(0xff));
    },
  );

  test("option bytes that no alternate names are not asked for", async () => {
    const { loader, sent, spec } = await bench("STM32G0B1");
    sent.length = 0;
    expect(await loader.tryRead(spec.optionLayout?.blocks[0]?.address ?? 0, 16, never)).toBeNull();
    expect(sent).toEqual([]);
  });
});

describe("a quirk of a chip", () => {
  test("dfu-pad-8 pads a download to eight bytes with erased value", async () => {
    const { loader, first, board } = await bench(
      "STM32F405",
      {},
      { known: { quirks: new Set(["dfu-pad-8"]) } },
    );
    await loader.erase([first], never);
    await loader.write(flashStart, noise(300), never);
    expect(board.chip().flash.subarray(300, 304)).toEqual(new Uint8Array(4).fill(0xff));
    expect(board.chip().complaints).toEqual([]);
  });

  test("early-erase-ack waits for the worst case after each erase", async () => {
    const quirks = new Set(["early-erase-ack"] as const);
    const { loader, first, clock, spec } = await bench("STM32H743", {}, { known: { quirks } });
    const begin = clock.now();
    await loader.erase([first], never);
    expect(clock.now() - begin).toBeGreaterThan(spec.family.deadlines.nextUnitMs);
  });

  test("a transfer size is taken from the device, never from a table", async () => {
    const { loader } = await bench("STM32F405", { ...newRom, transferSize: 512 });
    expect(loader.blockBytes).toBe(512);
  });
});

describe("a chip that leaves", () => {
  test("before the answer to a leave has been launched", async () => {
    const { loader, first, chip, board } = await bench("STM32F405");
    await loader.erase([first], never);
    await loader.write(flashStart, Uint8Array.of(0, 0, 2, 0x20, 9, 1, 0, 8), never);
    await loader.launch(flashStart, never);
    expect(chip.launched()).toBe(true);
    expect(board.chip().complaints).toEqual([]);
  });

  test("in an ordinary command is out of its slot", async () => {
    const { loader, chip } = await bench("STM32F405");
    chip.reset();
    await expect(loader.read(flashStart, 4, never)).rejects.toMatchObject({ code: "BOARD_LEFT" });
  });
});

describe("a transfer that goes wrong", () => {
  type Trouble = "gone" | "silent" | "stall";

  /** An attempt in small, over a link on which the n-th transfer goes wrong. */
  async function attempt(n: number, trouble: Trouble) {
    const clock = benchClock();
    const spec = chipSpec("STM32F405", uid);
    const board = simBoard(spec);
    const connect = async (bad: number): Promise<{ count: () => number; run: () => Promise<void> }> => {
      const chip = dfuChip(board, dfuRom(spec.family), clock);
      const link = simUsbLink(chip, clock);
      let count = 0;
      const guard = (signal: AbortSignal, transfer: () => Promise<ControlAnswer>): Promise<ControlAnswer> => {
        count += 1;
        if (count < bad || (trouble === "stall" && count > bad)) return transfer();
        switch (trouble) {
          case "stall":
            return Promise.resolve({ stall: true });
          case "gone":
            return Promise.reject(new Fault("BOARD_LEFT", "pulled"));
          default:
            return new Promise((_, reject) => {
              const stop = (): void => reject(signal.reason as Error);
              signal.addEventListener("abort", stop, { once: true });
            });
        }
      };
      const guarded: ControlLink = {
        ...link,
        controlIn: (setup, length, signal) => guard(signal, () => link.controlIn(setup, length, signal)),
        controlOut: (setup, data, signal) => guard(signal, () => link.controlOut(setup, data, signal)),
        [Symbol.asyncDispose]: () => link[Symbol.asyncDispose](),
      };
      const run = async (): Promise<void> => {
        const loader = await dfuBootloader(guarded, never);
        loader.adopt(spec.family);
        await loader.tryRead(flashStart, 4, never);
        await loader.erase(board.chip().map().sectors.slice(0, 1), never);
        for (const at of [0, 2048]) await loader.write(flashStart + at, noise(2048), never);
        for (const at of [0, 2048])
          expect(await loader.read(flashStart + at, 2048, never)).toEqual(noise(2048));
      };
      return { count: () => count, run };
    };
    const first = await connect(n);
    const error: unknown = await first.run().then(
      () => null,
      (reason: unknown) => reason,
    );
    const took = clock.now();
    const second = await connect(Number.POSITIVE_INFINITY);
    await second.run();
    return { error, took, count: first.count() };
  }

  test.each(["gone", "silent", "stall"] as const)(
    "%s at any place ends in a fault or is mended, in good time, and the next attempt is clean",
    async (trouble) => {
      const { count, error } = await attempt(Number.POSITIVE_INFINITY, trouble);
      expect(error).toBeNull();
      for (let n = 1; n <= count; n += 1) {
        const end = await attempt(n, trouble);
        if (trouble === "stall" && end.error === null) continue;
        expect(end.error, `transfer ${n}`).toBeInstanceOf(Fault);
        expect(end.took, `transfer ${n}`).toBeLessThan(20_000);
      }
    },
  );
});
