import { dirname } from "node:path";
import { z } from "zod";
import { readWhole } from "../lib/read-whole.ts";
import {
  columnsComplaint,
  mostSignatures,
  papers,
  reportKinds,
  reportLanguages,
  sectionNames,
  sectionsOf,
  standardOf,
  standardReport,
  unitColumnNames,
  type ReportDefinition,
} from "../report/definition.ts";
import { inOrder, type Checked, type Issue } from "./issue.ts";
import { fileInside } from "./file-inside.ts";
import { readLogo, type LogoRead } from "./logo-file.ts";
import { readYaml, type YamlFile } from "./read-yaml.ts";
import { shownText } from "./schema-pieces.ts";

/** `reports/*.yaml`. */
export const reportSchema = z
  .strictObject({
    report: z.enum(reportKinds).meta({
      description:
        "What is reported on. batch: one work order. unit: one unit's life. shift: what was made in some hours. serials: the numbers of a series. slots: how each slot does. qualification: what gangflash selftest found.",
    }),
    title: shownText(60).optional().meta({
      description:
        "First words of page 1 and title of the document. Left out: Batch report, Unit history, Shift report, Serial numbers, Slot health, Qualification of the station.",
    }),
    paper: z.enum(papers).default(standardReport.paper).meta({ description: "Paper: A4 or US Letter." }),
    language: z.enum(reportLanguages).default("en").meta({
      description:
        "Language of the report: English, German or Chinese; Chinese needs font. Words of the records (PASS, codes, states, steps), CSV, JSON and XLSX stay English.",
    }),
    logo: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Picture at the head of page 1, at most 40 mm wide and 12 mm high: a PNG or JPEG file, grey or RGB, in this folder or below it.",
        examples: ["logo.png"],
      }),
    sections: z
      .array(z.enum(sectionNames))
      .min(1)
      .optional()
      .meta({
        description: `What the report shows, in this order, each once. Left out: all of its kind. ${reportKinds
          .map((kind) => `${kind}: ${sectionsOf[kind].join(", ")}.`)
          .join(" ")}`,
      }),
    units: z
      .strictObject({
        columns: z.array(z.enum(unitColumnNames)).min(1).meta({
          description:
            "Columns from the left, each once, at most 178 mm together: uid needs 48, unit 34, code 31, serial 26, operator 24, result 22, time 21, record 12, seconds 11, slot 10, try 8.",
        }),
      })
      .default({ columns: [...standardReport.units.columns] })
      .meta({ description: "The table of the section units, of a batch and a shift." }),
    signatures: z.array(shownText(40)).max(mostSignatures).optional().meta({
      description:
        "Roles that sign page 1, a line each. [] for none. Left out: Line lead and Quality on a batch, Line lead on a shift, Performed by and Reviewed by on a qualification, none else.",
    }),
    font: z
      .strictObject({
        regular: z.string().min(1).meta({
          description:
            "Font file (.ttf, .otf, or .ttc, of which the first font is taken) in this folder or below it.",
        }),
        bold: z.string().min(1).meta({ description: "The same font in bold." }),
      })
      .optional()
      .meta({
        description:
          "Font for records in characters that Noto Sans lacks, such as Chinese. Left out: Noto Sans, which has Latin, Greek and Cyrillic.",
        examples: [{ regular: "NotoSansCJKsc-Regular.otf", bold: "NotoSansCJKsc-Bold.otf" }],
      }),
  })
  .meta({
    description:
      "What a report shows. gangflash report … --definition FILE and gangflash selftest --definition FILE use it.",
  });

type ReportYaml = z.infer<typeof reportSchema>;

export function readReport(file: string): Checked<ReportDefinition> {
  const read = readYaml(file, reportSchema);
  return read.ok ? toReport(read.value) : read;
}

function toReport(yaml: YamlFile<ReportYaml>): Checked<ReportDefinition> {
  const { value, file } = yaml;
  const standard = standardOf(value.report, value.language);
  const issues: Issue[] = [];
  const columns = columnsComplaint(value.units.columns);
  if (columns !== null) issues.push(yaml.issue(["units", "columns"], columns));
  const sections = value.sections ?? standard.sections;
  const own: readonly string[] = sectionsOf[value.report];
  const twice = sections.find((name, i) => sections.indexOf(name) !== i);
  if (twice !== undefined)
    issues.push(yaml.issue(["sections"], `"${twice}" found a second time, each section was expected once`));
  for (const [i, name] of sections.entries())
    if (!own.includes(name))
      issues.push(
        yaml.issue(
          ["sections", i],
          `"${name}" found, of ${value.report} one of ${own.join(", ")} was expected`,
        ),
      );
  const font = value.font === undefined ? null : { ...value.font };
  if (font !== null)
    for (const key of ["regular", "bold"] as const) {
      const found = fileInside(dirname(file), font[key]);
      const why = found.ok ? fontComplaint(found.path, font[key]) : found.why;
      if (why !== null) issues.push(yaml.issue(["font", key], why));
      if (found.ok) font[key] = found.path;
    }
  if (value.language === "zh" && font === null)
    issues.push(
      yaml.issue(
        ["language"],
        `"zh" found without font, a font with Chinese characters was expected beside it`,
      ),
    );
  const logo = value.logo === undefined ? null : logoOf(dirname(file), value.logo);
  if (logo !== null && !logo.ok) issues.push(yaml.issue(["logo"], logo.why));
  if (issues.length > 0) return { ok: false, issues: inOrder(issues) };
  const { report, paper, language, units } = value;
  const title = value.title ?? standard.title;
  const signatures = value.signatures ?? standard.signatures;
  const picture = logo?.ok === true ? logo.logo : null;
  return {
    ok: true,
    value: { report, title, paper, language, sections, units, signatures, font, logo: picture },
  };
}

function logoOf(folder: string, name: string): LogoRead {
  const found = fileInside(folder, name);
  return found.ok ? readLogo(found.path, name) : found;
}

/** The largest collections of Chinese fonts have some 100 MB. */
const mostFontBytes = 256 * 1024 * 1024;

function fontComplaint(path: string, name: string): string | null {
  try {
    readWhole(path, mostFontBytes);
    return null;
  } catch {
    return `"${name}" found, there is no file of that name that can be read`;
  }
}
