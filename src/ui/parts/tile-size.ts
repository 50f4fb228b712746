import type { LetterSize } from "../lettering.ts";

/** How much a tile can show (screens.md, section 4). */
export type TileSize = "XL" | "L" | "M" | "S" | "XS";

/** A tile's place on the screen, its gap column included. */
export interface TileBox {
  readonly size: TileSize;
  readonly width: number;
  readonly height: number;
}

const needs: readonly { readonly size: TileSize; readonly width: number; readonly height: number }[] = [
  { size: "L", width: 29, height: 12 },
  { size: "M", width: 20, height: 6 },
  { size: "S", width: 20, height: 5 },
  { size: "XS", width: 10, height: 2 },
];

export const smallestTile = { width: 10, height: 2 } as const;

/** The largest tile that fits, or `null` where not even the smallest does. */
export function tileBox(width: number, height: number, alone: boolean): TileBox | null {
  if (alone && width >= 72 && height >= 12) return { size: "XL", width, height };
  const fits = needs.find((need) => width >= need.width && height >= need.height);
  return fits === undefined ? null : { size: fits.size, width, height };
}

/** Best first. */
export const sizeRank = (size: TileSize): number => ["XL", "L", "M", "S", "XS"].indexOf(size);

/** Lettering of a verdict. */
export const verdictLetters: Readonly<Record<Exclude<TileSize, "XS">, LetterSize>> = {
  XL: { rows: 5, wide: 4, high: 2, gap: 4 },
  L: { rows: 5, wide: 2, high: 1, gap: 1 },
  M: { rows: 5, wide: 1, high: 1, gap: 1 },
  S: { rows: 4, wide: 1, high: 1, gap: 1 },
};
