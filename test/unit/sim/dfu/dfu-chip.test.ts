import { describe, expect, test } from "vitest";
import { chipSpec } from "../../../../src/family/table.ts";
import { benchClock } from "../../../../src/lib/bench-clock.ts";
import { toHex } from "../../../../src/lib/bytes.ts";
import type { Mishap } from "../../../../src/model/mishap.ts";
import { flashSectors } from "../../../../src/protocol/dfu/layout-string.ts";
import { stringText } from "../../../../src/protocol/dfu/descriptors.ts";
import { eraseAt, massErase, readUnprotect, setAddress } from "../../../../src/protocol/dfu/requests.ts";
import { simBoard } from "../../../../src/sim/board.ts";
import { dfuChip } from "../../../../src/sim/dfu/dfu-chip.ts";
import type { UsbAnswer } from "../../../../src/sim/dfu/usb-answer.ts";
import { dfuRom, newRom, oldRom, usbSerial, type DfuRom } from "../../../../src/sim/dfu/dfu-rom.ts";
import { simUsbLink, transferMs, whenAttached } from "../../../../src/sim/dfu/usb-link.ts";

const uid = Uint8Array.from({ length: 12 }, (_, i) => 0x30 + i);
const flashStart = 0x0800_0000;
const optionStart = 0x1fff_c000;
const none = new Uint8Array();

/** A host that does what it is told, right or wrong. */
function bench(name = "STM32F405", rom: Partial<DfuRom> = {}, mishap: Mishap = {}) {
  const clock = benchClock();
  const spec = chipSpec(name, uid);
  const board = simBoard(spec, mishap);
  const chip = dfuChip(board, { ...dfuRom(spec.family), start: "idle", ...rom }, clock);
  const setup = (kind: number, request: number, value: number, length: number, index = 0): Uint8Array =>
    Uint8Array.of(kind, request, value, value >>> 8, index, 0, length, length >>> 8);
  const read = (answer: UsbAnswer): string => (answer.kind === "data" ? toHex(answer.bytes) : answer.kind);
  const ask = (kind: number, request: number, value: number, length: number): UsbAnswer =>
    chip.control(setup(kind, request, value, length), none);
  const download = (block: number, bytes: Uint8Array): string =>
    read(chip.control(setup(0x21, 1, block, bytes.length), bytes));
  const upload = (block: number, length: number): string => read(ask(0xa1, 2, block, length));
  /** GETSTATUS, waited for as the clock has it. */
  const status = (): string => {
    const answer = ask(0xa1, 3, 0, 6);
    if (answer.kind === "data") clock.pass(answer.at - clock.now());
    return read(answer);
  };
  const clear = (): string => read(ask(0x21, 4, 0, 0));
  const state = (): string => read(ask(0xa1, 5, 0, 1));
  const abort = (): string => read(ask(0x21, 6, 0, 0));
  const alternate = (value: number): string => read(ask(0x01, 0x0b, value, 0));
  const descriptor = (value: number, length = 255): string => read(ask(0x80, 6, value, length));
  /** A download with both GETSTATUS and the wait between them; the status that it ends in. */
  const task = (block: number, bytes: Uint8Array): string => {
    download(block, bytes);
    const first = status();
    if (!/^[0-9a-f]{12}$/.test(first)) return first;
    clock.pass(Number.parseInt(first.slice(6, 8) + first.slice(4, 6) + first.slice(2, 4), 16));
    let last = status();
    for (let tries = 0; tries < 1000 && last.slice(8, 10) === "04"; tries += 1) {
      clock.pass(100);
      last = status();
    }
    return last;
  };
  const erased = (): string => task(0, eraseAt(flashStart));
  const pointed = (address = flashStart): string => task(0, setAddress(address));
  const host = {
    download,
    upload,
    status,
    clear,
    state,
    abort,
    alternate,
    descriptor,
    task,
    erased,
    pointed,
    ask,
  };
  return { ...host, clock, board, chip, spec, setup, read, complaints: () => board.chip().complaints };
}

const idle = "000000000200";
const done = "000000000500";
const same = (got: string, wanted: string): void => {
  if (got !== wanted) throw new Error(`the loader answered ${got}, not ${wanted}`);
};
const refused = (code: string): string => `${code}0000000a00`;

describe("descriptors of a simulated loader", () => {
  test("are those of the fact sheet for an F405", () => {
    const { descriptor } = bench();
    expect(descriptor(0x0100)).toBe("12010001000000408304 11df 0022 01020301".replaceAll(" ", ""));
    expect(descriptor(0x0200)).toBe(
      "09023600010100c032" +
        "09040000 00fe010204 09040001 00fe010205 09040002 00fe010206 09040003 00fe010207".replaceAll(
          " ",
          "",
        ) +
        "09210bff0000081a01",
    );
    expect(descriptor(0x0200, 9)).toBe("09023600010100c032");
    expect(descriptor(0x0300)).toBe("04030904");
    expect(descriptor(0x2100)).toBe("09210bff0000081a01");
    expect(descriptor(0x0600)).toBe("stall");
    expect(descriptor(0x0309)).toBe("stall");
  });

  const names = (name: string, rom: Partial<DfuRom> = {}): string[] =>
    bench(name, rom).chip.descriptors().strings.slice(4).map(stringText);

  test.each([
    ["STM32F405", "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"],
    ["STM32F405", "@Option Bytes  /0x1FFFC000/01*016 e"],
    ["STM32F405", "@Device Feature/0xFFFF0000/01*004 e"],
    ["STM32F722", "@OTP Memory /0x1FF07800/01*528e"],
    ["STM32L072", "@Internal Flash  /0x08000000/1536*128g"],
    ["STM32H743", "@Option Bytes  /0x5200201C/01*128 e"],
  ])("of %s have the string %s", (name, text) => {
    expect(names(name)).toContain(text);
  });

  test("of G0 are its flash, three times", () => {
    const [first, ...rest] = names("STM32G0B1");
    expect(rest).toEqual([first, first]);
  });

  test("describe the chip's own map on every family with USB", () => {
    for (const name of [
      "STM32F042",
      "STM32F303",
      "STM32F429",
      "STM32F746",
      "STM32L152",
      "STM32L4R5",
      "STM32WB55",
      "STM32U575",
    ]) {
      const { chip, board } = bench(name);
      const sectors = flashSectors(chip.descriptors().strings.slice(4).map(stringText));
      expect(sectors, name).toEqual(
        board
          .chip()
          .map()
          .sectors.map(({ address, size }) => ({ address, size })),
      );
    }
  });

  test("describe another memory when another chip is planned to lie there", () => {
    const { chip, board } = bench("STM32F405", {}, { wrongChip: true });
    const sectors = flashSectors(chip.descriptors().strings.slice(4).map(stringText));
    expect(sectors.length).not.toBe(board.chip().map().sectors.length);
  });

  test("send less of a long string than it states, where the ROM does", () => {
    const { descriptor } = bench("STM32F429", { stringCut: 112 });
    const text = descriptor(0x0304);
    expect(text).toHaveLength(224);
    expect(Number.parseInt(text.slice(0, 2), 16)).toBeGreaterThan(112);
  });

  test("asked for one by one may hang the ROM (C5)", () => {
    const { ask } = bench("STM32F405", { functionalAlone: false });
    expect(ask(0x81, 6, 0x2100, 9)).toEqual({ kind: "silence" });
  });

  test.each([
    [0x002d_0030, 0x3334_510b, 0x3231_3533, 1, "325E35633334"],
    [0x003b_0041, 0x5033_5706, 0x2033_3333, 2, "206E33742033"],
    [0x0025_007a, 0x4236_5001, 0x2030_3748, 1, "205537C24236"],
    [0x0057_007b, 0x4236_5001, 0x2030_3748, 1, "208737C34236"],
  ] as const)("have a serial that is a digest of the UID: %i %i %i", (a, b, c, tail, serial) => {
    const words = new Uint8Array(new Uint32Array([a, b, c]).buffer);
    expect(usbSerial({ kind: "digest", tail }, words)).toBe(serial);
  });

  test("have the same serial on every F105", () => {
    expect(names("STM32F105")).not.toEqual([]);
    expect(usbSerial(dfuRom(chipSpec("STM32F105", uid).family).serial, uid)).toBe("STM32");
  });
});

describe("standard requests", () => {
  test("are answered as a device on endpoint 0 does", () => {
    const { ask, read, alternate, complaints } = bench();
    expect(read(ask(0x80, 0, 0, 2))).toBe("0100");
    expect(read(ask(0x80, 8, 0, 1))).toBe("01");
    expect(alternate(3)).toBe("");
    expect(read(ask(0x81, 0x0a, 0, 1))).toBe("03");
    expect(alternate(4)).toBe("stall");
    expect(read(ask(0x00, 9, 1, 0))).toBe("");
    expect(read(ask(0x00, 9, 2, 0))).toBe("stall");
    expect(read(ask(0x00, 5, 7, 0))).toBe("");
    expect(read(ask(0x80, 3, 0, 0))).toBe("stall");
    expect(complaints()).toEqual([]);
  });
});

describe("the state machine of a simulated loader", () => {
  test("starts in dfuERROR with errFIRMWARE on older ROMs, in dfuIDLE on newer ones", () => {
    expect(bench("STM32F405", { start: "error" }).status()).toBe(refused("0a"));
    expect(bench("STM32G474").status()).toBe(idle);
  });

  test("starts work at the GETSTATUS behind a download, not before", () => {
    const { download, status, state, board, clock } = bench();
    board.chip().flash[0] = 0;
    expect(download(0, eraseAt(flashStart))).toBe("");
    expect(state()).toBe("03");
    clock.pass(60_000);
    expect(board.chip().flash[0]).toBe(0);
    expect(status()).toMatch(/^00.{6}0400$/);
    expect(board.chip().flash[0]).toBe(0xff);
  });

  test("is busy for the time the flash takes, and tells it", () => {
    const { download, status, clock, spec } = bench();
    download(0, eraseAt(flashStart));
    const told = status();
    const ms = Number.parseInt(told.slice(4, 6) + told.slice(2, 4), 16);
    expect(ms).toBeGreaterThan(100);
    expect(ms).toBeLessThan(spec.family.deadlines.eraseUnitMs);
    clock.pass(ms - 0.9);
    expect(status().slice(8)).toBe("0400");
    clock.pass(1);
    expect(status()).toBe(done);
  });

  test("holds its answer until the flash is ready, on newer ROMs", () => {
    const { download, status, ask } = bench("STM32G474");
    download(0, eraseAt(flashStart));
    status();
    const answer = ask(0xa1, 3, 0, 6);
    expect(answer).toMatchObject({ kind: "data" });
    expect(answer.kind === "data" ? answer.at : 0).toBeGreaterThan(15);
  });

  test("takes an UPLOAD from dfuIDLE and goes to dfuUPLOAD-IDLE", () => {
    const { pointed, abort, status, upload, complaints } = bench();
    expect(pointed()).toBe(done);
    abort();
    expect(status()).toBe(idle);
    expect(upload(2, 4)).toBe("ffffffff");
    expect(status()).toBe("000000000900");
    expect(abort()).toBe("");
    expect(status()).toBe(idle);
    expect(complaints()).toEqual([]);
  });

  test("lists its commands at block 0", () => {
    expect(bench().upload(0, 16)).toBe("00214192");
  });

  test("writes and reads what was written, block by block", () => {
    const { erased, pointed, task, abort, upload, complaints } = bench();
    erased();
    pointed();
    expect(task(2, new Uint8Array(2048).fill(0x11))).toBe(done);
    expect(task(3, new Uint8Array(16).fill(0x22))).toBe(done);
    abort();
    pointed();
    abort();
    expect(upload(2, 2048)).toBe("11".repeat(2048));
    expect(upload(3, 16)).toBe("22".repeat(16));
    expect(complaints()).toEqual([]);
  });

  test("clears an error, and is in dfuIDLE then", () => {
    const { pointed, clear, status, complaints } = bench();
    expect(pointed(0x6000_0000)).toBe(refused("01"));
    expect(clear()).toBe("");
    expect(status()).toBe(idle);
    expect(complaints()).toEqual([]);
  });

  test("an upload that is cut at the end of the flash is short", () => {
    const { pointed, abort, upload } = bench();
    pointed(0x0810_0000 - 8);
    abort();
    expect(upload(2, 2048)).toBe("ff".repeat(8));
  });

  test("is new after a reset, and a leave without an application ends in one", () => {
    const { pointed, download, status, chip, clock } = bench();
    pointed();
    download(0, none);
    expect(status()).toBe("000100000700");
    clock.pass(2);
    expect(chip.attached()).toBe(false);
    clock.pass(5000);
    expect(chip.attached()).toBe(true);
    expect(chip.enumeration()).toBe(1);
    expect(chip.launched()).toBe(false);
  });
});

describe("a strict loader", () => {
  test.each([
    [
      "a GETSTATUS that comes too early",
      /before the poll time/,
      ({ download, status }: ReturnType<typeof bench>) => {
        download(0, eraseAt(flashStart));
        status();
        status();
      },
    ],
    [
      "a download before the GETSTATUS of the one before",
      /before the GETSTATUS/,
      ({ download }) => {
        download(0, setAddress(flashStart));
        same(download(2, new Uint8Array(4)), "stall");
      },
    ],
    [
      "a download while the flash works",
      /DNLOAD while the flash works/,
      ({ download, status }) => {
        download(0, massErase);
        status();
        same(download(2, new Uint8Array(4)), "stall");
      },
    ],
    [
      "an upload while the flash works",
      /UPLOAD while the flash works/,
      ({ download, status, upload }) => {
        download(0, massErase);
        status();
        same(upload(2, 4), "stall");
      },
    ],
    [
      "CLRSTATUS while the flash works",
      /CLRSTATUS while/,
      ({ download, status, clear }) => {
        download(0, massErase);
        status();
        same(clear(), "stall");
      },
    ],
    [
      "a download in dfuUPLOAD-IDLE",
      /DNLOAD in dfuUPLOAD-IDLE/,
      ({ upload, download }) => {
        upload(2, 4);
        same(download(0, massErase), "stall");
      },
    ],
    [
      "an upload without ABORT",
      /without ABORT/,
      ({ pointed, upload }) => {
        pointed();
        same(upload(2, 4), "stall");
      },
    ],
    [
      "ABORT of work that was not started",
      /ABORT of a download/,
      ({ download, abort, status }) => {
        download(0, massErase);
        abort();
        same(status(), idle);
      },
    ],
    [
      "the reserved block 1",
      /reserved block 1/,
      ({ download, status }) => {
        download(1, new Uint8Array(4));
        same(status(), done);
      },
    ],
    [
      "an upload of the reserved block 1",
      /UPLOAD of the reserved/,
      ({ upload, status }) => {
        upload(1, 4);
        same(status(), refused("0a"));
      },
    ],
    [
      "a block that was skipped",
      /DNLOAD of block 4 where 3 comes next/,
      ({ erased, pointed, task }) => {
        erased();
        pointed();
        task(2, new Uint8Array(2048));
        task(4, new Uint8Array(2048));
      },
    ],
    [
      "an upload that skips a block",
      /UPLOAD of block 3 where 2 comes next/,
      ({ upload }) => {
        upload(3, 4);
      },
    ],
    [
      "a block behind a short one",
      /behind a short block/,
      ({ erased, pointed, task }) => {
        erased();
        pointed();
        task(2, new Uint8Array(16));
        task(3, new Uint8Array(16));
      },
    ],
    [
      "a block behind an erase, without an address",
      /behind a short block or an erase/,
      ({ erased, task }) => {
        erased();
        task(2, new Uint8Array(16));
      },
    ],
    [
      "a download longer than the transfer size",
      /more than the transfer size/,
      ({ pointed, download }) => {
        pointed();
        download(2, new Uint8Array(4096));
      },
    ],
    [
      "an upload longer than the transfer size",
      /more than the transfer size/,
      ({ upload }) => {
        same(String(upload(2, 4096).length), "4096");
      },
    ],
    [
      "a write over what is not erased",
      /not erased/,
      ({ erased, pointed, task }) => {
        erased();
        pointed();
        task(2, new Uint8Array(16));
        pointed();
        same(task(2, new Uint8Array(16).fill(1)), refused("03"));
      },
    ],
    [
      "a write that is not aligned",
      /not in units/,
      ({ erased, pointed, task }) => {
        erased();
        pointed(flashStart + 2);
        same(task(2, new Uint8Array(16)), refused("03"));
      },
    ],
    [
      "a write to memory that cannot be written",
      /cannot be written/,
      ({ alternate, pointed, task }) => {
        alternate(2);
        pointed(0x1fff_7800);
        same(task(2, new Uint8Array(16)), refused("01"));
      },
    ],
    [
      "a part of the option bytes",
      /one whole block/,
      ({ alternate, pointed, task }) => {
        alternate(1);
        pointed(optionStart);
        same(task(2, new Uint8Array(4)), refused("03"));
      },
    ],
    [
      "an address of another alternate setting",
      /not in the alternate setting 0/,
      ({ pointed }) => {
        pointed(optionStart);
      },
    ],
    [
      "an erase in the middle of a sector",
      /middle of a sector/,
      ({ task }) => {
        same(task(0, eraseAt(flashStart + 4)), done);
      },
    ],
    [
      "an erase where no sector is",
      /where no sector is/,
      ({ task }) => {
        same(task(0, eraseAt(0x2000_4000)), refused("01"));
      },
    ],
    [
      "a command that no loader has",
      /unknown command/,
      ({ task }) => {
        same(task(0, Uint8Array.of(0x81, 1)), refused("0f"));
      },
    ],
    [
      "a leave without an address",
      /leave without an address/,
      ({ download, status }) => {
        download(0, none);
        status();
      },
    ],
    [
      "a GETSTATUS of another length",
      /GETSTATUS of 64 bytes/,
      ({ ask, read }) => {
        same(read(ask(0xa1, 3, 0, 64)), idle);
      },
    ],
    [
      "a request to another interface",
      /interface 2/,
      ({ chip, setup }) => {
        same(chip.control(setup(0xa1, 3, 0, 6, 2), none).kind, "stall");
      },
    ],
    [
      "DETACH, which belongs to applications",
      /class request 0/,
      ({ ask }) => {
        same(ask(0x21, 0, 255, 0).kind, "stall");
      },
    ],
  ] satisfies [string, RegExp, (host: ReturnType<typeof bench>) => void][])(
    "complains of %s",
    (_what, words, play) => {
      const host = bench();
      play(host);
      expect(host.complaints()).toEqual([expect.stringMatching(words)]);
    },
  );

  test("complains of CLRSTATUS where newer ROMs break, and a second one mends it", () => {
    const { clear, status, complaints } = bench("STM32G474");
    clear();
    expect(status()).toBe(refused("0e"));
    clear();
    expect(status()).toBe(idle);
    expect(complaints()).toEqual([expect.stringMatching(/CLRSTATUS in dfuIDLE/)]);
  });

  test("stalls CLRSTATUS outside an error, as C5 does", () => {
    const { clear, complaints } = bench("STM32G474", { clearOutsideError: "stall" });
    expect(clear()).toBe("stall");
    expect(complaints()).toHaveLength(1);
  });

  test("complains of a mass erase on a chip whose loader has none", () => {
    const { task, complaints } = bench("STM32L072");
    expect(task(0, massErase)).toBe(refused("0f"));
    expect(complaints()).toEqual([expect.stringMatching(/mass erase/)]);
  });

  test("programs a word with ECC once", () => {
    const { erased, pointed, task, complaints } = bench("STM32G474");
    erased();
    pointed();
    expect(task(2, new Uint8Array(8))).toBe(done);
    pointed();
    expect(task(2, new Uint8Array(8))).toBe(refused("0b"));
    expect(complaints()).toEqual([expect.stringMatching(/not erased/)]);
  });
});

describe("read protection on a simulated loader", () => {
  test("is errVENDOR for every use of a memory", () => {
    const { pointed, task, clear, abort, upload, status } = bench("STM32F405", {}, { protected: true });
    expect(pointed()).toBe(done);
    abort();
    expect(upload(2, 4)).toBe("stall");
    expect(status()).toBe(refused("0b"));
    clear();
    expect(task(0, eraseAt(flashStart))).toBe(refused("0b"));
    clear();
    expect(task(0, massErase)).toBe(refused("0b"));
    clear();
    expect(task(2, new Uint8Array(4))).toBe(refused("0b"));
  });

  test("may show at Set Address already, or as an empty upload", () => {
    expect(bench("STM32F405", { locked: "set-address" }, { protected: true }).pointed()).toBe(refused("0b"));
    const late = bench("STM32F405", { locked: "upload-empty" }, { protected: true });
    expect(late.upload(2, 4)).toBe("");
    expect(late.status()).toBe(refused("0b"));
  });

  test("goes with an unprotect, that erases, leaves the bus and comes back", () => {
    const { download, status, chip, board, clock, spec, ask } = bench("STM32F405", {}, { protected: true });
    const seen: boolean[] = [];
    chip.watch((attached) => seen.push(attached));
    board.chip().flash.fill(0);
    download(0, readUnprotect);
    expect(status().slice(8)).toBe("0400");
    clock.pass(10);
    expect(ask(0xa1, 3, 0, 6).kind).toBe("gone");
    clock.pass(spec.family.times.massTypMs + 10);
    expect(seen).toEqual([false]);
    expect(ask(0xa1, 3, 0, 6).kind).toBe("gone");
    clock.pass(spec.family.bootMs);
    expect(seen).toEqual([false, true]);
    expect(board.chip().protection()).toBe(0);
    expect(board.chip().flash[0]).toBe(0xff);
  });

  test("at level 2 is no loader any more", () => {
    const { alternate, pointed, task, chip, clock, spec, board } = bench();
    const block = (spec.factoryOptions[0] ?? none).slice();
    block[1] = 0xcc;
    block[3] = 0x33;
    alternate(1);
    pointed(optionStart);
    task(2, block);
    clock.pass(10_000);
    expect(board.chip().protection()).toBe(2);
    expect(chip.attached()).toBe(false);
  });
});

describe("trouble planned for a simulated board", () => {
  test("pulled: the device is gone in the middle of an answer, and stays away", () => {
    const { erased, pointed, download, ask, chip, clock } = bench("STM32F405", {}, { pullAt: 100 });
    erased();
    pointed();
    download(2, new Uint8Array(2048));
    expect(ask(0xa1, 3, 0, 6).kind).toBe("gone");
    clock.pass(60_000);
    expect(chip.attached()).toBe(false);
  });

  test("mute: no answer, and no end", () => {
    const { ask } = bench("STM32F405", {}, { muteAfter: 0 });
    expect(ask(0xa1, 3, 0, 6)).toEqual({ kind: "silence" });
  });

  test("nack: dfuERROR, and the block can be sent again", () => {
    const { erased, pointed, task, clear } = bench("STM32F405", {}, { nackWrite: 1 });
    erased();
    pointed();
    expect(task(2, new Uint8Array(16))).toBe(refused("03"));
    clear();
    pointed();
    expect(task(2, new Uint8Array(16))).toBe(done);
  });
});

describe("the wire in front of a simulated board", () => {
  test("takes whole frames: 1 ms for a status, 2 ms for 2048 bytes", () => {
    expect([0, 6, 1024, 2048, 4096].map(transferMs)).toEqual([1, 1, 1, 2, 4]);
  });

  test("is opened only while the device is on the bus, and ends with its enumeration", async () => {
    const { chip, clock } = bench();
    const never = new AbortController().signal;
    const first = simUsbLink(chip, clock);
    chip.reset();
    expect(() => simUsbLink(chip, clock)).toThrow(/NO_BOARD/);
    await whenAttached(chip, never);
    const get = { type: "class", request: 3, value: 0 } as const;
    await expect(first.controlIn(get, 6, never)).rejects.toMatchObject({ code: "BOARD_LEFT" });
    expect((await simUsbLink(chip, clock).controlIn(get, 6, never)).stall).toBe(false);
  });

  test("breaks off when the device goes while it is asked", async () => {
    const { chip, clock, download } = bench("STM32F405", { busy: "hold" });
    const never = new AbortController().signal;
    const link = simUsbLink(chip, clock);
    const get = { type: "class", request: 3, value: 0 } as const;
    download(0, massErase);
    await link.controlIn(get, 6, never);
    clock.after(200, () => chip.reset());
    await expect(link.controlIn(get, 6, never)).rejects.toMatchObject({ code: "BOARD_LEFT" });
  });

  test("stops with the reason of its signal, whoever is silent", async () => {
    const { chip, clock } = bench("STM32F405", {}, { muteAfter: 0 });
    const stop = new AbortController();
    clock.after(500, () => stop.abort(new Error("enough")));
    const get = { type: "class", request: 3, value: 0 } as const;
    await expect(simUsbLink(chip, clock).controlIn(get, 6, stop.signal)).rejects.toThrow("enough");
    expect(clock.now()).toBe(500);
  });
});

test("the two generations differ as the fact sheet says", () => {
  expect([oldRom.deviceVersion, oldRom.transferSize, oldRom.start]).toEqual([0x2200, 2048, "error"]);
  expect([newRom.deviceVersion, newRom.transferSize, newRom.start]).toEqual([0x0200, 1024, "idle"]);
});
