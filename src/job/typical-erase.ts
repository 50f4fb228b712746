import type { DeviceFamily } from "../model/family.ts";

/** Typical time of one sector's erase, ms. */
export function typicalEraseMs(family: DeviceFamily, size: number): number {
  const rows = family.times.erase;
  return (rows.find((row) => row.size === size) ?? rows[0])?.typMs ?? 30;
}
