import type { AttemptRecord } from "../../model/attempt.ts";
import type { BatchFacts } from "../../model/facts.ts";
import type { Block, Column } from "../block.ts";
import { deedText } from "../deed-words.ts";
import { shortTime, zoneOf } from "../times.ts";

const columns: readonly Column[] = [
  { head: "time", mm: 23, align: "left" },
  { head: "unit", mm: 34, align: "left" },
  { head: "slot", mm: 10, align: "left" },
  { head: "try", mm: 8, align: "right" },
  { head: "note", mm: 103, align: "left" },
];

/** What stands beside the results: rework with its reason, what people decided, the notes of the attempts. */
export function notes(facts: BatchFacts): Block[] {
  const zone = zoneOf(facts);
  const attempts = facts.attempts.flatMap((attempt) =>
    notesOf(attempt).map((note) => ({
      at: attempt.endedAt,
      cells: [attempt.barcode, attempt.slot, String(attempt.attempt), note],
    })),
  );
  const deeds = facts.deeds.flatMap((deed) => {
    const said = deedText(deed);
    return said === null ? [] : [{ at: deed.at, cells: [deed.barcode ?? "", deed.slot ?? "", "", said] }];
  });
  const rows = [...attempts, ...deeds]
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map(({ at, cells }) => ({ cells: [shortTime(at, zone), ...cells] }));
  return [
    { type: "section", text: "Rework, decisions and notes", keep: 14 },
    rows.length === 0
      ? { type: "text", text: "None.", bold: false, ink: "black" }
      : { type: "table", columns, rows },
    { type: "gap", mm: 4.6 },
  ];
}

const notesOf = ({ reason, reworkReason, notes }: AttemptRecord): string[] => [
  ...(reason === "rework" ? [`rework: ${reworkReason ?? "no reason given"}`] : []),
  ...notes,
];
