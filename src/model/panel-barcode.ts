const places = /\{(slot|n(:0?[1-9])?)\}/;

/** What stands in braces in a panel code that somebody typed and means no place, such as `{solt}`; else `null`. */
export function unknownPlace(panel: string): string | null {
  return (panel.match(/\{[^{}]*\}/g) ?? []).find((word) => !places.test(word)) ?? null;
}

/**
 * The barcode of one place of a panel. `{slot}` in the code stands for the slot's name, `{n}` or `{n:02}` for its place
 * in the tray from 1; without either, `-PLACE` is put behind the code. `unit`: the barcode's own pattern, in which
 * `{panel}` is the code.
 */
export function panelBarcode(panel: string, slot: string, place: number, unit?: string): string {
  const code = unit === undefined ? panel : unit.replaceAll("{panel}", () => panel);
  if (!places.test(unit ?? panel)) return `${code}-${place}`;
  return code
    .replaceAll("{slot}", () => slot)
    .replaceAll(/\{n(?::0?([1-9]))?\}/g, (_, width: string | undefined) =>
      String(place).padStart(Number(width ?? 1), "0"),
    );
}
