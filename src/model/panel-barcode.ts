/**
 * The barcode of one place of a panel. `{slot}` in the code stands for the slot's name, `{n}` or `{n:02}` for its place
 * in the tray from 1; without either, `-PLACE` is put behind the code. `unit`: the barcode's own pattern, in which
 * `{panel}` is the code.
 */
export function panelBarcode(panel: string, slot: string, place: number, unit?: string): string {
  const code = unit === undefined ? panel : unit.replaceAll("{panel}", () => panel);
  if (!/\{(slot|n(:0?[1-9])?)\}/.test(unit ?? panel)) return `${code}-${place}`;
  return code
    .replaceAll("{slot}", () => slot)
    .replaceAll(/\{n(?::0?([1-9]))?\}/g, (_, width: string | undefined) =>
      String(place).padStart(Number(width ?? 1), "0"),
    );
}
