import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import {
  columnsComplaint,
  mostSignatures,
  papers,
  sectionNames,
  standardReport,
  unitColumnNames,
  type ReportDefinition,
} from "../report/definition.ts";
import { inOrder, type Checked, type Issue } from "./issue.ts";
import { fileInside } from "./file-inside.ts";
import { readYaml, type YamlFile } from "./read-yaml.ts";
import { shownText } from "./schema-pieces.ts";

/** `reports/*.yaml`. */
export const reportSchema = z
  .strictObject({
    report: z.literal("batch").meta({ description: "What is reported on: batch, one work order." }),
    title: shownText(60).default(standardReport.title).meta({
      description: "First words of page 1 and title of the document.",
    }),
    paper: z.enum(papers).default(standardReport.paper).meta({ description: "Paper: A4 or US Letter." }),
    language: z.literal("en").default("en").meta({ description: "Language of the report: English." }),
    sections: z
      .array(z.enum(sectionNames))
      .min(1)
      .default([...standardReport.sections])
      .meta({
        description:
          "What the report shows, in this order, each once. made: quantities and yield. charts: results, slots, times. not-passed: every unit that did not pass, and why. settings: option bytes as they were found and left. notes: reworks and remarks. units: one row an attempt. serials: what became of the numbers. chain: first and last record, and how a stranger checks the chain.",
      }),
    units: z
      .strictObject({
        columns: z.array(z.enum(unitColumnNames)).min(1).meta({
          description:
            "Columns from the left, each once, at most 178 mm together: uid needs 48, unit 34, code 31, serial 26, operator 24, result 22, time 21, record 12, seconds 11, slot 10, try 8.",
        }),
      })
      .default({ columns: [...standardReport.units.columns] })
      .meta({ description: "The table of the section units." }),
    signatures: z
      .array(shownText(40))
      .max(mostSignatures)
      .default([...standardReport.signatures])
      .meta({ description: "Roles that sign page 1, a line each. [] for none." }),
    font: z
      .strictObject({
        regular: z
          .string()
          .min(1)
          .meta({ description: "Font file (.ttf or .otf) in this folder or below it." }),
        bold: z.string().min(1).meta({ description: "The same font in bold." }),
      })
      .optional()
      .meta({
        description:
          "Font for records in characters that Noto Sans lacks, such as Chinese. Left out: Noto Sans, which has Latin, Greek and Cyrillic.",
        examples: [{ regular: "NotoSansCJKsc-Regular.otf", bold: "NotoSansCJKsc-Bold.otf" }],
      }),
  })
  .meta({ description: "What a report shows. gangflash report BATCH --definition FILE uses it." });

type ReportYaml = z.infer<typeof reportSchema>;

export function readReport(file: string): Checked<ReportDefinition> {
  const read = readYaml(file, reportSchema);
  return read.ok ? toReport(read.value) : read;
}

function toReport(yaml: YamlFile<ReportYaml>): Checked<ReportDefinition> {
  const { value, file } = yaml;
  const issues: Issue[] = [];
  const columns = columnsComplaint(value.units.columns);
  if (columns !== null) issues.push(yaml.issue(["units", "columns"], columns));
  const twice = value.sections.find((name, i) => value.sections.indexOf(name) !== i);
  if (twice !== undefined)
    issues.push(yaml.issue(["sections"], `"${twice}" found a second time, each section was expected once`));
  const font = value.font === undefined ? null : { ...value.font };
  if (font !== null)
    for (const key of ["regular", "bold"] as const) {
      const found = fileInside(dirname(file), font[key]);
      const why = found.ok ? fontComplaint(found.path, font[key]) : found.why;
      if (why !== null) issues.push(yaml.issue(["font", key], why));
      if (found.ok) font[key] = found.path;
    }
  if (issues.length > 0) return { ok: false, issues: inOrder(issues) };
  const { report, title, paper, language, sections, units, signatures } = value;
  return { ok: true, value: { report, title, paper, language, sections, units, signatures, font } };
}

function fontComplaint(path: string, name: string): string | null {
  try {
    readFileSync(path);
    return null;
  } catch {
    return `"${name}" found, there is no file of that name that can be read`;
  }
}
