import type { Block } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import type { UnitFacts } from "../kinds/unit.ts";
import { sayIn } from "../say.ts";
import { signLines } from "../paper/sign-lines.ts";
import { bothTimes, zoneOf } from "../times.ts";
import { distinct, grouped, markedVerdict, markingOfAttempts, reasonsOfVoids } from "../words.ts";

/** What the unit is, and how it stands now. */
export function life(facts: UnitFacts, definition: ReportDefinition): Block[] {
  const { unit } = facts;
  const say = sayIn(definition.language);
  const zone = zoneOf(facts);
  const voids = reasonsOfVoids(unit.deeds);
  const last = unit.attempts.findLast(({ seq, outcome }) => outcome.kind !== "SKIPPED" && !voids.has(seq));
  const scrapped = unit.deeds.some(({ kind }) => kind === "unit-scrapped");
  const serials = unit.serials.map(
    ({ series, text, state }) => `${text} (${state}, ${say("series {series}", { series })})`,
  );
  return [
    {
      type: "title",
      text: `${definition.title} ${unit.barcode}`,
      under:
        last === undefined
          ? say("no attempt that counts")
          : say("{product}, revision {revision}", { product: last.product, revision: last.revision }),
      logo: definition.logo,
    },
    {
      type: "figures",
      figures: [
        {
          label: say("NOW"),
          figure: scrapped ? say("SCRAPPED") : last === undefined ? "-" : markedVerdict(say, last),
          notes: [
            last === undefined
              ? ""
              : `${say("record {n}", { n: last.seq })}, ${say("attempt {n}", { n: last.attempt })}`,
          ],
        },
        {
          label: say("ATTEMPTS"),
          figure: String(unit.attempts.length),
          notes: [voids.size === 0 ? say("none void") : say("{n} void", { n: voids.size })],
        },
        { label: say("SERIAL"), figure: last?.serial ?? "-", notes: [] },
      ],
    },
    {
      type: "pairs",
      pairs: [
        [say("Barcode"), unit.barcode],
        [say("UID of the chip"), unit.uid === null ? say("never read") : grouped(unit.uid, 8)],
        [
          say("How it was read"),
          distinct(unit.attempts.flatMap(({ uidHow }) => uidHow ?? [])).join(", ") || "-",
        ],
        [say("Numbers"), serials.length === 0 ? say("none") : serials.join(", ")],
        [say("Chip"), distinct(unit.attempts.flatMap(({ chip }) => chip?.name ?? [])).join(", ") || "-"],
        [say("Orders"), distinct(unit.attempts.map(({ batch }) => batch)).join(", ") || "-"],
        [say("First seen"), bothTimes(unit.firstSeen, zone)],
        [say("Time zone"), zone],
      ],
    },
    { type: "gap", mm: 4.6 },
    {
      type: "foot",
      sign: markingOfAttempts(unit.attempts).trial ? [] : signLines(definition),
      seal: null,
    },
  ];
}
