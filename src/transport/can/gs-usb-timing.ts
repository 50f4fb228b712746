/** How a CAN controller divides its clock into bits, and the times within a bit; no device is needed to know a rate. */

interface Range {
  readonly least: number;
  readonly most: number;
}

/** What a controller can set, in time quanta; from BT_CONST. */
export interface BitLimits {
  /** Propagation and first phase together. */
  readonly segment1: Range;
  readonly segment2: Range;
  /** Largest resynchronisation jump. */
  readonly jump: number;
  readonly prescaler: Range & { readonly step: number };
}

/** One bit: a quantum for the synchronisation, then these. */
export interface BitTiming {
  readonly propagation: number;
  readonly phase1: number;
  readonly phase2: number;
  readonly jump: number;
  readonly prescaler: number;
}

/** Where in a bit it is read: classic loaders, and what the FDCAN loaders set themselves (protocols/can-an3154.md, A1, B1). */
export const samplePoints = { classic: 0.875, fd: 0.8 } as const;
/** Loaders do well with anything ordinary (A1). */
const usable = { least: 0.7, most: 0.9 } as const;
/** ISO 11898-1: a bit has at least so many quanta. */
const leastQuanta = 8;
const leastFdQuanta = 5;
/** Further off than this a sample point is another one. */
const equalPoints = 1e-9;

/**
 * The timing of a rate in bit/s that is nearest to a sample point, with the finest quanta and the largest jump that it
 * permits. `null`: the clock does not divide to exactly this rate, or only with a sample point that no bus would like.
 */
export function bitTiming(
  rate: number,
  clockHz: number,
  limits: BitLimits,
  samplePoint: number,
): BitTiming | null {
  const { segment1, segment2, prescaler } = limits;
  const fewest = samplePoint === samplePoints.classic ? leastQuanta : leastFdQuanta;
  let best: BitTiming | null = null;
  let bestOff = Number.POSITIVE_INFINITY;
  if (!(rate > 0) || !(clockHz > 0)) return null;
  for (let by = Math.max(1, prescaler.least); by <= prescaler.most; by += prescaler.step) {
    const quanta = clockHz / (rate * by);
    if (quanta < fewest) break;
    if (!Number.isInteger(quanta)) continue;
    const wanted = Math.round(quanta * (1 - samplePoint));
    const second = clamp(clamp(wanted, segment2), {
      least: quanta - 1 - segment1.most,
      most: quanta - 1 - segment1.least,
    });
    const first = quanta - 1 - second;
    if (!within(second, segment2) || !within(first, segment1)) continue;
    const point = (1 + first) / quanta;
    if (point < usable.least || point > usable.most) continue;
    const off = Math.abs(point - samplePoint);
    if (off >= bestOff - equalPoints) continue;
    bestOff = off;
    best = timingOf(first, second, limits.jump, by);
  }
  return best;
}

function timingOf(first: number, second: number, mostJump: number, prescaler: number): BitTiming {
  const propagation = Math.floor(first / 2);
  const phase1 = first - propagation;
  return {
    propagation,
    phase1,
    phase2: second,
    jump: Math.max(1, Math.min(mostJump, phase1, second)),
    prescaler,
  };
}

const clamp = (value: number, { least, most }: Range): number => Math.min(most, Math.max(least, value));
const within = (value: number, { least, most }: Range): boolean => value >= least && value <= most;
