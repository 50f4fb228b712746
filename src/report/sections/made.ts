import { hex32, hexShort } from "../../lib/bytes.ts";
import type { BatchFacts } from "../../model/facts.ts";
import { wilson } from "../../model/statistics.ts";
import type { Block, Figure } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import { firstPassFigure } from "../first-pass.ts";
import { countingOf } from "../run-facts.ts";
import { sayIn, type Say } from "../say.ts";
import { signLines } from "../paper/sign-lines.ts";
import { sealText } from "../paper/seal.ts";
import { bothTimes, zoneOf } from "../times.ts";
import { counted, distinct, hasFailed, isMarginal, markingOf, optionValue, percent } from "../words.ts";

type Pair = readonly [label: string, value: string];

/** What was made, of what, where, when, by whom; the figures; what is signed; the code of the chain head. */
export function made(facts: BatchFacts, definition: ReportDefinition): Block[] {
  const { batch } = facts;
  const say = sayIn(definition.language);
  return [
    {
      type: "title",
      text: `${definition.title} ${batch.id}`,
      under: say("{product}, revision {revision}", { product: batch.product, revision: batch.revision }),
      logo: definition.logo,
    },
    { type: "figures", figures: figures(facts, say) },
    ...[tally(facts, say), order(facts, say), recipe(facts, say), place(facts, say)].flatMap(
      (pairs): Block[] =>
        pairs.length === 0
          ? []
          : [
              { type: "pairs", pairs },
              { type: "gap", mm: 2.3 },
            ],
    ),
    {
      type: "foot",
      sign: markingOf(facts).trial ? [] : signLines(definition),
      seal: sealText(facts),
    },
  ];
}

function figures({ batch, counts }: BatchFacts, say: Say): Figure[] {
  const final = wilson(counts.passed, counts.seen);
  const wanted = batch.quantity === null ? say("no quantity was set") : say("units passed, of those wanted");
  return [
    { label: say("PASSED"), figure: `${counts.passed}/${batch.quantity ?? "-"}`, notes: [wanted] },
    firstPassFigure(say, counts),
    {
      label: say("FINAL"),
      figure: final === null ? "-" : percent(final.share, say.language),
      notes: [
        final === null
          ? say("no unit was tried")
          : say("{n} of {units} tried", { n: counts.passed, units: counted(say, counts.seen, "unit") }),
      ],
    },
  ];
}

function order(facts: BatchFacts, say: Say): Pair[] {
  const { batch, attempts } = facts;
  const zone = zoneOf(facts);
  const parts = distinct(attempts.flatMap(({ partNumber }) => (partNumber === null ? [] : [partNumber])));
  const when = (at: Date, who: string | null): string =>
    `${bothTimes(at, zone)}${who === null ? "" : `, ${say("by {who}", { who })}`}`;
  return [
    [
      say("Order"),
      `${batch.id}, ${batch.quantity === null ? say("open end") : say("{units} wanted", { units: counted(say, batch.quantity, "unit") })}`,
    ],
    [
      say("Product"),
      `${batch.product}${parts.length === 0 ? "" : `, ${say("part {part}", { part: parts.join(", ") })}`}`,
    ],
    [say("Opened"), when(batch.openedAt, batch.openedBy)],
    [
      say("Closed"),
      batch.closedAt === null
        ? say("not closed: an interim report, its figures may change")
        : when(batch.closedAt, batch.closedBy),
    ],
    ...worked(facts, zone, say),
  ];
}

function worked({ attempts }: BatchFacts, zone: string, say: Say): Pair[] {
  if (attempts.length === 0) return [[say("Worked"), say("no attempt was made")]];
  let first = Infinity;
  let last = -Infinity;
  for (const { startedAt, endedAt } of attempts) {
    first = Math.min(first, startedAt.getTime());
    last = Math.max(last, endedAt.getTime());
  }
  return [
    [say("First attempt began"), bothTimes(new Date(first), zone)],
    [say("Last attempt ended"), bothTimes(new Date(last), zone)],
    [say("Time zone"), zone],
  ];
}

function recipe(facts: BatchFacts, say: Say): Pair[] {
  const { batch, attempts } = facts;
  const profile = say("{product}, revision {revision}", { product: batch.profile, revision: batch.revision });
  const images = new Map(
    attempts.flatMap(({ images }) => images.map((image) => [imageText(image, say), image.sha256])),
  );
  const options = distinct(
    attempts.flatMap(({ options }) => options.map(({ name, wanted }) => `${name} ${optionValue(wanted)}`)),
  );
  const fields = distinct(attempts.flatMap(({ injected }) => injected?.fields ?? []));
  const verify = distinct(attempts.flatMap(({ verify }) => (verify === null ? [] : [verify.method])));
  return [
    [say("Profile"), profile],
    [say("Released"), releaseText(facts, say)],
    [say("Profile hash"), `SHA-256 ${batch.profileHash}`],
    ...[...images].flatMap(([text, hash]): Pair[] => [
      [say("Image"), text],
      ["", `SHA-256 ${hash}`],
    ]),
    [say("Chip settings wanted"), options.length === 0 ? say("none") : options.join(", ")],
    [say("Serial numbers"), serialText(facts, say)],
    [say("Data of each unit"), fields.length === 0 ? say("none") : fields.join(", ")],
    [say("Verified by"), verify.length === 0 ? "-" : verify.join(", ")],
  ];
}

/** A release that came after the attempts is none of theirs. */
function releaseText({ attempts, release, timezone }: BatchFacts, say: Say): string {
  const released = distinct(attempts.flatMap(({ releasedBy }) => (releasedBy === null ? [] : [releasedBy])));
  if (released.length === 0) return say("not released");
  const by = say("by {who}", { who: released.join(", ") });
  if (release === null) return by;
  const review =
    release.reviewedBy === null ? "" : `, ${say("reviewed by {who}", { who: release.reviewedBy })}`;
  return `${bothTimes(release.at, zoneOf({ timezone }))}, ${by}${review}`;
}

function serialText(facts: BatchFacts, say: Say): string {
  const { attempts, serials } = facts;
  const series = distinct(attempts.flatMap(({ serials }) => serials.map((serial) => serial.series)));
  if (series.length === 0) return say("none");
  const names = say("series {series}", { series: series.join(", ") });
  if (markingOf(facts).simulated !== "no")
    return `${names}; ${say("simulated boards take theirs from a shadow of it")}`;
  const range =
    serials.first === null
      ? ""
      : `; ${say("{first} to {last}", { first: serials.first, last: serials.last ?? serials.first })}`;
  return `${names}; ${say("{n} committed, {gone} void", { n: serials.committed, gone: serials.void })}${range}`;
}

interface Image {
  readonly file: string;
  readonly sha256: string;
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
}

/** The last address of a range is printed, the record's `end` is the one after it. */
function imageText({ file, ranges }: Image, say: Say): string {
  const places = ranges.map(({ start, end }) =>
    say("{from} to {to} ({n} bytes)", { from: hex32(start), to: hex32(end - 1), n: end - start }),
  );
  return `${file}; ${places.join(", ")}`;
}

function place({ attempts }: BatchFacts, say: Say): Pair[] {
  if (attempts.length === 0) return [];
  const chips = attempts.flatMap(({ chip }) =>
    chip === null
      ? []
      : [
          `${chip.name}${chip.productId === null ? "" : ` (${say("product id {id}", { id: hexShort(chip.productId) })})`}, ` +
            say("loader protocol {version}", { version: hexShort(chip.protocolVersion) }),
        ],
  );
  // A station file that was changed in the batch: one station, each of its configurations.
  const stations = distinct(attempts.map(({ station }) => station)).map((station) => {
    const hashes = attempts.filter((a) => a.station === station).map((a) => a.stationHash.slice(0, 16));
    return `${station}, ${say("configuration {hash}", { hash: distinct(hashes).join(", ") })}`;
  });
  return [
    [say("Chip, as it answered"), chips.length === 0 ? "-" : distinct(chips).join("; ")],
    [say("Station"), stations.join("; ")],
    [say("Wire"), distinct(attempts.map(({ wire }) => wire)).join(", ")],
    [say("Operator"), distinct(attempts.map(({ operator }) => operator)).join(", ")],
    [say("Tool"), distinct(attempts.map(({ toolVersion }) => `gangflash ${toolVersion}`)).join(", ")],
  ];
}

function tally(facts: BatchFacts, say: Say): Pair[] {
  const { counts, figures } = facts;
  const attempts = countingOf(facts);
  const number = (keep: (attempt: BatchFacts["attempts"][number]) => boolean): number =>
    attempts.reduce((sum, attempt) => sum + (keep(attempt) ? 1 : 0), 0);
  const retries = number(({ reason }) => reason === "retry");
  const reworks = number(({ reason }) => reason === "rework");
  return [
    [
      say("Units"),
      say("{seen} tried: {passed} passed ({marginal} marginal), {failed} not passed", {
        seen: counts.seen,
        passed: counts.passed,
        marginal: counts.marginal,
        failed: counts.failed,
      }),
    ],
    [
      say("Attempts"),
      say(
        "{all}: {passed} passed ({marginal} marginal), {failed} failed, {skipped} skipped; {retries} as retry, {reworks} as rework",
        {
          all: attempts.length,
          passed: number(({ outcome }) => outcome.kind === "PASS"),
          marginal: number(isMarginal),
          failed: number(hasFailed),
          skipped: number(({ outcome }) => outcome.kind === "SKIPPED"),
          retries,
          reworks,
        },
      ),
    ],
    ...(figures.reworked + figures.scrapped + figures.voided === 0
      ? []
      : [
          [
            say("Decided by people"),
            say("{units} reworked, {scrapped} scrapped, {attempts} void: those count in no figure but this", {
              units: counted(say, figures.reworked, "unit"),
              scrapped: figures.scrapped,
              attempts: counted(say, figures.voided, "attempt"),
            }),
          ] as const,
        ]),
  ];
}
