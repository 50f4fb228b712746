import { fileNamePart } from "../lib/clean-text.ts";
import type { Marking } from "./words.ts";

export const reportFormats = ["pdf", "csv", "xlsx", "json"] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** `WO-4711.pdf`, `TRIAL-WO-4733.pdf`, `TRIAL-SIMULATED-WO-4733.csv`; never a path, whatever the subject is called. */
export function reportFileName(subject: string, marking: Marking, format: ReportFormat): string {
  const marks = `${marking.trial ? "TRIAL-" : ""}${marking.simulated === "no" ? "" : "SIMULATED-"}`;
  return `${marks}${fileNamePart(subject)}.${format}`;
}
