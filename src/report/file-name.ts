import { fileNamePart } from "../lib/clean-text.ts";
import type { BatchFacts } from "../model/facts.ts";
import { markingOf } from "./words.ts";

/** `WO-4711.pdf`, `TRIAL-WO-4733.pdf`, `TRIAL-SIMULATED-WO-4733.csv`; never a path, whatever the batch is called. */
export function reportFileName(facts: BatchFacts, ext: "pdf" | "csv" | "xlsx" | "json"): string {
  const marking = markingOf(facts);
  const marks = `${marking.trial ? "TRIAL-" : ""}${marking.simulated === "no" ? "" : "SIMULATED-"}`;
  return `${marks}${fileNamePart(facts.batch.id)}.${ext}`;
}
