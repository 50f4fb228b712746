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
import type { Checked, Issue } from "./issue.ts";
import { fileInside } from "./file-inside.ts";
import { readYaml, type YamlFile } from "./read-yaml.ts";

/** `reports/*.yaml`. */
export const reportSchema = z.strictObject({
  report: z.literal("batch"),
  title: z.string().min(1).max(60).default(standardReport.title),
  paper: z.enum(papers).default(standardReport.paper),
  language: z.literal("en").default("en"),
  sections: z
    .array(z.enum(sectionNames))
    .min(1)
    .default([...standardReport.sections]),
  units: z
    .strictObject({ columns: z.array(z.enum(unitColumnNames)).min(1) })
    .default({ columns: [...standardReport.units.columns] }),
  signatures: z
    .array(z.string().min(1).max(40))
    .max(mostSignatures)
    .default([...standardReport.signatures]),
  font: z
    .strictObject({ regular: z.string().min(1), bold: z.string().min(1) })
    .optional()
    .meta({ description: "font files for characters that Noto Sans lacks" }),
});

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
  if (twice !== undefined) issues.push(yaml.issue(["sections"], `${twice} stands there twice`));
  const font = value.font === undefined ? null : { ...value.font };
  if (font !== null)
    for (const key of ["regular", "bold"] as const) {
      const found = fileInside(dirname(file), font[key]);
      if (found.ok) font[key] = found.path;
      else issues.push(yaml.issue(["font", key], found.why));
      if (found.ok) complainOfFont(found.path, (why) => issues.push(yaml.issue(["font", key], why)));
    }
  if (issues.length > 0) return { ok: false, issues };
  const { report, title, paper, language, sections, units, signatures } = value;
  return { ok: true, value: { report, title, paper, language, sections, units, signatures, font } };
}

function complainOfFont(path: string, complain: (why: string) => void): void {
  try {
    readFileSync(path);
  } catch {
    complain(`"${path}" cannot be read`);
  }
}
