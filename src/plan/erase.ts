import { endOf, type MemoryMap, type Sector, type Segment } from "../model/memory.ts";

/** The erase units that hold any byte of the segments, in address order. */
export function sectorsTouched(map: MemoryMap, segments: readonly Segment[]): Sector[] {
  return map.sectors.filter((sector) =>
    segments.some(
      (segment) => segment.address < sector.address + sector.size && endOf(segment) > sector.address,
    ),
  );
}

/** The first segment, or part of one, that lies outside the flash; `null` when all of it fits. */
export function outside(
  map: MemoryMap,
  segments: readonly Segment[],
): { address: number; end: number } | null {
  const [first] = map.sectors;
  const last = map.sectors.at(-1);
  const start = first?.address ?? 0;
  const end = last === undefined ? 0 : last.address + last.size;
  for (const segment of segments) {
    if (segment.address < start || endOf(segment) > end)
      return {
        address: segment.address < start ? segment.address : Math.max(segment.address, end),
        end: endOf(segment),
      };
    const gap = holeIn(map.sectors, segment);
    if (gap !== null) return { address: gap, end: endOf(segment) };
  }
  return null;
}

// Dual-bank parts may have a hole between the banks.
function holeIn(sectors: readonly Sector[], segment: Segment): number | null {
  for (const [i, sector] of sectors.entries()) {
    const next = sectors[i + 1];
    const end = sector.address + sector.size;
    if (next !== undefined && next.address > end && segment.address < next.address && endOf(segment) > end)
      return Math.max(segment.address, end);
  }
  return null;
}

/** Commands of at most `most` units each that stand side by side, and that take no longer than a glance. */
export function eraseCommands(
  sectors: readonly Sector[],
  most: number,
  unitMs: (size: number) => number,
): Sector[][] {
  const glanceMs = 500;
  const commands: Sector[][] = [];
  let spent = 0;
  for (const sector of sectors) {
    const current = commands.at(-1);
    const ms = unitMs(sector.size);
    if (current === undefined || current.length >= most || spent + ms > glanceMs) {
      commands.push([sector]);
      spent = ms;
    } else {
      current.push(sector);
      spent += ms;
    }
  }
  return commands;
}
