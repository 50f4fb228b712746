import { chipChoice, chipTable, optionLayouts, simulatedWires } from "../family/table.ts";
import { didYouMean } from "../lib/nearest.ts";
import type { ProfileChips } from "../config/profile-file.ts";
import type { ChipChoice, Range, Wire } from "../model/family.ts";

/** The chip table as profile files are checked against it. */
export const profileChips: ProfileChips = { choice: chipChoice, layouts: optionLayouts };

/** Why there is no simulated board of this line and wire, or `null`. */
export function simulatedComplaint(chip: string, wire: Wire): string | null {
  const choice = chipChoice(chip);
  if ("nearest" in choice) {
    const hint = didYouMean(choice.nearest[0], "a line such as STM32F405 was expected");
    return `"${chip}" found, no such chip is known, ${hint}`;
  }
  // Each chip has a UART, whatever else it has.
  const wires = simulatedWires(chip);
  if (wire === "uart" || wires.includes(wire)) return null;
  return `"${chip}:${wire}" found, the loader of ${chip} has ${wires.join(", ")} only`;
}

/** The flash that the largest chip of a choice has. */
export function flashOf(choice: ChipChoice): Range {
  const [id = 0] = choice.productIds;
  const start = chipTable.familyOf(id, null)?.flashStart ?? 0x0800_0000;
  return { start, end: start + choice.flashKiB.most * 1024 };
}
