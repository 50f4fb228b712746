import { chipChoice, chipTable, optionLayouts } from "../family/table.ts";
import type { ProfileChips } from "../config/profile-file.ts";
import type { ChipChoice, Range } from "../model/family.ts";

/** The chip table as profile files are checked against it. */
export const profileChips: ProfileChips = { choice: chipChoice, layouts: optionLayouts };

/** The flash that the largest chip of a choice has. */
export function flashOf(choice: ChipChoice): Range {
  const [id = 0] = choice.productIds;
  const start = chipTable.familyOf(id, null)?.flashStart ?? 0x0800_0000;
  return { start, end: start + choice.flashKiB.most * 1024 };
}
