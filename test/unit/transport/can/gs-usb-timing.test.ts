import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bxCan, mCan } from "../../../../src/sim/os/gs-usb-wire.ts";
import { bitTiming, samplePoints, type BitLimits } from "../../../../src/transport/can/gs-usb-timing.ts";

function limitsOf([least1, most1, least2, most2, jump, least, most, step]: readonly number[]): BitLimits {
  return {
    segment1: { least: least1 ?? 0, most: most1 ?? 0 },
    segment2: { least: least2 ?? 0, most: most2 ?? 0 },
    jump: jump ?? 0,
    prescaler: { least: least ?? 0, most: most ?? 0, step: step ?? 0 },
  };
}

const stick = limitsOf(bxCan.nominal);

describe("the timing of a bit", () => {
  test("a candleLight stick makes each rate of the classic loaders, read at seven eighths of the bit", () => {
    for (const rate of [125_000, 250_000, 500_000, 1_000_000]) {
      const found = bitTiming(rate, bxCan.clockHz, stick, samplePoints.classic);
      if (found === null) throw new Error(`no timing for ${rate}`);
      const { propagation, phase1, phase2, prescaler } = found;
      const quanta = 1 + propagation + phase1 + phase2;
      expect(bxCan.clockHz / (quanta * prescaler)).toBe(rate);
      expect((1 + propagation + phase1) / quanta).toBeCloseTo(0.875, 10);
    }
  });

  test("125 kbit/s is what the notes have: prescaler 24, 16 quanta, 13 before the sample and 2 behind", () => {
    expect(bitTiming(125_000, 48_000_000, stick, samplePoints.classic)).toEqual({
      propagation: 6,
      phase1: 7,
      phase2: 2,
      jump: 2,
      prescaler: 24,
    });
  });

  test("the FDCAN loaders' rates are theirs: 80 %, both phases with the finest quanta", () => {
    const nominal = bitTiming(250_000, mCan.clockHz, limitsOf(mCan.nominal), samplePoints.fd);
    const data = bitTiming(1_000_000, mCan.clockHz, limitsOf(mCan.data ?? []), samplePoints.fd);
    expect(nominal).toMatchObject({ prescaler: 1, phase2: 32 });
    expect(data).toMatchObject({ prescaler: 1, phase2: 8 });
  });

  test.each([
    ["800 kbit/s of 14.2 MHz", 800_000, 14_200_000],
    ["600 kbit/s of 40 MHz, as the U3 wants it", 600_000, 40_000_000],
    ["2 Mbit/s where a bit would have four quanta", 2_000_000, 8_000_000],
    ["no rate at all", 0, 48_000_000],
    ["a clock that stands", 125_000, 0],
  ])("%s is no rate", (_, rate, clock) => {
    expect(bitTiming(rate, clock, stick, samplePoints.classic)).toBeNull();
  });

  test("whatever the controller and the rate: exact, within its limits, and read at an ordinary point, or not at all", () => {
    const range = (least: number, most: number): fc.Arbitrary<{ least: number; most: number }> =>
      fc
        .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
        .map(([a, b]) => ({ least: Math.min(a, b), most: Math.max(a, b) }));
    const controllers = fc.record({
      segment1: range(1, 256),
      segment2: range(1, 128),
      jump: fc.integer({ min: 1, max: 128 }),
      prescaler: fc
        .tuple(range(1, 1024), fc.integer({ min: 1, max: 4 }))
        .map(([by, step]) => ({ ...by, step })),
    });
    const clocks = fc
      .constantFrom(8, 16, 20, 24, 36, 40, 42, 45, 48, 60, 64, 80, 160)
      .map((mhz) => mhz * 1e6);
    const rates = fc.constantFrom(10, 50, 83.333, 125, 250, 500, 600, 800, 1000, 2000, 2400, 5000);
    const points = fc.constantFrom(samplePoints.classic, samplePoints.fd);
    let made = 0;
    fc.assert(
      fc.property(controllers, clocks, rates, points, (limits, clock, kilobits, point) => {
        const rate = kilobits * 1000;
        const found = bitTiming(rate, clock, limits, point);
        if (found === null) return;
        made += 1;
        const { propagation, phase1, phase2, jump, prescaler } = found;
        const first = propagation + phase1;
        const quanta = 1 + first + phase2;
        expect(clock / (prescaler * quanta)).toBe(rate);
        expect(first).toBeGreaterThanOrEqual(limits.segment1.least);
        expect(first).toBeLessThanOrEqual(limits.segment1.most);
        expect(phase2).toBeGreaterThanOrEqual(limits.segment2.least);
        expect(phase2).toBeLessThanOrEqual(limits.segment2.most);
        expect(jump).toBeGreaterThanOrEqual(1);
        expect(jump).toBeLessThanOrEqual(Math.max(1, Math.min(limits.jump, phase1, phase2)));
        expect((prescaler - limits.prescaler.least) % limits.prescaler.step).toBe(0);
        expect(prescaler).toBeLessThanOrEqual(limits.prescaler.most);
        expect((1 + first) / quanta).toBeGreaterThanOrEqual(0.7);
        expect((1 + first) / quanta).toBeLessThanOrEqual(0.9);
      }),
      { numRuns: 3000, seed: 7 },
    );
    expect(made).toBeGreaterThan(100);
  });

  test("no other setting of the controller reads the bit nearer to where it shall be read", () => {
    const limits = stick;
    for (const rate of [100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000]) {
      const found = bitTiming(rate, bxCan.clockHz, limits, samplePoints.classic);
      if (found === null) throw new Error(`no timing for ${rate}`);
      const off = (first: number, second: number): number =>
        Math.abs((1 + first) / (1 + first + second) - samplePoints.classic);
      const ours = off(found.propagation + found.phase1, found.phase2);
      for (let by = 1; by <= 1024; by += 1)
        for (let second = 1; second <= 8; second += 1) {
          const first = bxCan.clockHz / (rate * by) - 1 - second;
          if (!Number.isInteger(first) || first < 1 || first > 16 || first + second < 7) continue;
          expect(ours).toBeLessThanOrEqual(off(first, second) + 1e-9);
        }
    }
  });
});
