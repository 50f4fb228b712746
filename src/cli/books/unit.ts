import { hexShort } from "../../lib/bytes.ts";
import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import { reasonOf, type KeptDeed } from "../../model/deed.ts";
import type { UnitLife } from "../../model/facts.ts";
import { openStore } from "../../store/open-store.ts";
import { decideBeside } from "../../store/record-beside.ts";
import { StationHeld } from "../../store/store-error.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { allowed, person } from "../person.ts";
import { refuseNoBooks } from "../refuse-no-books.ts";
import { toolVersion } from "../version.ts";

/** `unit WHAT`: the life of one unit, by barcode, serial or UID, or a part of one. */
export function unitCommand(what: string, data: string, io: Io): number {
  using store = openStore(data, { mode: "reader" });
  const search = store.unitLife(what);
  switch (search.kind) {
    case "none":
      io.err(`no unit has "${cleanText(what, 60)}" as barcode, serial or UID`);
      return exitCodes.usage;
    case "several":
      for (const unit of search.candidates) {
        if (io.json) io.out(visibleJson({ type: "candidate", ...unit }));
        else io.out(cleanText(`${unit.barcode}  ${unit.serials.join(", ")}  ${unit.uid ?? ""}`.trimEnd()));
      }
      io.err(`${search.candidates.length} units have "${cleanText(what, 60)}": one was expected`);
      return exitCodes.usage;
    case "found":
      if (io.json) io.out(visibleJson({ type: "unit", ...search.life }));
      else for (const line of lifeLines(search.life)) io.out(cleanText(line, 2000));
      return exitCodes.ok;
    default:
      return search satisfies never;
  }
}

export interface DecisionOptions {
  readonly kind: "void" | "rework" | "scrap";
  readonly what: string;
  /** `null`: the last one. */
  readonly attempt: number | null;
  readonly reason: string;
  readonly by: string | null;
  readonly data: string;
}

/** `unit void|rework|scrap WHAT`: what a person decides about a unit, for ever and with a reason. */
export function unitDecision(options: DecisionOptions, io: Io): number {
  const { kind, what, attempt, data } = options;
  refuseNoBooks(data);
  settleCrash(data);
  using store = openStore(data, { mode: "reader" });
  const search = store.unitLife(what);
  if (search.kind !== "found")
    throw new CommandError(
      search.kind === "none"
        ? `no unit has "${cleanText(what, 60)}" as barcode, serial or UID`
        : `${search.candidates.length} units have "${cleanText(what, 60)}": one was expected`,
    );
  const unit = { barcode: search.life.barcode, realm: search.life.realm };
  const who = allowed(store, person(options.by), kind === "void" ? ["void"] : ["void", "override"], "--by");
  const why = { reason: cleanText(options.reason, 500), by: who.name, role: who.role, at: new Date() };
  const deed = decideBeside(data, (by) => {
    switch (kind) {
      case "void":
        return by.voidAttempt(unit, attempt, why);
      case "rework":
        return by.reworkUnit(unit, why);
      case "scrap":
        return by.scrapUnit(unit, why);
      default:
        return kind satisfies never;
    }
  });
  if (io.json) io.out(visibleJson({ type: "deed", ...deed }));
  else io.out(cleanText(deedLine(deed), 2000));
  return exitCodes.ok;
}

/** What a crash had left open must not stand in the way; where a line runs, nothing is. */
function settleCrash(data: string): void {
  try {
    using store = openStore(data, { mode: "owner", station: null, timezone: null, toolVersion });
    store.recover();
  } catch (error) {
    if (!(error instanceof StationHeld)) throw error;
  }
}

function deedLine({ kind, at, by, detail, seq }: KeptDeed): string {
  const reason = reasonOf(detail);
  const attempt = typeof detail["attempt"] === "number" ? ` attempt ${detail["attempt"]}` : "";
  return `${kind}${attempt}  ${at.toISOString()}  by ${by}${reason === "" ? "" : `: ${reason}`}  (deed ${seq})`;
}

function lifeLines(life: UnitLife): string[] {
  return [
    `unit     ${life.barcode}`,
    `uid      ${life.uid ?? "never read"}`,
    ...life.serials.map(({ series, text, state }) => `serial   ${text}  ${state}, series ${series}`),
    `first    ${life.firstSeen.toISOString()}`,
    ...life.attempts.flatMap((attempt) => attemptLines(attempt, life.deeds)),
    ...life.elsewhere.flatMap((attempt) => [
      ...attemptLines(attempt, []),
      `  books    of ${attempt.books}${attempt.void === null ? "" : `; VOID there: ${attempt.void}`}`,
    ]),
    ...(life.deeds.length === 0 ? [] : [""]),
    ...life.deeds.map((deed) => `deed     ${deedLine(deed)}`),
  ];
}

function attemptLines(a: AttemptRecord, deeds: readonly KeptDeed[]): string[] {
  const { outcome } = a;
  const isVoid = deeds.some(({ kind, detail }) => kind === "unit-voided" && detail["record"] === a.seq);
  const end =
    outcome.kind === "PASS"
      ? `PASS${outcome.marginal ? " marginal" : ""}`
      : `${outcome.kind} ${outcome.failure.code}`;
  const marks = [isVoid ? "VOID" : "", a.trial ? "TRIAL" : "", a.realm === "sim" ? "SIMULATED" : ""]
    .filter((mark) => mark !== "")
    .join(" ");
  return [
    "",
    `attempt ${a.attempt}  ${a.startedAt.toISOString()}  ${end}  ${(a.ms / 1000).toFixed(1)} s  ${a.reason}${a.reworkReason === null ? "" : `: ${a.reworkReason}`}  ${marks}`.trimEnd(),
    `  where    ${a.station} ${a.slot}, ${a.port}, by ${a.operator}`,
    `  what     batch ${a.batch}, ${a.profile} revision ${a.revision}, hash ${a.profileHash.slice(0, 16)}`,
    ...(a.chip === null ? [] : [`  chip     ${a.chip.name}, ${a.chip.flashKiB} KiB`]),
    ...a.serials.map((s) => `  serial   ${s.text} ${s.state}`),
    ...a.options.map(
      (o) =>
        `  option   ${o.name}: wanted ${optionText(o.wanted)}, before ${optionText(o.before)}, after ${optionText(o.after)}`,
    ),
    `  steps    ${a.steps.map((s) => `${s.step} ${(s.ms / 1000).toFixed(2)} s${s.retries > 0 ? ` (${s.retries} again)` : ""}${s.outcome === "done" ? "" : ` ${s.outcome}`}`).join(", ")}`,
    ...(outcome.kind === "PASS" ? [] : [`  why      ${outcome.failure.detail}`]),
    ...a.notes.map((note) => `  note     ${note}`),
    `  record   ${a.seq}, hash ${a.hash.slice(0, 16)}`,
  ];
}

/** As the profile's author reads it in the manual: small values plain, bytes and words in hex. */
function optionText(value: number | null): string {
  if (value === null) return "not readable";
  return value < 10 ? String(value) : hexShort(value);
}
