import type { ReportDefinition } from "../definition.ts";
import { sayIn } from "../say.ts";

/** What stands under the lines to sign, a line each. */
export function signLines({ signatures, language }: ReportDefinition): string[] {
  const say = sayIn(language);
  return signatures.map((role) => say("{role}: name, date, signature", { role }));
}
