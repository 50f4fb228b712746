import type { ChipSpec, Range } from "../model/family.ts";

const inside = (range: Range, address: number, length: number): boolean =>
  address >= range.start && address + length <= range.end;

/** ROM, UID, size register and loader id: what Read Memory finds outside flash and RAM. */
export function systemMemory(spec: ChipSpec) {
  const { family, uid } = spec;
  const pieces: { readonly range: Range; readonly bytes: Uint8Array }[] = family.systemMemory.map(
    (range) => ({ range, bytes: romPattern(range.end - range.start) }),
  );
  // The page of factory values: UID and size register lie close to each other, mostly outside the listed ROM.
  const patch = (address: number, bytes: Uint8Array): void => {
    const home = pieces.find((piece) => inside(piece.range, address, bytes.length));
    if (home !== undefined) home.bytes.set(bytes, address - home.range.start);
    else {
      const start = address - (address % 256);
      const page = new Uint8Array(256).fill(0xff);
      page.set(bytes.subarray(0, 256 - (address - start)), address - start);
      pieces.push({ range: { start, end: start + 256 }, bytes: page });
    }
  };
  for (const [i, offset] of family.uid.wordOffsets.entries())
    patch(family.uid.address + offset, uid.subarray(4 * i, 4 * i + 4));
  patch(family.flashSizeRegister.address, Uint8Array.of(spec.flashKiB & 0xff, (spec.flashKiB >>> 8) & 0xff));
  if (family.bootloaderIdAddress !== null && family.bootloaderId !== null)
    patch(family.bootloaderIdAddress, Uint8Array.of(family.bootloaderId));
  return {
    pieces,
    read(address: number, length: number): Uint8Array | null {
      const home = pieces.find((piece) => inside(piece.range, address, length));
      if (home === undefined) return null;
      return home.bytes.slice(address - home.range.start, address - home.range.start + length);
    },
  };
}

/** Bytes that are no two neighbours the same: a ROM that is read from the wrong place shows it. */
function romPattern(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) bytes[i] = i * 37;
  return bytes;
}
