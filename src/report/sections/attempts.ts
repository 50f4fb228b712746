import { hexShort } from "../../lib/bytes.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import type { Block } from "../block.ts";
import type { UnitFacts } from "../kinds/unit.ts";
import { bothTimes, localTime, zoneOf } from "../times.ts";
import { grouped, markedVerdict, optionValue, reasonsOfVoids, seconds } from "../words.ts";

/** Each attempt of a unit with all that its record says. */
export function attempts(facts: UnitFacts): Block[] {
  const zone = zoneOf(facts);
  const voids = reasonsOfVoids(facts.unit.deeds);
  const own = facts.unit.attempts.map((attempt) => ({ attempt, gone: voids.get(attempt.seq), books: "" }));
  const others = facts.unit.elsewhere.map((attempt) => ({
    attempt,
    gone: attempt.void ?? undefined,
    books: `, in the books of ${attempt.books}`,
  }));
  return [...own, ...others].flatMap(({ attempt, gone, books }): Block[] => [
    {
      type: "section",
      text:
        `Attempt ${attempt.attempt}, ${localTime(attempt.endedAt, zone)}, ` +
        `${gone === undefined ? "" : "void "}${markedVerdict(attempt)}` +
        `${attempt.outcome.kind === "PASS" ? "" : ` ${attempt.outcome.failure.code}`}${books}`,
      keep: 24,
    },
    { type: "pairs", pairs: pairsOf(attempt, zone, gone) },
    ...steps(attempt),
    ...settings(attempt),
    { type: "gap", mm: 4.6 },
  ]);
}

function pairsOf(a: AttemptRecord, zone: string, gone: string | undefined): [string, string][] {
  const { outcome, chip, verify, injected } = a;
  return [
    ...(gone === undefined ? [] : ([["Void", gone]] as [string, string][])),
    ...(outcome.kind === "PASS"
      ? []
      : ([["Why", `${outcome.failure.message} ${outcome.failure.detail}`]] as [string, string][])),
    ["Reason", `${a.reason}${a.reworkReason === null ? "" : `: ${a.reworkReason}`}`],
    ["Began", bothTimes(a.startedAt, zone)],
    ["Ended", `${bothTimes(a.endedAt, zone)}; ${seconds(a.ms)} s`],
    [
      "Place",
      `station ${a.station}, slot ${a.slot}, ${a.port}${a.bitRate === null ? "" : `, ${a.bitRate} bit/s`}`,
    ],
    ["Operator", a.operator],
    ["Order", a.batch],
    [
      "Profile",
      `${a.profile}, revision ${a.revision}, ${a.releasedBy === null ? "not released" : `released by ${a.releasedBy}`}`,
    ],
    ["", `SHA-256 ${a.profileHash}`],
    ...a.images.map(({ file, sha256 }): [string, string] => ["Image", `${file}, SHA-256 ${sha256}`]),
    [
      "Chip",
      chip === null
        ? "did not answer"
        : `${chip.name}, ${chip.flashKiB} KiB, loader protocol ${hexShort(chip.protocolVersion)}`,
    ],
    ["UID", a.uid === null ? "not read" : `${grouped(a.uid, 8)}, ${a.uidHow ?? ""}`],
    ["Numbers", a.serials.map(({ text, state }) => `${text} ${state}`).join(", ") || "none"],
    ["Data", injected === null ? "none" : `${injected.fields.join(", ")}; SHA-256 ${injected.hash}`],
    ["Verified", verify === null ? "no" : `${verify.method}, ${verify.bytes} bytes, SHA-256 ${verify.hash}`],
    ...a.notes.map((note): [string, string] => ["Note", note]),
    ["Tool", `gangflash ${a.toolVersion}, configuration ${a.stationHash.slice(0, 16)}`],
    ["Record", `${a.seq}, hash ${a.hash}`],
  ];
}

function steps({ steps: all }: AttemptRecord): Block[] {
  if (all.length === 0) return [];
  return [
    { type: "gap", mm: 1.5 },
    {
      type: "table",
      columns: [
        { head: "step", mm: 38, align: "left" },
        { head: "s", mm: 16, align: "right" },
        { head: "bytes", mm: 24, align: "right" },
        { head: "repeated", mm: 20, align: "right" },
        { head: "end", mm: 80, align: "left" },
      ],
      rows: all.map(({ step, ms, bytes, retries, outcome, code }) => ({
        cells: [
          step,
          (ms / 1000).toFixed(2),
          bytes === 0 ? "" : String(bytes),
          retries === 0 ? "" : String(retries),
          `${outcome}${code === null ? "" : ` ${code}`}`,
        ],
      })),
    },
  ];
}

function settings({ options }: AttemptRecord): Block[] {
  if (options.length === 0) return [];
  const shown = (value: number | null): string => (value === null ? "not readable" : optionValue(value));
  return [
    { type: "gap", mm: 1.5 },
    {
      type: "table",
      columns: [
        { head: "chip setting", mm: 38, align: "left" },
        { head: "wanted", mm: 30, align: "left" },
        { head: "before", mm: 30, align: "left" },
        { head: "after reset", mm: 80, align: "left" },
      ],
      rows: options.map(({ name, wanted, before, after }) => ({
        cells: [name, optionValue(wanted), shown(before), shown(after)],
      })),
    },
  ];
}
