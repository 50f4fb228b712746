/** Sections of a batch report, by the name that the definition file gives them. */
export const sectionNames = [
  "made",
  "charts",
  "not-passed",
  "settings",
  "notes",
  "units",
  "serials",
  "chain",
] as const;
export type SectionName = (typeof sectionNames)[number];

/** Columns of the units table, by the name that the definition file gives them. */
export const unitColumnNames = [
  "unit",
  "serial",
  "uid",
  "slot",
  "try",
  "result",
  "code",
  "seconds",
  "time",
  "operator",
  "record",
] as const;
export type UnitColumn = (typeof unitColumnNames)[number];

export const papers = ["A4", "Letter"] as const;
export type Paper = (typeof papers)[number];

/** Font files by absolute path: TrueType or OpenType, both with the characters that the records use. */
export interface FontChoice {
  readonly regular: string;
  readonly bold: string;
}

/** What a batch report shows, in which order, on which paper. Read from a file of `reports/`. */
export interface ReportDefinition {
  readonly report: "batch";
  /** First words of page 1 and of the document's title. */
  readonly title: string;
  readonly paper: Paper;
  readonly language: "en";
  readonly sections: readonly SectionName[];
  readonly units: { readonly columns: readonly UnitColumn[] };
  /** Roles that sign page 1, a line each; at most `mostSignatures`. */
  readonly signatures: readonly string[];
  /** `null`: Noto Sans, which has Latin, Greek and Cyrillic. */
  readonly font: FontChoice | null;
}

/** The report as it is without a definition file; `reports/batch.yaml` says the same. */
export const standardReport: ReportDefinition = {
  report: "batch",
  title: "Batch report",
  paper: "A4",
  language: "en",
  sections: sectionNames,
  units: { columns: ["unit", "serial", "uid", "slot", "try", "result", "seconds", "record"] },
  signatures: ["Line lead", "Quality"],
  font: null,
};

/** More lines to sign would not fit on a page with what is signed. */
export const mostSignatures = 6;

/** Width of the text on either paper, mm. */
export const textWidthMm = 178;

/**
 * Widths of the units table's columns at 8.5 pt, mm; a UID of the widest hex digits needs 45.8. A table narrower than
 * the text gives the rest to its result.
 */
export const unitColumnMm: Readonly<Record<UnitColumn, number>> = {
  unit: 34,
  serial: 26,
  uid: 48,
  slot: 10,
  try: 8,
  result: 22,
  code: 31,
  seconds: 11,
  time: 21,
  operator: 24,
  record: 12,
};

/** Complaint about the columns of a units table, or `null`: none, one twice, or wider than the text. */
export function columnsComplaint(columns: readonly UnitColumn[]): string | null {
  if (columns.length === 0) return "no column";
  const twice = columns.find((name, i) => columns.indexOf(name) !== i);
  if (twice !== undefined) return `"${twice}" found a second time, each column was expected once`;
  const sum = columns.reduce((mm, name) => mm + unitColumnMm[name], 0);
  return sum > textWidthMm ? `the columns need ${sum} mm, at most ${textWidthMm} mm were expected` : null;
}
