import type { AttemptRecord } from "../../model/attempt.ts";
import type { BatchFacts } from "../../model/facts.ts";
import { paragraph, type Block, type Column } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import { deedText } from "../deed-words.ts";
import { sayIn, type Say } from "../say.ts";
import { shortTime, zoneOf } from "../times.ts";

const columns = (say: Say): readonly Column[] => [
  { head: say("time"), mm: 23, align: "left" },
  { head: say("unit"), mm: 34, align: "left" },
  { head: say("slot"), mm: 10, align: "left" },
  { head: say("try"), mm: 8, align: "right" },
  { head: say("note"), mm: 103, align: "left" },
];

/** What stands beside the results: rework with its reason, what people decided, the notes of the attempts. */
export function notes(facts: BatchFacts, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  const zone = zoneOf(facts);
  const attempts = facts.attempts.flatMap((attempt) =>
    notesOf(attempt, say).map((note) => ({
      at: attempt.endedAt,
      cells: [attempt.barcode, attempt.slot, String(attempt.attempt), note],
    })),
  );
  const deeds = facts.deeds.flatMap((deed) => {
    const said = deedText(say, deed);
    return said === null ? [] : [{ at: deed.at, cells: [deed.barcode ?? "", deed.slot ?? "", "", said] }];
  });
  const rows = [...attempts, ...deeds]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map(({ at, cells }) => ({ cells: [shortTime(at, zone, language), ...cells] }));
  return [
    { type: "section", text: say("Rework, decisions and notes"), keep: 14 },
    rows.length === 0 ? paragraph(say("None.")) : { type: "table", columns: columns(say), rows },
    { type: "gap", mm: 4.6 },
  ];
}

const notesOf = ({ reason, reworkReason, notes }: AttemptRecord, say: Say): string[] => [
  ...(reason === "rework"
    ? [say("rework: {reason}", { reason: reworkReason ?? say("no reason given") })]
    : []),
  ...notes,
];
