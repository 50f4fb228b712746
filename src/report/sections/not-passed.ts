import type { AttemptRecord } from "../../model/attempt.ts";

import type { Block, Column, Row } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import type { RunFacts } from "../run-facts.ts";
import { sayIn, type Say } from "../say.ts";
import { shortTime, zoneOf } from "../times.ts";
import { counted, hasFailed, isMarginal, markedVerdict, optionValue, seconds } from "../words.ts";
import type { How } from "./units.ts";

const columns = (say: Say): readonly Column[] => [
  { head: say("time"), mm: 23, align: "left" },
  { head: say("unit"), mm: 34, align: "left" },
  { head: say("slot"), mm: 10, align: "left" },
  { head: say("try"), mm: 8, align: "right" },
  { head: say("verdict"), mm: 22, align: "left" },
  { head: say("code"), mm: 31, align: "left" },
  { head: say("step; wanted, found"), mm: 50, align: "left" },
];

/** Each attempt that did not pass, and each that passed only after something was repeated, in order of time. */
export function notPassed(facts: RunFacts, { language }: Pick<ReportDefinition, "language">): Block[] {
  const say = sayIn(language);
  const listed = facts.attempts.filter((attempt) => attempt.outcome.kind !== "PASS" || isMarginal(attempt));
  const gone = new Set(facts.voids.map(({ seq }) => seq));
  const count = (keep: (attempt: AttemptRecord) => boolean): number =>
    listed.filter((attempt) => !gone.has(attempt.seq) && keep(attempt)).length;
  const voided = listed.filter(({ seq }) => gone.has(seq)).length;
  const skipped = count(({ outcome }) => outcome.kind === "SKIPPED");
  const said = [
    say("{attempts} failed", { attempts: counted(say, count(hasFailed), "attempt") }),
    say("{n} passed marginally", { n: count(isMarginal) }),
    ...(skipped === 0 ? [] : [say("{n} skipped", { n: skipped })]),
    ...(voided === 0 ? [] : [say("{n} void: listed, not counted", { n: voided })]),
  ];
  const nothing =
    facts.attempts.length === 0 ? say("No attempt was made.") : say("Every attempt passed, none marginally.");
  const zone = zoneOf(facts);
  return [
    { type: "page" },
    { type: "section", text: say("What did not pass"), keep: 20 },
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
            columns: columns(say),
            rows: listed.map((attempt) => row(attempt, { zone, gone: gone.has(attempt.seq), language, say })),
          } as const,
        ]),
    { type: "gap", mm: 4.6 },
  ];
}

function row(attempt: AttemptRecord, { zone, gone, language, say }: How): Row {
  const { outcome } = attempt;
  const cells = [
    shortTime(attempt.endedAt, zone, language),
    attempt.barcode,
    attempt.slot,
    String(attempt.attempt),
    {
      text: `${gone ? `${say("void")} ` : ""}${markedVerdict(say, attempt).replace(`PASS ${say("marginal")}`, say("marginal"))}`,
      bold: !gone,
    },
    outcome.kind === "PASS" ? "" : outcome.failure.code,
    outcome.kind === "PASS" ? repeated(attempt, say) : place(attempt, say),
  ];
  if (outcome.kind === "PASS" || outcome.failure.detail === "") return { cells };
  return { cells, under: { text: outcome.failure.detail, from: 1 } };
}

function place({ steps, options }: AttemptRecord, say: Say): string {
  const step = steps.find(({ outcome }) => outcome !== "done");
  const deviating = options.filter(({ after, wanted }) => after !== null && after !== wanted);
  return [
    ...(step === undefined
      ? []
      : [say("{step}, after {s} s", { step: step.step, s: seconds(step.ms, say.language) })]),
    ...deviating.map(
      ({ name, wanted, after }) => `${name} ${optionValue(wanted)}, ${optionValue(after ?? 0)}`,
    ),
  ].join("; ");
}

function repeated({ steps }: AttemptRecord, say: Say): string {
  const again = steps.filter(({ retries }) => retries > 0);
  return again
    .map(({ step, retries }) =>
      retries === 1
        ? say("{step} repeated once", { step })
        : say("{step} repeated {n} times", { step, n: retries }),
    )
    .join("; ");
}
