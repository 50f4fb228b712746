import { describe, expect, test } from "vitest";
import { OptionWrite } from "../../../../src/model/option-write.ts";
import { canHost, flashStart, never, program, some, type HostOptions } from "./can-host.ts";

const block = (seed = 0): Uint8Array => some(256, seed);

describe("coming up", () => {
  test("starts at the loader's own rate, with the synchronisation", async () => {
    const host = canHost("STM32F405");
    await host.connect();
    expect(host.traffic[0]).toMatchObject({ text: "079#", rate: 125_000 });
  });

  test("a loader that is up already says NACK, which is as good", async () => {
    const host = canHost("STM32F405");
    const first = await host.connect({ bitrate: 125_000 });
    await first[Symbol.asyncDispose]();
    const loader = await host.connect({ bitrate: 125_000 });
    expect(await loader.identify(never)).toMatchObject({ productId: 0x413, protocolVersion: 0x20 });
    expect(host.traffic.some(({ text }) => text === "079#1f")).toBe(true);
  });

  test.each([1_000_000, 500_000])(
    "one that an earlier session has left at %i bit/s is found there, and stays",
    async (bitrate) => {
      const host = canHost("STM32F405");
      const first = await host.connect({ bitrate });
      await first[Symbol.asyncDispose]();
      const loader = await host.connect({ bitrate });
      await loader.read(flashStart, 16, never);
      expect(host.rate()).toBe(bitrate);
    },
  );

  test("one that was left at more than this slot may is brought down", async () => {
    const host = canHost("STM32F405");
    const first = await host.connect({ bitrate: 1_000_000 });
    await first[Symbol.asyncDispose]();
    const loader = await host.connect({ bitrate: 250_000 });
    await loader.read(flashStart, 16, never);
    expect(host.rate()).toBe(250_000);
  });

  test("FDCAN up to 2.1 is woken by any frame; above by the one alone, answered or not", async () => {
    const old = canHost("STM32G0B1");
    await old.connect();
    expect(old.traffic[0]?.text).toBe("181#");
    for (const startAnswer of ["ack", "nothing"] as const) {
      const host = canHost("STM32C092", { rom: { startAnswer } });
      const loader = await host.connect();
      expect(await loader.identify(never)).toMatchObject({ productId: 0x44d, protocolVersion: 0x22 });
    }
  });

  test("U3 speaks 600 kbit/s and 2.4 Mbit/s", async () => {
    const host = canHost("STM32U385");
    const loader = await host.connect();
    await program(host, loader, block());
    expect(host.rate()).toBe(600_000);
    expect(host.flash().subarray(0, 256)).toEqual(block());
  });

  test("Get is read until its ACK, whatever count it tells", async () => {
    const host = canHost("STM32G0B1", { rom: { getCountOff: 1 } });
    expect(await (await host.connect()).identify(never)).toMatchObject({ protocolVersion: 0x10 });
  });
});

describe("the rate (A3)", () => {
  test.each([125_000, 250_000, 500_000, 1_000_000])(
    "rises to the %i bit/s that the slot allows",
    async (bitrate) => {
      const host = canHost("STM32F405", { bitrate });
      const loader = await host.connect();
      await loader.read(flashStart, 16, never);
      expect(host.rate()).toBe(bitrate);
      expect(loader.repeats).toBe(0);
    },
  );

  test("a slot's rate that no loader has is a limit all the same", async () => {
    const host = canHost("STM32F405", { bitrate: 800_000 });
    await (await host.connect()).read(flashStart, 16, never);
    expect(host.rate()).toBe(500_000);
  });

  test.each<[string, HostOptions["rom"]]>([
    ["with the identifier of AN2662", { speedAnswerId: 0x02 }],
    ["as late as the open loader's", { speedPauseMs: 303 }],
  ])("the second ACK is taken %s", async (_, rom = {}) => {
    const host = canHost("STM32F405", { rom });
    await (await host.connect()).read(flashStart, 16, never);
    expect(host.rate()).toBe(1_000_000);
  });

  test("a line that does not carry the highest rate: the next one that holds", async () => {
    let frames = 0;
    const host = canHost("STM32F405", {
      bus: { disturbs: (_, { nominal }) => nominal > 500_000 && (frames += 1) % 5 === 0 },
    });
    const loader = await host.connect();
    await program(host, loader, block());
    expect(host.rate()).toBe(500_000);
    expect(host.flash().subarray(0, 256)).toEqual(block());
    expect(loader.repeats).toBe(0);
  });

  test("a chip that cannot set a rate resets; it is found at its start, and tried with the next one", async () => {
    const host = canHost("STM32F405", { rom: { cannotSet: [1_000_000, 500_000] } });
    await (await host.connect()).read(flashStart, 16, never);
    expect(host.rate()).toBe(250_000);
  });

  test("a line that carries nothing there keeps the loader: said, with what to do about it", async () => {
    const host = canHost("STM32F405", { bus: { disturbs: (_, { nominal }) => nominal > 500_000 } });
    await expect(host.connect()).rejects.toMatchObject({
      code: "LINK_NOISE",
      detail: expect.stringContaining("does not carry 1000000 bit/s") as string,
    });
  });

  test.each([
    ["nack", 125_000],
    ["allowed", 1_000_000],
  ] as const)("under read protection Speed is %s", async (speedWhenLocked, rate) => {
    const host = canHost("STM32F405", { rom: { speedWhenLocked }, mishap: { protected: true } });
    const loader = await host.connect();
    await expect(loader.read(flashStart, 4, never)).rejects.toMatchObject({ code: "PROTECTED" });
    expect(host.rate()).toBe(rate);
  });

  test("a rate that the adapter cannot make is not looked at for a loader that was left there", async () => {
    const host = canHost("STM32F405", { bitrate: 125_000, adapter: { makes: [125_000, 500_000] } });
    await host.connect();
    expect(host.rate()).toBe(125_000);
    const late = canHost("STM32F405", {
      bitrate: 500_000,
      adapter: { makes: [125_000, 500_000] },
    });
    await late.connect();
    await late.link()?.[Symbol.asyncDispose]();
    // Left at 500k, it is found there, past the 1M and before the 250k that this adapter has not.
    await late.connect();
    expect(late.rate()).toBe(500_000);
  });

  test("a rate that the adapter refuses only now is the adapter's fault, not the board's", async () => {
    const host = canHost("STM32F405", { bitrate: 1_000_000, adapter: { makes: [125_000] } });
    await expect(host.connect()).rejects.toMatchObject({ code: "ADAPTER_RATE", verdict: "ERROR" });
  });

  test("FDCAN has no such command: it is not sent", async () => {
    const host = canHost("STM32G0B1");
    await (await host.connect()).read(flashStart, 16, never);
    expect(host.traffic.some(({ id }) => id === 0x03)).toBe(false);
  });
});

describe("a write (A3, A5)", () => {
  const slow = { takeMs: 0.2 } as const;

  async function written(options: HostOptions, bytes = some(1024)) {
    const host = canHost("STM32F405", options);
    const loader = await host.connect();
    await program(host, loader, bytes);
    expect(host.flash().subarray(0, bytes.length)).toEqual(bytes);
    expect(host.complaints()).toEqual([]);
    const from = host.traffic.findLastIndex(({ text }) => text.startsWith("031#08000300"));
    return { host, loader, last: host.traffic.slice(from) };
  }

  test("of 256 bytes has 34 ACKs", async () => {
    const { last } = await written({});
    expect(last.filter(({ text }) => text === "031#79")).toHaveLength(34);
  });

  test("is sent as a whole to a loader that takes that, after a trial with its RAM", async () => {
    const { host, last } = await written({ rom: slow });
    expect(last.slice(0, 3).map(({ id }) => id)).toEqual([0x031, 0x0c0, 0x0c1]);
    expect(last.filter(({ id }) => id >= 0x0c0)).toHaveLength(32);
    const writes = host.traffic.filter(({ text }) => /^031#........../.test(text)).map(({ text }) => text);
    expect(writes.slice(0, 2)).toEqual(["031#20003000ff", "031#20003000ff"]);
  });

  test.each(["lost", "refused"] as const)(
    "goes frame by frame to one where a frame ahead is %s, and never otherwise into flash",
    async (ahead) => {
      const { host, last } = await written({ rom: { ...slow, ahead } });
      expect(last.slice(0, 5).map(({ id }) => id)).toEqual([0x031, 0x031, 0x004, 0x031, 0x004]);
      expect(last.filter(({ id }) => id === 0x004)).toHaveLength(32);
      const flash = host.traffic.findIndex(({ text }) => text.startsWith("031#08"));
      expect(host.traffic.slice(flash).some(({ id }) => id >= 0x0c0)).toBe(false);
    },
  );

  test("spare ACKs, as a report of 2014 has them, do not bring the host out of step", async () => {
    for (const spareAckEach of [1, 7]) {
      const { loader } = await written({ rom: { spareAckEach } });
      expect(await loader.read(flashStart, 8, never)).toEqual(some(1024).subarray(0, 8));
    }
  });

  test("what is refused behind its data is refused, and the loader goes on", async () => {
    const { host, loader } = await written({});
    await expect(loader.write(flashStart, new Uint8Array(256).fill(0xfe), never)).rejects.toMatchObject({
      code: "CHIP_REFUSED",
    });
    await expect(loader.write(0x6000_0000, new Uint8Array(256), never)).rejects.toMatchObject({
      code: "CHIP_REFUSED",
    });
    await loader.write(flashStart + 1024, block(), never);
    expect(host.flash().subarray(1024, 1280)).toEqual(block());
  });

  test("through an adapter that holds one frame, or tells nothing of what was taken", async () => {
    for (const adapter of [{ queue: 1 }, { echoes: false }, { roundTripMs: 0 }, { roundTripMs: 5 }]) {
      const { loader } = await written({ adapter });
      expect(loader.repeats).toBe(0);
    }
  });

  test.each(["STM32F405", "STM32G0B1"])(
    "into %s goes through on a machine that takes up to 60 ms for each thing that the adapter says",
    async (chip) => {
      for (const eachMs of [3, 20, 60]) {
        const host = canHost(chip, { adapter: { eachMs } });
        const loader = await host.connect();
        await program(host, loader, some(1024));
        for (let at = 0; at < 1024; at += 256)
          expect(await loader.read(flashStart + at, 256, never)).toEqual(some(1024).subarray(at, at + 256));
        expect(host.flash().subarray(0, 1024)).toEqual(some(1024));
        expect(host.complaints()).toEqual([]);
      }
    },
  );

  test("through FDCAN goes in one piece where the loader takes that, else behind the ACK", async () => {
    for (const [rom, id] of [
      [{}, 0x0c3],
      [{ takeMs: 0.3, ahead: "lost" }, 0x004],
      [{ takeMs: 0.3, ahead: "refused" }, 0x004],
    ] as const) {
      const host = canHost("STM32G0B1", { rom });
      const loader = await host.connect();
      await program(host, loader, some(512));
      expect(host.flash().subarray(0, 512)).toEqual(some(512));
      expect(host.traffic.findLast((frame) => frame.id >= 0x0c0 || frame.id === 0x004)?.id).toBe(id);
      expect(host.complaints()).toEqual([]);
    }
  });
});

describe("a read", () => {
  test.each(["short", "single"] as const)("counts bytes where the rest is a %s frame", async (readTail) => {
    const host = canHost("STM32F405", { rom: { readTail } });
    const loader = await host.connect();
    host.flash().set([1, 2, 3, 4, 5, 6, 7, 8, 0x79, 0x1f, 0x79]);
    expect([...(await loader.read(flashStart, 11, never))]).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 0x79, 0x1f, 0x79,
    ]);
  });

  test("of FDCAN is cut to what was asked for", async () => {
    const host = canHost("STM32G0B1");
    const loader = await host.connect();
    host.flash().set([1, 2, 3]);
    expect([...(await loader.read(flashStart, 3, never))]).toEqual([1, 2, 3]);
  });

  test("a bad address that a loader drops without a word is null to whoever tries", async () => {
    const loader = await canHost("STM32F205").connect();
    await loader.read(flashStart, 4, never);
    expect(await loader.tryRead(0x6000_0000, 4, never)).toBeNull();
  });

  test.each(["nack", "silent"] as const)(
    "of a locked FDCAN chip ends as PROTECTED after %s",
    async (locked) => {
      const loader = await canHost("STM32H743", { rom: { locked }, mishap: { protected: true } }).connect();
      await expect(loader.tryRead(flashStart, 4, never)).rejects.toMatchObject({ code: "PROTECTED" });
    },
  );
});

describe("an erase", () => {
  test("F4 that does not answer 0x43 at all: this loader cannot do it", async () => {
    const host = canHost("STM32F405", { rom: { erase: "silent" } });
    const loader = await host.connect();
    await expect(program(host, loader, block())).rejects.toMatchObject({ code: "LOADER_FAULT" });
  });

  test.each(["note", "empty-second"] as const)("of all of it, where that is done as in %s", async (erase) => {
    const host = canHost("STM32F405", { rom: { erase } });
    const loader = await host.connect();
    host.flash().fill(0);
    await loader.eraseAll(never);
    expect(host.flash().every((byte) => byte === 0xff)).toBe(true);
    expect(host.complaints()).toEqual([]);
  });

  test("of all of it that is acknowledged and does nothing is found out", async () => {
    const host = canHost("STM32F405");
    const loader = await host.connect();
    host.flash().fill(0);
    host.board.chip().eraseAll = () => ({ ms: 1, refused: null });
    await expect(loader.eraseAll(never)).rejects.toMatchObject({ code: "LOADER_FAULT" });
  });

  test("F105 is told pairs of pages, and no half of one", async () => {
    const host = canHost("STM32F105");
    const loader = await host.connect();
    host.flash().fill(0);
    const { sectors } = host.board.chip().map();
    await loader.erase(sectors.slice(2, 6), never);
    const { flash } = host.board.chip();
    expect([1, 2, 5, 6].map((page) => flash[page * 2048])).toEqual([0, 0xff, 0xff, 0]);
    await expect(loader.erase(sectors.slice(0, 1), never)).rejects.toMatchObject({ code: "LOADER_FAULT" });
  });

  test.each([1, 2] as const)("of FDCAN takes %i ACKs before the list", async (eraseAcks) => {
    const host = canHost("STM32U575", { rom: { eraseAcks } });
    const loader = await host.connect();
    host.flash().fill(0);
    const { sectors } = host.board.chip().map();
    expect(loader.unitsPerErase).toBe(32);
    await loader.erase(sectors.slice(0, 32), never);
    await loader.erase(sectors.slice(32, 40), never);
    const size = sectors[0]?.size ?? 0;
    expect(
      host
        .flash()
        .subarray(0, 40 * size)
        .every((byte) => byte === 0xff),
    ).toBe(true);
    expect(host.flash()[40 * size]).toBe(0);
    expect(host.complaints()).toEqual([]);
  });

  test("one page at a time where the loader erases no more", async () => {
    expect((await canHost("STM32G0B1").connect()).unitsPerErase).toBe(1);
  });
});

describe("the end", () => {
  test.each(["before", "behind"] as const)(
    "Readout Unprotect with its second ACK %s the erase",
    async (unprotectAck) => {
      for (const chip of ["STM32F405", "STM32G0B1"]) {
        const host = canHost(chip, { rom: { unprotectAck }, mishap: { protected: true } });
        const loader = await host.connect();
        await loader.unprotect(never);
        await loader[Symbol.asyncDispose]();
        expect(await (await host.connect()).read(flashStart, 1, never)).toEqual(Uint8Array.of(0xff));
      }
    },
  );

  test("Readout Unprotect answered on 0x111 (L5, U5)", async () => {
    const host = canHost("STM32U575", { rom: { unprotectId: 0x111 }, mishap: { protected: true } });
    await (await host.connect()).unprotect(never);
    expect(host.traffic.some(({ text }) => text === "111#79")).toBe(true);
  });

  test.each([1, 2] as const)("Go with %i ACKs, taken and refused", async (goAcks) => {
    const host = canHost("STM32G0B1", { rom: { goAcks } });
    const loader = await host.connect();
    host.flash().set([0, 0x10, 0, 0x20, 1, 1, 0, 8]);
    await expect(loader.launch(0x6000_0000, never)).rejects.toMatchObject({ code: "CHIP_REFUSED" });
    await loader.launch(flashStart, never);
    expect(host.chip.launched()).toBe(true);
  });

  test("option bytes are written with Write Memory, never with Write Unprotect", async () => {
    const host = canHost("STM32F405");
    const loader = await host.connect();
    const layout = host.board.chip().spec.optionLayout;
    const bytes = await loader.tryRead(0x1fff_c000, 16, never);
    if (layout === null || bytes === null) throw new Error("no options");
    const [write] = OptionWrite.permit(layout, [bytes], []);
    if (write === undefined) throw new Error("no write");
    await loader.writeOptions(write, never);
    expect(host.traffic.some(({ id }) => id === 0x73 || id === 0x63)).toBe(false);
  });
});

test("a second ACK of Speed that nobody heard leaves the slot at the new rate", async () => {
  const host = canHost("STM32F405", { adapter: { unheardMs: 400 } });
  const loader = await host.connect();
  await program(host, loader, some(512));
  expect(host.flash().subarray(0, 512)).toEqual(some(512));
  expect(host.rate()).toBe(1_000_000);
});

describe("faults", () => {
  const broken = async (options: HostOptions, act: (host: ReturnType<typeof canHost>) => void) => {
    const host = canHost("STM32F405", options);
    const loader = await host.connect();
    await program(host, loader, block());
    host.clock.after(3, () => act(host));
    return program(host, loader, some(4096));
  };

  test("an empty slot: nobody takes a frame, the line is dead", async () => {
    const host = canHost("STM32F405", { mishap: { pullAt: 0 } });
    host.board.write(flashStart, Uint8Array.of(1, 2, 3, 4));
    await expect(host.connect()).rejects.toMatchObject({ code: "CAN_DEAD" });
  });

  test("bus-off in the middle of a write", async () => {
    let dead = false;
    const end = broken({ bus: { disturbs: () => dead } }, () => (dead = true));
    await expect(end).rejects.toMatchObject({ code: "CAN_DEAD", verdict: "ERROR" });
  });

  test("a line that is dead from the start", async () => {
    await expect(canHost("STM32F405", { bus: { disturbs: () => true } }).connect()).rejects.toMatchObject({
      code: "CAN_DEAD",
    });
  });

  test("the adapter unplugged", async () => {
    const end = broken({}, (host) => host.link()?.unplug());
    await expect(end).rejects.toMatchObject({ code: "ADAPTER_LOST", verdict: "ERROR" });
  });

  test.each(["STM32F405", "STM32G0B1"])("two boards on the bus of %s", async (chip) => {
    for (const takeMs of [0.05, 0.5])
      await expect(canHost(chip, { second: { takeMs } }).connect()).rejects.toMatchObject({
        code: "CAN_TWO_BOARDS",
        verdict: "FAIL",
      });
  });

  test("two boards that answer in the same bit, as soon as what they say differs", async () => {
    const host = canHost("STM32F405", { second: {} });
    const loader = await host.connect();
    await expect(loader.tryRead(host.family.uid.address, 12, never)).rejects.toMatchObject({
      code: "CAN_TWO_BOARDS",
    });
  });

  test.each([
    ["031#1234", 0x031, [0x12, 0x34]],
    ["011#00", 0x011, [0]],
    ["0c3#55aa", 0x0c3, [0x55, 0xaa]],
  ])("noise on the loader's identifiers, %s", async (_, id, data) => {
    const end = broken({}, ({ bus }) => {
      const foreign = bus.join({});
      foreign.setRates({ nominal: 1_000_000, data: null });
      for (let i = 0; i < 400; i += 1) foreign.send({ id, data: Uint8Array.from(data), fd: false });
    });
    await expect(end).rejects.toMatchObject({ code: "LINK_NOISE", verdict: "FAIL" });
  });

  test("traffic on other identifiers is none of ours", async () => {
    const end = broken({}, ({ bus }) => {
      const foreign = bus.join({});
      foreign.setRates({ nominal: 1_000_000, data: null });
      for (let i = 0; i < 400; i += 1) foreign.send({ id: 0x123, data: Uint8Array.of(i), fd: false });
    });
    await expect(end).resolves.toBeUndefined();
  });

  test("a few disturbed frames are sent again by the controllers, and make what passed marginal", async () => {
    let frames = 0;
    let on = false;
    const host = canHost("STM32F405", { bus: { disturbs: () => on && (frames += 1) % 50 === 0 } });
    const loader = await host.connect();
    on = true;
    await program(host, loader, some(1024));
    expect(host.flash().subarray(0, 1024)).toEqual(some(1024));
    expect(loader.repeats).toBeGreaterThan(0);
  });

  test("a board pulled out in a write has left; one that went mute has not", async () => {
    for (const [mishap, code] of [
      [{ pullAt: 512 }, "BOARD_LEFT"],
      [{ muteAfter: 512 }, "LINK_SILENT"],
    ] as const)
      for (const chip of ["STM32F405", "STM32G0B1"]) {
        const host = canHost(chip, { mishap });
        const loader = await host.connect();
        await expect(program(host, loader, some(2048))).rejects.toMatchObject({ code });
      }
  });

  test("stopped by hand, every wait ends with that reason", async () => {
    const host = canHost("STM32F405");
    const loader = await host.connect();
    await program(host, loader, block());
    const stop = new AbortController();
    host.clock.after(2, () => stop.abort(new Error("by hand")));
    await expect(loader.write(flashStart + 256, block(), stop.signal)).rejects.toThrow("by hand");
  });
});
