/** Memory strings of DfuSe loaders (protocols/usb-dfu-an3156.md, section 5). Hostile input: nothing here throws. */

/** Equal sectors side by side, and what the loader says may be done with them. */
export interface Region {
  readonly address: number;
  /** First address behind it. */
  readonly end: number;
  readonly sectorBytes: number;
  readonly readable: boolean;
  readonly erasable: boolean;
  readonly writable: boolean;
}

/** One alternate setting's name, taken apart. */
export interface Layout {
  /** The text before the first `/`, trimmed, without the `@`: `Internal Flash`. */
  readonly name: string;
  readonly regions: readonly Region[];
}

/** Longest string, and most sectors, that are believed: L0 has 1536, the largest parts 1024. */
const longest = 512;
const mostSectors = 16_384;

const zoneStart = /^0x([0-9a-f]{1,8})(?:-0x[0-9a-f]{1,8})?\//i;
// A fractional count has been seen: its part of a sector is a last, short one.
const run = /^([0-9]{1,5})(?:\.([0-9]{1,3}))?\*([0-9]{1,7})(.*)$/;
const units: ReadonlyMap<string, number> = new Map([
  [" ", 1],
  ["", 1],
  ["B", 1],
  ["K", 1024],
  ["M", 1024 * 1024],
]);

/** The layout that a string describes, or the sentence that says why it describes none. */
export function parseLayout(text: string): Layout | string {
  if (text.length > longest) return `a memory string of ${text.length} characters is too long`;
  if (!text.startsWith("@")) return `"${text}" does not start with @`;
  const slash = text.indexOf("/");
  const name = text.slice(1, slash < 0 ? undefined : slash).trim();
  if (slash < 0) return { name, regions: [] };

  const regions: Region[] = [];
  let rest = text.slice(slash + 1);
  let sectors = 0;
  while (rest !== "") {
    const start = zoneStart.exec(rest);
    if (start === null) return `no address where a zone of "${text}" begins`;
    rest = rest.slice(start[0].length);
    const next = rest.search(/\/0x/i);
    const runs = (next < 0 ? rest : rest.slice(0, next)).replace(/\/$/, "");
    rest = next < 0 ? "" : rest.slice(next + 1);
    let address = Number.parseInt(start[1] ?? "", 16);
    for (const part of runs.split(",")) {
      const found = regionsOf(part, address);
      if (found === null) return `"${part}" in "${text}" is no run of sectors`;
      sectors += found.reduce((sum, region) => sum + (region.end - region.address) / region.sectorBytes, 0);
      address = found.at(-1)?.end ?? address;
      if (address > 0x1_0000_0000 || sectors > mostSectors)
        return `"${text}" describes more memory than a chip can have`;
      regions.push(...found);
    }
  }
  return { name, regions };
}

/** One run, such as `04*016Kg`, `01*016 e`, `1536*128g` (no unit: bytes), `04.5*01Kg`. */
function regionsOf(text: string, address: number): Region[] | null {
  const [, count = "", fraction, size = "", tail = ""] = run.exec(text.trimEnd()) ?? [];
  const type = tail.at(-1) ?? "";
  const unit = units.get(tail.slice(0, -1));
  if (!/^[a-g]$/.test(type) || unit === undefined) return null;
  const sectorBytes = Number(size) * unit;
  if (sectorBytes === 0) return null;
  // Bits of the letter: 1 readable, 2 erasable, 4 writable (section 5.1).
  const bits = type.charCodeAt(0) & 7;
  const region = (from: number, bytes: number, sector: number): Region => ({
    address: from,
    end: from + bytes,
    sectorBytes: sector,
    readable: (bits & 1) !== 0,
    erasable: (bits & 2) !== 0,
    writable: (bits & 4) !== 0,
  });
  const whole = Number(count) * sectorBytes;
  const part = fraction === undefined ? 0 : Math.round(Number(`0.${fraction}`) * sectorBytes);
  if (whole + part === 0) return null;
  return [
    ...(whole > 0 ? [region(address, whole, sectorBytes)] : []),
    ...(part > 0 ? [region(address + whole, part, part)] : []),
  ];
}

/** True for the alternate that holds the program: `@Internal Flash`, however many blanks follow. */
export function isFlash(layout: Layout): boolean {
  return /^internal flash\b/i.test(layout.name);
}

/**
 * The sectors of the internal flash over all strings of a device, in address order. Alternates that carry the same
 * string (G0B1 has three) count once; a string that cannot be understood gives no sectors.
 */
export function flashSectors(memoryStrings: readonly string[]): { address: number; size: number }[] {
  const sizes = new Map<number, number>();
  for (const text of memoryStrings) {
    const layout = parseLayout(text);
    if (typeof layout === "string" || !isFlash(layout)) continue;
    for (const region of layout.regions)
      for (let at = region.address; at < region.end; at += region.sectorBytes)
        sizes.set(at, region.sectorBytes);
  }
  return [...sizes].map(([address, size]) => ({ address, size })).sort((a, b) => a.address - b.address);
}
