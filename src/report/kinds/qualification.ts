import { visibleJson } from "../../lib/clean-text.ts";
import {
  checkGroups,
  countChecks,
  type CheckGroup,
  type Qualification,
  type QualificationCheck,
} from "../../model/qualification.ts";
import type { Block, Column } from "../block.ts";
import { writeTable } from "../csv.ts";
import type { ReportDefinition, SectionOf } from "../definition.ts";
import { jsonVersion } from "../json-schema.ts";
import { layoutOf, type SectionOn } from "../layout.ts";
import type { Report } from "../report.ts";
import { sayIn, type PlainPhrase, type Say } from "../say.ts";
import { signLines } from "../paper/sign-lines.ts";
import { sheetOf, type SheetColumn } from "../workbook/sheet.ts";
import { bothTimes, zoneOf } from "../times.ts";
import { documentTitle, grouped } from "../words.ts";

const table: Readonly<Record<SectionOf<"qualification">, SectionOn<Qualification>>> = { station, checks };

/** Boards of no line come into it, so that it is neither a trial nor a simulated batch. */
const marking = { trial: false, simulated: "no" } as const;

/** What `gangflash selftest` found, for whoever validates the station. */
export function qualificationReport(facts: Qualification): Report {
  const subject = facts.station?.name ?? facts.machine.host;
  return {
    subject: `qualification ${subject}`,
    marking,
    paper: (definition) => ({
      blocks: layoutOf(table, facts, definition, false),
      cover: {
        title: documentTitle(definition.title, subject, marking),
        subject,
        marking,
        head: null,
        keywords: `program ${facts.program.sha256}, seed ${facts.seed}`,
        date: facts.endedAt,
      },
    }),
    sheets: () => [sheetOf("Checks", columns, facts.checks)],
    csv: () => writeTable(columns, facts.checks),
    json: () => [`${qualificationJson(facts)}\n`],
  };
}

/** One object after `gangflash schema selftest`. */
export const qualificationJson = (facts: Qualification): string =>
  visibleJson({ type: "selftest", version: jsonVersion, ...countChecks(facts.checks), ...facts });

const columns: readonly SheetColumn<QualificationCheck>[] = [
  { head: "no.", width: 6, of: ({ id }) => id },
  { head: "group", width: 12, of: ({ group }) => group },
  { head: "requirement", width: 60, of: ({ what }) => what },
  { head: "expected", width: 50, of: ({ expected }) => expected },
  { head: "seen", width: 50, of: ({ seen }) => seen },
  { head: "result", width: 8, of: resultOf },
];

function resultOf({ passed }: QualificationCheck): string {
  return passed ? "ok" : "FAIL";
}

const groupNames: Readonly<Record<CheckGroup, PlainPhrase>> = {
  installation: "Installation: what runs here",
  operation: "Operation: every wire, planned trouble, serial numbers, refusals",
  durability: "Durability: the program is killed while it works",
  records: "Records: audit, tampering, backup, reports, pack, signature",
};

function station(facts: Qualification, definition: ReportDefinition): Block[] {
  const say = sayIn(definition.language);
  const failed = facts.checks.filter(({ passed }) => !passed);
  return [
    {
      type: "title",
      text: `${definition.title} ${facts.station?.name ?? facts.machine.host}`,
      under: say("{passed} checks passed, {failed} failed", countChecks(facts.checks)),
      logo: definition.logo,
    },
    ...[ofGroups(facts, say), ofMachine(facts, say), ofRun(facts, say)].flatMap((pairs): Block[] => [
      { type: "pairs", pairs },
      { type: "gap", mm: 2.3 },
    ]),
    {
      type: "text",
      text: say(
        "This is evidence for the customer's own validation of this software for its use, and no certificate of compliance with any standard or regulation.",
      ),
      bold: true,
      ink: "black",
    },
    { type: "gap", mm: 1.5 },
    {
      type: "text",
      text: say(
        "Program, machine and disk are those of production; the records were made for this run, and the boards were simulated. It says nothing about cables, adapters, hubs and real chips. Checks are told in English.",
      ),
      bold: false,
      ink: "black",
    },
    { type: "gap", mm: 4.6 },
    ...(failed.length === 0
      ? []
      : ([
          { type: "section", text: say("Checks that failed"), keep: 14 },
          checkTable(failed, say),
          { type: "gap", mm: 4.6 },
        ] as const)),
    { type: "foot", sign: signLines(definition), seal: null },
    { type: "page" },
  ];
}

type Pair = readonly [label: string, value: string];

const ofGroups = ({ checks: all }: Qualification, say: Say): Pair[] =>
  checkGroups.map((group) => [
    say(groupHeads[group]),
    say("{passed} checks passed, {failed} failed", countChecks(all.filter((one) => one.group === group))),
  ]);

const groupHeads: Readonly<Record<CheckGroup, PlainPhrase>> = {
  installation: "Installation",
  operation: "Operation",
  durability: "Durability",
  records: "Records",
};

function ofMachine({ station: named, machine, program }: Qualification, say: Say): Pair[] {
  return [
    [
      say("Station"),
      named === null
        ? say("no station file was named")
        : `${named.name}, ${say("configuration {hash}", { hash: named.hash.slice(0, 16) })}`,
    ],
    [say("Machine"), machine.host],
    [say("System"), machine.system],
    [say("Processor"), `${machine.processor}, ${machine.memoryMiB} MiB`],
    [say("Program"), `gangflash ${program.version}, Node ${machine.node}, SQLite ${machine.sqlite}`],
    [
      say("Its files"),
      say("{n} files, SHA-256 {hash}", { n: program.files, hash: grouped(program.sha256, 8) }),
    ],
  ];
}

function ofRun(facts: Qualification, say: Say): Pair[] {
  const zone = zoneOf(facts);
  return [
    [say("Data folder"), facts.data],
    [say("Began"), bothTimes(facts.startedAt, zone)],
    [say("Ended"), bothTimes(facts.endedAt, zone)],
    [say("Time zone"), zone],
    [say("To repeat it"), `gangflash selftest --seed ${facts.seed} --kills ${facts.kills}`],
  ];
}

function checks({ checks: all }: Qualification, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  return checkGroups.flatMap((group): Block[] => {
    const own = all.filter((one) => one.group === group);
    if (own.length === 0) return [];
    return [
      { type: "section", text: say(groupNames[group]), keep: 20 },
      checkTable(own, say),
      { type: "gap", mm: 4.6 },
    ];
  });
}

function checkTable(rows: readonly QualificationCheck[], say: Say): Block {
  return {
    type: "table",
    columns: checkColumns(say),
    rows: rows.map((row) => ({
      cells: [row.id, row.what, row.expected, row.seen, { text: resultOf(row), bold: !row.passed }],
    })),
  };
}

const checkColumns = (say: Say): readonly Column[] => [
  { head: say("no."), mm: 11, align: "left" },
  { head: say("requirement"), mm: 58, align: "left" },
  { head: say("expected"), mm: 47, align: "left" },
  { head: say("seen"), mm: 50, align: "left" },
  { head: say("result"), mm: 12, align: "left" },
];
