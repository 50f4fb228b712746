import { sayIn, type PlainPhrase } from "./say.ts";

/** What can be reported on. */
export const reportKinds = ["batch", "unit", "shift", "serials", "slots", "qualification"] as const;
export type ReportKind = (typeof reportKinds)[number];

/** Sections of each report, by the name that the definition file gives them. */
export const sectionsOf = {
  batch: ["made", "charts", "not-passed", "settings", "notes", "units", "serials", "chain"],
  unit: ["life", "attempts", "decisions", "chain"],
  shift: ["worked", "charts", "not-passed", "orders", "units"],
  serials: ["series", "numbers"],
  slots: ["slots", "failures"],
  qualification: ["station", "checks"],
} as const satisfies Record<ReportKind, readonly string[]>;
export type SectionOf<K extends ReportKind> = (typeof sectionsOf)[K][number];
/** A section of a batch report. */
export type SectionName = SectionOf<"batch">;
export type AnySection = SectionOf<ReportKind>;
export const sectionNames: readonly AnySection[] = [
  ...new Set(reportKinds.flatMap((kind) => sectionsOf[kind])),
];

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

export const reportLanguages = ["en", "de", "zh"] as const;
export type ReportLanguage = (typeof reportLanguages)[number];

export const papers = ["A4", "Letter"] as const;
export type Paper = (typeof papers)[number];

/** Font files by absolute path: TrueType or OpenType, both with the characters that the records use. */
export interface FontChoice {
  readonly regular: string;
  readonly bold: string;
}

/** A picture at the head of page 1: PNG or JPEG, grey or RGB. */
export interface Logo {
  readonly bytes: Uint8Array;
  /** Pixels; on paper at most 40 mm wide and 12 mm high. */
  readonly width: number;
  readonly height: number;
}

/** What a report shows, in which order, on which paper. Read from a file of `reports/`. */
export interface ReportDefinition {
  readonly report: ReportKind;
  /** First words of page 1 and of the document's title. */
  readonly title: string;
  readonly paper: Paper;
  readonly language: ReportLanguage;
  /** Each is one of `sectionsOf[report]`. */
  readonly sections: readonly AnySection[];
  /** The table of attempts, of a batch and a shift. */
  readonly units: { readonly columns: readonly UnitColumn[] };
  /** Roles that sign page 1, a line each; at most `mostSignatures`. */
  readonly signatures: readonly string[];
  /** `null`: Noto Sans, which has Latin, Greek and Cyrillic. */
  readonly font: FontChoice | null;
  readonly logo: Logo | null;
}

const titles = {
  batch: "Batch report",
  unit: "Unit history",
  shift: "Shift report",
  serials: "Serial numbers",
  slots: "Slot health",
  qualification: "Qualification of the station",
} as const satisfies Record<ReportKind, PlainPhrase>;
const signers: Readonly<Record<ReportKind, readonly PlainPhrase[]>> = {
  batch: ["Line lead", "Quality"],
  unit: [],
  shift: ["Line lead"],
  serials: [],
  slots: [],
  qualification: ["Performed by", "Reviewed by"],
};

/** Each report as it is without a definition file; `reports/*.yaml` say the same. */
export const standardOf = (report: ReportKind, language: ReportLanguage = "en"): ReportDefinition => ({
  report,
  title: sayIn(language)(titles[report]),
  paper: "A4",
  language,
  sections: sectionsOf[report],
  units: { columns: ["unit", "serial", "uid", "slot", "try", "result", "seconds", "record"] },
  signatures: signers[report].map((role) => sayIn(language)(role)),
  font: null,
  logo: null,
});

export const standardReport: ReportDefinition = standardOf("batch");

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
