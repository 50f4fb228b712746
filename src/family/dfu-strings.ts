import type { Range } from "../model/family.ts";
import type { MemoryMap } from "../model/memory.ts";

/** `04*016Kg`: count, size and unit of equal sectors, as newer ROMs write them. */
function run(count: number, bytes: number, type: "g" | "e"): string {
  const kilo = bytes % 1024 === 0;
  const size = String(kilo ? bytes / 1024 : bytes).padStart(3, "0");
  return `${String(count).padStart(2, "0")}*${size}${kilo ? "K" : " "}${type}`;
}

const zone = (address: number): string => `/0x${address.toString(16).toUpperCase().padStart(8, "0")}/`;

/**
 * Memory strings of a DfuSe loader for this map (protocols/usb-dfu-an3156.md, section 5): one zone a bank that does
 * not follow the one before, one run for neighbours of one size.
 */
export function dfuStrings(map: MemoryMap, options: readonly Range[]): string[] {
  let flash = "@Internal Flash  ";
  let end = -1;
  let count = 0;
  let size = 0;
  let runs: string[] = [];
  const closeRun = (): void => {
    if (count > 0) runs.push(run(count, size, "g"));
    count = 0;
  };
  const closeZone = (): void => {
    closeRun();
    flash += runs.join(",");
    runs = [];
  };
  for (const sector of map.sectors) {
    if (sector.address !== end) {
      closeZone();
      flash += zone(sector.address);
    } else if (sector.size !== size) closeRun();
    size = sector.size;
    count += 1;
    end = sector.address + sector.size;
  }
  closeZone();
  const blocks = options.map(
    ({ start, end: last }) => `${zone(start)}01*${String(last - start).padStart(3, "0")} e`,
  );
  return blocks.length === 0 ? [flash] : [flash, `@Option Bytes  ${blocks.join("")}`];
}
