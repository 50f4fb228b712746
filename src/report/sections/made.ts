import { hex32, hexShort } from "../../lib/bytes.ts";
import type { BatchFacts } from "../../model/facts.ts";
import { wilson } from "../../model/statistics.ts";
import type { Block, Figure } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import { countingOf } from "../run-facts.ts";
import { sealText } from "../seal.ts";
import { bothTimes, zoneOf } from "../times.ts";
import {
  counted,
  distinct,
  hasFailed,
  isMarginal,
  markingOf,
  optionValue,
  percent,
  percentPoints,
} from "../words.ts";

type Pair = readonly [label: string, value: string];

/** What was made, of what, where, when, by whom; the figures; what is signed; the code of the chain head. */
export function made(facts: BatchFacts, definition: ReportDefinition): Block[] {
  const { batch } = facts;
  return [
    {
      type: "title",
      text: `${definition.title} ${batch.id}`,
      under: `${batch.product}, revision ${batch.revision}`,
      logo: definition.logo,
    },
    { type: "figures", figures: figures(facts) },
    ...[tally(facts), order(facts), recipe(facts), place(facts)].flatMap((pairs): Block[] =>
      pairs.length === 0
        ? []
        : [
            { type: "pairs", pairs },
            { type: "gap", mm: 2.3 },
          ],
    ),
    {
      type: "foot",
      sign: markingOf(facts).trial ? [] : definition.signatures,
      seal: sealText(facts),
    },
  ];
}

function figures({ batch, counts }: BatchFacts): Figure[] {
  const first = wilson(counts.firstPass, counts.firstSeen);
  const final = wilson(counts.passed, counts.seen);
  const wanted = batch.quantity === null ? "no quantity was set" : "units passed, of those wanted";
  return [
    { label: "PASSED", figure: `${counts.passed}/${batch.quantity ?? "-"}`, notes: [wanted] },
    {
      label: "FIRST PASS",
      figure: first === null ? "-" : percent(first.share),
      notes:
        first === null
          ? ["no unit was first seen here"]
          : [
              `${counts.firstPass} of ${counted(counts.firstSeen, "unit")} first seen here`,
              `Wilson 95%: ${percentPoints(first.low)} to ${percentPoints(first.high)}`,
            ],
    },
    {
      label: "FINAL",
      figure: final === null ? "-" : percent(final.share),
      notes: [
        final === null ? "no unit was tried" : `${counts.passed} of ${counted(counts.seen, "unit")} tried`,
      ],
    },
  ];
}

function order(facts: BatchFacts): Pair[] {
  const { batch, attempts } = facts;
  const zone = zoneOf(facts);
  const parts = distinct(attempts.flatMap(({ partNumber }) => (partNumber === null ? [] : [partNumber])));
  const when = (at: Date, who: string | null): string =>
    `${bothTimes(at, zone)}${who === null ? "" : `, by ${who}`}`;
  return [
    [
      "Order",
      `${batch.id}, ${batch.quantity === null ? "open end" : `${counted(batch.quantity, "unit")} wanted`}`,
    ],
    ["Product", `${batch.product}${parts.length === 0 ? "" : `, part ${parts.join(", ")}`}`],
    ["Opened", when(batch.openedAt, batch.openedBy)],
    [
      "Closed",
      batch.closedAt === null
        ? "not closed: an interim report, its figures may change"
        : when(batch.closedAt, batch.closedBy),
    ],
    ...worked(facts, zone),
  ];
}

function worked({ attempts }: BatchFacts, zone: string): Pair[] {
  if (attempts.length === 0) return [["Worked", "no attempt was made"]];
  let first = Infinity;
  let last = -Infinity;
  for (const { startedAt, endedAt } of attempts) {
    first = Math.min(first, startedAt.getTime());
    last = Math.max(last, endedAt.getTime());
  }
  return [
    ["First attempt began", bothTimes(new Date(first), zone)],
    ["Last attempt ended", bothTimes(new Date(last), zone)],
    ["Time zone", zone],
  ];
}

function recipe(facts: BatchFacts): Pair[] {
  const { batch, attempts } = facts;
  const released = distinct(attempts.flatMap(({ releasedBy }) => (releasedBy === null ? [] : [releasedBy])));
  const profile = `${batch.profile}, revision ${batch.revision}, ${
    released.length === 0 ? "not released" : `released by ${released.join(", ")}`
  }`;
  const images = new Map(
    attempts.flatMap(({ images }) => images.map((image) => [imageText(image), image.sha256])),
  );
  const options = distinct(
    attempts.flatMap(({ options }) => options.map(({ name, wanted }) => `${name} ${optionValue(wanted)}`)),
  );
  const fields = distinct(attempts.flatMap(({ injected }) => injected?.fields ?? []));
  const verify = distinct(attempts.flatMap(({ verify }) => (verify === null ? [] : [verify.method])));
  return [
    ["Profile", profile],
    ["Profile hash", `SHA-256 ${batch.profileHash}`],
    ...[...images].flatMap(([text, hash]): Pair[] => [
      ["Image", text],
      ["", `SHA-256 ${hash}`],
    ]),
    ["Chip settings wanted", options.length === 0 ? "none" : options.join(", ")],
    ["Serial numbers", serialText(facts)],
    ["Data of each unit", fields.length === 0 ? "none" : fields.join(", ")],
    ["Verified by", verify.length === 0 ? "-" : verify.join(", ")],
  ];
}

function serialText(facts: BatchFacts): string {
  const { attempts, serials } = facts;
  const series = distinct(attempts.flatMap(({ serials }) => serials.map((serial) => serial.series)));
  if (series.length === 0) return "none";
  const names = `series ${series.join(", ")}`;
  if (markingOf(facts).simulated !== "no")
    return `${names}; simulated boards take theirs from a shadow of it`;
  const range = serials.first === null ? "" : `; ${serials.first} to ${serials.last ?? serials.first}`;
  return `${names}; ${serials.committed} committed, ${serials.void} void${range}`;
}

interface Image {
  readonly file: string;
  readonly sha256: string;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** The last address of a range is printed, the record's `end` is the one after it. */
function imageText({ file, ranges }: Image): string {
  const places = ranges.map(
    ({ start, end }) => `${hex32(start)} to ${hex32(end - 1)} (${end - start} bytes)`,
  );
  return `${file}; ${places.join(", ")}`;
}

function place({ attempts }: BatchFacts): Pair[] {
  if (attempts.length === 0) return [];
  const chips = attempts.flatMap(({ chip }) =>
    chip === null
      ? []
      : [
          `${chip.name}${chip.productId === null ? "" : ` (product id ${hexShort(chip.productId)})`}, ` +
            `loader protocol ${hexShort(chip.protocolVersion)}`,
        ],
  );
  const stations = attempts.map((a) => `${a.station}, configuration ${a.stationHash.slice(0, 16)}`);
  return [
    ["Chip, as it answered", chips.length === 0 ? "-" : distinct(chips).join("; ")],
    ["Station", distinct(stations).join("; ")],
    ["Wire", distinct(attempts.map(({ wire }) => wire)).join(", ")],
    ["Operator", distinct(attempts.map(({ operator }) => operator)).join(", ")],
    ["Tool", distinct(attempts.map(({ toolVersion }) => `gangflash ${toolVersion}`)).join(", ")],
  ];
}

function tally(facts: BatchFacts): Pair[] {
  const { counts, figures } = facts;
  const attempts = countingOf(facts);
  const number = (keep: (attempt: BatchFacts["attempts"][number]) => boolean): number =>
    attempts.reduce((sum, attempt) => sum + (keep(attempt) ? 1 : 0), 0);
  const retries = number(({ reason }) => reason === "retry");
  const reworks = number(({ reason }) => reason === "rework");
  return [
    [
      "Units",
      `${counts.seen} tried: ${counts.passed} passed (${counts.marginal} marginal), ${counts.failed} not passed`,
    ],
    [
      "Attempts",
      `${attempts.length}: ${number(({ outcome }) => outcome.kind === "PASS")} passed ` +
        `(${number(isMarginal)} marginal), ${number(hasFailed)} failed, ` +
        `${number(({ outcome }) => outcome.kind === "SKIPPED")} skipped; ` +
        `${retries} as retry, ${reworks} as rework`,
    ],
    ...(figures.reworked + figures.scrapped + figures.voided === 0
      ? []
      : [
          [
            "Decided by people",
            `${counted(figures.reworked, "unit")} reworked, ${figures.scrapped} scrapped, ` +
              `${counted(figures.voided, "attempt")} void: those count in no figure but this`,
          ] as const,
        ]),
  ];
}
