import { describe, expect, test } from "vitest";
import { ptyHere } from "../unit/sim/os/pty-here.ts";
import {
  devices,
  hasPython,
  partOf,
  programmed,
  uid,
  unitsOf,
  type Device,
  type Quirks,
  type UnitEnd,
} from "./stranger.ts";

function firmware(length: number): Uint8Array {
  let state = 7;
  const next = (): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) >>> 16;
  const bytes = new Uint8Array(length).map(next);
  bytes.set([0x00, 0x20, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08]);
  return bytes;
}
const small = firmware(3000);

function wanted(device: Device, image: Uint8Array, serial: string): Uint8Array {
  const erased = Number(device.flash.erasedByte);
  const flash = new Uint8Array((unitsOf(device) ?? []).reduce((sum, unit) => sum + unit, 0)).fill(erased);
  flash.set(image);
  flash.fill(0, image.length, image.length + 8);
  flash.set(new TextEncoder().encode(serial), image.length);
  return flash;
}

function expectProgrammed(device: Device, end: UnitEnd, image = small): void {
  expect(end.unit, JSON.stringify(end.unit)).toMatchObject({ outcome: "PASS", failure: null });
  expect(end.complaints).toEqual([]);
  expect(Buffer.compare(end.flash, wanted(device, image, end.unit.serial ?? ""))).toBe(0);
  expect(end.code).toBe(0);
}

const device = (key: string): Device => {
  const found = devices.find((one) => one.key === key);
  if (found === undefined) throw new RangeError(key);
  return found;
};
const f405 = device("0x413/0x31");
const f103 = device("0x410");
const g071 = device("0x460/0xB4");
const l072 = device("0x447/0x41");

const minute = { timeout: 60_000 };

describe.skipIf(!hasPython || !ptyHere).concurrent("a loader that was written apart from ours", () => {
  const whole = devices.filter(
    (one) => one.wires.includes("uart") && unitsOf(one) !== null && partOf(one) !== null,
  );
  test.each(whole)("$key, $name, is programmed and says nothing against it", minute, async (one) => {
    const end = await programmed(one, small);
    expectProgrammed(one, end);
    expect(end.unit).toMatchObject({ uid, marginal: false });
  });

  test.each<[string, Device, Quirks]>([
    ["is in its command loop already", f405, { synced: 1 }],
    ["refuses short reads in its system memory", f405, { bigReads: 1 }],
    ["refuses short reads in its system memory, an L0", l072, { bigReads: 1 }],
    ["counts two commands too many", device("0x450/0x92"), { countTooBig: 1 }],
    ["hears the second 0x7F only", f405, { deaf: 1 }],
    ["comes from an application that talked", f405, { banner: 1 }],
    ["answers a byte at a time", g071, { dribble: 1 }],
  ])("one that %s", minute, async (_, one, quirks) => {
    const end = await programmed(one, small, { quirks });
    expectProgrammed(one, end);
    expect(end.unit.marginal).toBe(false);
  });

  test("one that erases 511 pages at once and not one more takes an image of 640", minute, async () => {
    const image = firmware(640 * 128 - 8);
    const end = await programmed(l072, image, { quirks: { pages: 511 } });
    expectProgrammed(l072, end, image);
    expect(end.unit.marginal).toBe(false);
  });

  test("one whose id cannot be read passes without it", minute, async () => {
    const end = await programmed(f103, small, { quirks: { noUid: 1 } });
    expectProgrammed(f103, end);
    expect(end.unit.uid).toBeNull();
  });

  test.each<[string, Quirks]>([
    ["refuses a block three times", { nack: 3 }],
    ["is read wrong once", { badRead: 1 }],
  ])("one that %s passes, marginal", minute, async (_, quirks) => {
    const end = await programmed(f405, small, { quirks });
    expectProgrammed(f405, end, small);
    expect(end.unit.marginal).toBe(true);
  });

  test("one that refuses a block for the fourth time fails", minute, async () => {
    const end = await programmed(f405, small, { quirks: { nack: 4 } });
    expect(end.unit).toMatchObject({ outcome: "FAIL", failure: { code: "CHIP_REFUSED" } });
  });

  test(
    "one with a cell that does not hold fails, and another one than at the start is told",
    minute,
    async () => {
      const worn = await programmed(f405, small, { quirks: { flip: 1 } });
      expect(worn.unit).toMatchObject({ outcome: "FAIL", failure: { code: "VERIFY_MISMATCH" } });
      const swapped = await programmed(f405, small, { quirks: { swapped: 1 } });
      expect(swapped.unit).toMatchObject({ outcome: "FAIL", failure: { code: "BOARD_CHANGED" } });
    },
  );

  test("one that falls silent in the middle is told as silent", minute, async () => {
    const end = await programmed(f405, small, { quirks: { mute: 5 } });
    expect(end.unit).toMatchObject({ outcome: "TIMEOUT", failure: { code: "LINK_SILENT" } });
    expect(end.code).toBe(1);
  });

  describe.each<[string, Quirks]>([
    ["once", {}],
    ["twice", { doubleNack: 1 }],
  ])("a locked one that says no %s", (_, more) => {
    test("is refused, and nothing in it changes", minute, async () => {
      const end = await programmed(f405, small, { quirks: { protected: 1, ...more } });
      expect(end.unit).toMatchObject({ outcome: "FAIL", failure: { code: "PROTECTED" } });
      expect(end.flash.every((byte) => byte === 0xff)).toBe(true);
      expect(end.complaints).toEqual([]);
    });

    test.each<[string, Quirks]>([
      ["after", {}],
      ["before", { earlyAck: 1 }],
    ])("is unlocked where the profile says so; its last yes comes %s its erase", minute, async (__, when) => {
      const quirks = { protected: 1, ...more, ...when };
      const end = await programmed(f405, small, { quirks, more: "onProtected: unprotect\n" });
      expectProgrammed(f405, end);
      expect(end.unit.uid).toBe(uid);
    });
  });
});

describe
  .skipIf(!hasPython || !ptyHere)
  .concurrent("a CAN loader and its adapter that were written apart from ours", () => {
    const wire = "can";
    const withCan = devices.filter(
      (one) => one.can?.dataBitrate === null && unitsOf(one) !== null && partOf(one) !== null,
    );
    test.each(withCan)("$key, $name, is programmed and says nothing against it", minute, async (one) => {
      const end = await programmed(one, small, { wire });
      expectProgrammed(one, end, small);
      expect(end.unit).toMatchObject({ uid, marginal: false });
    });

    test.each<[string, Quirks]>([
      ["is in its command loop already", { synced: 1 }],
      ["sends the rest of a read a byte a frame", { ones: 1 }],
      ["stays at 125 kbit/s", { noSpeed: 1 }],
      ["says its second yes to a new rate with another id", { speedAs2: 1 }],
      ["acknowledges a list of pages in another way", { lateYes: 1 }],
      ["lies behind an adapter that does not say what it is", { noVersion: 1 }],
      ["lies behind an adapter that does not confirm frames", { quiet: 1 }],
      ["lies behind an adapter that writes small letters", { lower: 1 }],
      ["lies behind an adapter that tells the time", { times: 1 }],
      ["lies behind an adapter whose channel is open at another rate", { left: 1 }],
    ])("one that %s", minute, async (_, quirks) => {
      const end = await programmed(f405, small, { wire, quirks });
      expectProgrammed(f405, end, small);
      expect(end.unit.marginal).toBe(false);
    });

    test("a locked one is refused, and nothing in it changes", minute, async () => {
      const end = await programmed(f405, small, { wire, quirks: { protected: 1 } });
      expect(end.unit).toMatchObject({ outcome: "FAIL", failure: { code: "PROTECTED" } });
      expect(end.flash.every((byte) => byte === 0xff)).toBe(true);
    });

    test("a locked one is unlocked where the profile says so", minute, async () => {
      const quirks = { protected: 1 };
      const end = await programmed(f405, small, { wire, quirks, more: "onProtected: unprotect\n" });
      expectProgrammed(f405, end, small);
      expect(end.unit.uid).toBe(uid);
    });
  });
