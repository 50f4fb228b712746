import type { StationView } from "../model/view.ts";

/** Whether a board ended since: the operator waits for its verdict. */
export function hasNewResult(before: StationView, after: StationView): boolean {
  const [old] = before.last;
  const [newest] = after.last;
  if (newest === undefined || old === newest) return false;
  return (
    old?.slot !== newest.slot ||
    old.barcode !== newest.barcode ||
    old.outcome !== newest.outcome ||
    old.ms !== newest.ms
  );
}
