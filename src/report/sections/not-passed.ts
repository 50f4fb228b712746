import type { AttemptRecord } from "../../model/attempt.ts";

import type { Block, Column, Row } from "../block.ts";
import type { RunFacts } from "../run-facts.ts";
import { shortTime, zoneOf } from "../times.ts";
import { counted, hasFailed, isMarginal, markedVerdict, optionValue, seconds } from "../words.ts";

const columns: readonly Column[] = [
  { head: "time", mm: 23, align: "left" },
  { head: "unit", mm: 34, align: "left" },
  { head: "slot", mm: 10, align: "left" },
  { head: "try", mm: 8, align: "right" },
  { head: "verdict", mm: 22, align: "left" },
  { head: "code", mm: 31, align: "left" },
  { head: "step; wanted, found", mm: 50, align: "left" },
];

/** Each attempt that did not pass, and each that passed only after something was repeated, in order of time. */
export function notPassed(facts: RunFacts): Block[] {
  const listed = facts.attempts.filter((attempt) => attempt.outcome.kind !== "PASS" || isMarginal(attempt));
  const gone = new Set(facts.voids.map(({ seq }) => seq));
  const count = (keep: (attempt: AttemptRecord) => boolean): number =>
    listed.filter((attempt) => !gone.has(attempt.seq) && keep(attempt)).length;
  const voided = listed.filter(({ seq }) => gone.has(seq)).length;
  const skipped = count(({ outcome }) => outcome.kind === "SKIPPED");
  const said = [
    `${counted(count(hasFailed), "attempt")} failed`,
    `${count(isMarginal)} passed marginally`,
    ...(skipped === 0 ? [] : [`${skipped} skipped`]),
    ...(voided === 0 ? [] : [`${voided} void: listed, not counted`]),
  ];
  const nothing =
    facts.attempts.length === 0 ? "No attempt was made." : "Every attempt passed, none marginally.";
  const zone = zoneOf(facts);
  return [
    { type: "page" },
    { type: "section", text: "What did not pass", keep: 20 },
    {
      type: "text",
      text: listed.length === 0 ? nothing : `${said.join(", ")}.`,
      bold: false,
      ink: "black",
    },
    ...(listed.length === 0
      ? []
      : [
          { type: "gap", mm: 1.5 } as const,
          {
            type: "table",
            columns,
            rows: listed.map((attempt) => row(attempt, zone, gone.has(attempt.seq))),
          } as const,
        ]),
    { type: "gap", mm: 4.6 },
  ];
}

function row(attempt: AttemptRecord, zone: string, gone: boolean): Row {
  const { outcome } = attempt;
  const cells = [
    shortTime(attempt.endedAt, zone),
    attempt.barcode,
    attempt.slot,
    String(attempt.attempt),
    {
      text: `${gone ? "void " : ""}${markedVerdict(attempt).replace("PASS marginal", "marginal")}`,
      bold: !gone,
    },
    outcome.kind === "PASS" ? "" : outcome.failure.code,
    outcome.kind === "PASS" ? repeated(attempt) : place(attempt),
  ];
  if (outcome.kind === "PASS" || outcome.failure.detail === "") return { cells };
  return { cells, under: { text: outcome.failure.detail, from: 1 } };
}

function place({ steps, options }: AttemptRecord): string {
  const step = steps.find(({ outcome }) => outcome !== "done");
  const deviating = options.filter(({ after, wanted }) => after !== null && after !== wanted);
  return [
    ...(step === undefined ? [] : [`${step.step}, after ${seconds(step.ms)} s`]),
    ...deviating.map(
      ({ name, wanted, after }) => `${name} ${optionValue(wanted)}, ${optionValue(after ?? 0)}`,
    ),
  ].join("; ");
}

function repeated({ steps }: AttemptRecord): string {
  const again = steps.filter(({ retries }) => retries > 0);
  return again
    .map(({ step, retries }) => `${step} repeated ${retries === 1 ? "once" : `${retries} times`}`)
    .join("; ");
}
