import { hexShort } from "../../lib/bytes.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import type { Block } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import type { UnitFacts } from "../kinds/unit.ts";
import { sayIn, type Say } from "../say.ts";
import { bothTimes, localTime, zoneOf } from "../times.ts";
import { decimal, grouped, markedVerdict, optionValue, reasonsOfVoids, seconds } from "../words.ts";

/** Each attempt of a unit with all that its record says. */
export function attempts(facts: UnitFacts, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  const zone = zoneOf(facts);
  const voids = reasonsOfVoids(facts.unit.deeds);
  const own = facts.unit.attempts.map((attempt) => ({ attempt, gone: voids.get(attempt.seq), books: "" }));
  const others = facts.unit.elsewhere.map((attempt) => ({
    attempt,
    gone: attempt.void ?? undefined,
    books: `, ${say("in the books of {station}", { station: attempt.books })}`,
  }));
  return [...own, ...others].flatMap(({ attempt, gone, books }): Block[] => [
    {
      type: "section",
      text:
        `${say("Attempt {n}", { n: attempt.attempt })}, ${localTime(attempt.endedAt, zone)}, ` +
        `${gone === undefined ? "" : `${say("void")} `}${markedVerdict(say, attempt)}` +
        `${attempt.outcome.kind === "PASS" ? "" : ` ${attempt.outcome.failure.code}`}${books}`,
      keep: 24,
    },
    { type: "pairs", pairs: pairsOf(attempt, zone, gone, say) },
    ...steps(attempt, say),
    ...settings(attempt, say),
    { type: "gap", mm: 4.6 },
  ]);
}

function pairsOf(a: AttemptRecord, zone: string, gone: string | undefined, say: Say): [string, string][] {
  const { outcome, chip, verify, injected } = a;
  return [
    ...(gone === undefined ? [] : ([[say("Void"), gone]] as [string, string][])),
    ...(outcome.kind === "PASS"
      ? []
      : ([[say("Why"), `${outcome.failure.message} ${outcome.failure.detail}`]] as [string, string][])),
    [say("Reason"), `${a.reason}${a.reworkReason === null ? "" : `: ${a.reworkReason}`}`],
    [say("Began"), bothTimes(a.startedAt, zone)],
    [say("Ended"), `${bothTimes(a.endedAt, zone)}; ${seconds(a.ms, say.language)} s`],
    [
      say("Place"),
      `${say("station {station}, slot {slot}", { station: a.station, slot: a.slot })}, ${a.port}${a.bitRate === null ? "" : `, ${a.bitRate} bit/s`}`,
    ],
    [say("Operator"), a.operator],
    [say("Order"), a.batch],
    [
      say("Profile"),
      `${say("{product}, revision {revision}", { product: a.profile, revision: a.revision })}, ${a.releasedBy === null ? say("not released") : say("released by {who}", { who: a.releasedBy })}`,
    ],
    ["", `SHA-256 ${a.profileHash}`],
    ...a.images.map(({ file, sha256 }): [string, string] => [say("Image"), `${file}, SHA-256 ${sha256}`]),
    [
      say("Chip"),
      chip === null
        ? say("did not answer")
        : `${chip.name}, ${chip.flashKiB} KiB, ${say("loader protocol {version}", { version: hexShort(chip.protocolVersion) })}`,
    ],
    ["UID", a.uid === null ? say("not read") : `${grouped(a.uid, 8)}, ${a.uidHow ?? ""}`],
    [say("Numbers"), a.serials.map(({ text, state }) => `${text} ${state}`).join(", ") || say("none")],
    [
      say("Data"),
      injected === null ? say("none") : `${injected.fields.join(", ")}; SHA-256 ${injected.hash}`,
    ],
    [
      say("Verified"),
      verify === null
        ? say("no")
        : `${verify.method}, ${say("{n} bytes", { n: verify.bytes })}, SHA-256 ${verify.hash}`,
    ],
    ...a.notes.map((note): [string, string] => [say("Note"), note]),
    [
      say("Tool"),
      `gangflash ${a.toolVersion}, ${say("configuration {hash}", { hash: a.stationHash.slice(0, 16) })}`,
    ],
    [say("Record"), say("{n}, hash {hash}", { n: a.seq, hash: a.hash })],
  ];
}

function steps({ steps: all }: AttemptRecord, say: Say): Block[] {
  if (all.length === 0) return [];
  return [
    { type: "gap", mm: 1.5 },
    {
      type: "table",
      columns: [
        { head: say("step"), mm: 38, align: "left" },
        { head: "s", mm: 16, align: "right" },
        { head: say("bytes"), mm: 24, align: "right" },
        { head: say("repeated"), mm: 20, align: "right" },
        { head: say("end"), mm: 80, align: "left" },
      ],
      rows: all.map(({ step, ms, bytes, retries, outcome, code }) => ({
        cells: [
          step,
          decimal(ms / 1000, 2, say.language),
          bytes === 0 ? "" : String(bytes),
          retries === 0 ? "" : String(retries),
          `${outcome}${code === null ? "" : ` ${code}`}`,
        ],
      })),
    },
  ];
}

function settings({ options }: AttemptRecord, say: Say): Block[] {
  if (options.length === 0) return [];
  const shown = (value: number | null): string => (value === null ? say("not readable") : optionValue(value));
  return [
    { type: "gap", mm: 1.5 },
    {
      type: "table",
      columns: [
        { head: say("chip setting"), mm: 38, align: "left" },
        { head: say("wanted"), mm: 30, align: "left" },
        { head: say("before"), mm: 30, align: "left" },
        { head: say("after reset"), mm: 80, align: "left" },
      ],
      rows: options.map(({ name, wanted, before, after }) => ({
        cells: [name, optionValue(wanted), shown(before), shown(after)],
      })),
    },
  ];
}
