import type { Block } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import type { UnitFacts } from "../kinds/unit.ts";
import { bothTimes, zoneOf } from "../times.ts";
import { distinct, grouped, markedVerdict, markingOfAttempts, reasonsOfVoids } from "../words.ts";

/** What the unit is, and how it stands now. */
export function life(facts: UnitFacts, definition: ReportDefinition): Block[] {
  const { unit } = facts;
  const zone = zoneOf(facts);
  const voids = reasonsOfVoids(unit.deeds);
  const last = unit.attempts.findLast(({ seq, outcome }) => outcome.kind !== "SKIPPED" && !voids.has(seq));
  const scrapped = unit.deeds.some(({ kind }) => kind === "unit-scrapped");
  const serials = unit.serials.map(({ series, text, state }) => `${text} (${state}, series ${series})`);
  return [
    {
      type: "title",
      text: `${definition.title} ${unit.barcode}`,
      under: last === undefined ? "no attempt that counts" : `${last.product}, revision ${last.revision}`,
      logo: definition.logo,
    },
    {
      type: "figures",
      figures: [
        {
          label: "NOW",
          figure: scrapped ? "SCRAPPED" : last === undefined ? "-" : markedVerdict(last),
          notes: [last === undefined ? "" : `record ${last.seq}, attempt ${last.attempt}`],
        },
        {
          label: "ATTEMPTS",
          figure: String(unit.attempts.length),
          notes: [voids.size === 0 ? "none void" : `${voids.size} void`],
        },
        { label: "SERIAL", figure: last?.serial ?? "-", notes: [] },
      ],
    },
    {
      type: "pairs",
      pairs: [
        ["Barcode", unit.barcode],
        ["UID of the chip", unit.uid === null ? "never read" : grouped(unit.uid, 8)],
        ["How it was read", distinct(unit.attempts.flatMap(({ uidHow }) => uidHow ?? [])).join(", ") || "-"],
        ["Numbers", serials.length === 0 ? "none" : serials.join(", ")],
        ["Chip", distinct(unit.attempts.flatMap(({ chip }) => chip?.name ?? [])).join(", ") || "-"],
        ["Orders", distinct(unit.attempts.map(({ batch }) => batch)).join(", ") || "-"],
        ["First seen", bothTimes(unit.firstSeen, zone)],
        ["Time zone", zone],
      ],
    },
    { type: "gap", mm: 4.6 },
    {
      type: "foot",
      sign: markingOfAttempts(unit.attempts).trial ? [] : definition.signatures,
      seal: null,
    },
  ];
}
