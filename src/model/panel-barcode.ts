/**
 * The barcode of one place of a panel. `{slot}` in the code stands for the slot's name, `{n}` or `{n:02}` for its place
 * in the tray from 1; without either, `-PLACE` is put behind the code.
 */
export function panelBarcode(panel: string, slot: string, place: number): string {
  if (!/\{(slot|n(:0?[1-9])?)\}/.test(panel)) return `${panel}-${place}`;
  return panel
    .replaceAll("{slot}", () => slot)
    .replaceAll(/\{n(?::0?([1-9]))?\}/g, (_, width: string | undefined) =>
      String(place).padStart(Number(width ?? 1), "0"),
    );
}
