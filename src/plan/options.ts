import type { OptionLayout, OptionValues } from "../model/option-bytes.ts";

/** Fields that lock a chip: written alone, after everything else is proved (devices/option-bytes.md, step 8). */
const protectionFields = new Set(["RDP", "RDP_LEVEL", "PRODUCT_STATE"]);

/** The writes that lead from what is in the chip to what is wanted: plain settings first, protection last. */
export function optionStages(
  layout: OptionLayout,
  before: OptionValues,
  wanted: OptionValues,
): { readonly kind: "settings" | "protection"; readonly changes: OptionValues }[] {
  const settings = new Map<string, number>();
  const protection = new Map<string, number>();
  for (const field of layout.fields) {
    const value = wanted.get(field.name);
    if (value === undefined || value === before.get(field.name)) continue;
    (protectionFields.has(field.name) ? protection : settings).set(field.name, value);
  }
  return [
    ...(settings.size > 0 ? [{ kind: "settings" as const, changes: settings }] : []),
    ...(protection.size > 0 ? [{ kind: "protection" as const, changes: protection }] : []),
  ];
}
