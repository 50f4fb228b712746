import type { BoardRead } from "../job/read-board.ts";
import type { Wire } from "../model/family.ts";
import { ownUid, type AttemptRecord } from "../model/attempt.ts";
import { toFault } from "../model/fault.ts";
import { hex32 } from "../lib/bytes.ts";
import { cleanText } from "../lib/clean-text.ts";
import type { Realm } from "../model/ledger.ts";
import { unreadBoard, type LifeLine, type LookUp } from "../model/panel.ts";
import { fieldText } from "../job/unit-fields.ts";
import type { Books } from "./books.ts";

/** Finds the unit that has this UID or barcode; the books' own search. */
export type FindUnit = (what: string) => {
  readonly barcode: string;
  readonly realm: Realm;
  /** Attempts in the books of other stations that were taken in. */
  readonly elsewhere: readonly (AttemptRecord & { readonly books: string })[];
  /** Its first record here whose text is not the one that was hashed, or `null`. */
  readonly changed: number | null;
} | null;

export interface LookUpAsk {
  /** `null`: only the books are asked. */
  readonly slot: string | null;
  readonly barcode: string | null;
  /** The wire of the slot; `null` where there is none. */
  readonly wire: Wire | null;
}

/** What a board that is plugged in, or a label, is known as. Nothing is written, neither to the board nor of it. */
export async function lookUp(
  ask: LookUpAsk,
  read: ((slot: string) => Promise<BoardRead>) | null,
  find: FindUnit,
  books: Books,
): Promise<LookUp> {
  let board: BoardRead | null = null;
  if (ask.slot !== null) {
    if (read === null) return { ...unreadBoard, state: "failed", slot: ask.slot };
    try {
      board = await read(ask.slot);
    } catch (error) {
      return { ...unreadBoard, state: "failed", code: toFault(error).code, slot: ask.slot };
    }
  }
  const what = ask.barcode ?? board?.uid ?? null;
  const serial = board === null ? "" : textIn(board, "{serial}");
  const found = (what === null ? null : find(what)) ?? (serial === "" ? null : find(serial));
  const own = found === null ? [] : books.attemptsOf(found.barcode, found.realm);
  const attempts = [...own, ...(found?.elsewhere ?? [])].toSorted(
    (a, b) => a.startedAt.getTime() - b.startedAt.getTime(),
  );
  const pass = attempts.findLast(({ outcome }) => outcome.kind === "PASS") ?? attempts.at(-1);
  return {
    ...unreadBoard,
    state: "read",
    slot: ask.slot,
    barcode: found?.barcode ?? ask.barcode,
    uid: board?.uid ?? (pass === undefined ? null : ownUid(pass)),
    chip: board?.chip ?? pass?.chip?.name ?? null,
    unit: pass === undefined ? null : unitOf(pass),
    inChip: board === null ? [] : inChip(board, pass),
    records: own.map(({ seq }) => seq),
    changed: found?.changed ?? null,
    elsewhere: (found?.elsewhere ?? []).map(({ books: station, seq }) => ({ station, seq })),
    wire: board === null ? null : ask.wire,
    life: lifeOf(attempts, found?.barcode ?? null, books),
  };
}

function unitOf(record: AttemptRecord): NonNullable<LookUp["unit"]> {
  const { product, revision, batch, serial, serials } = record;
  const state = serials.find(({ text }) => text === serial)?.state ?? null;
  return { product, revision, batch, serial, serialState: state };
}

function inChip(board: BoardRead, record: AttemptRecord | undefined): LookUp["inChip"] {
  const uid = record === undefined ? null : ownUid(record);
  return [
    { what: "chip", same: record?.chip == null ? null : record.chip.name === board.chip, found: board.chip },
    {
      what: "uid",
      same: board.uid === null || uid === null ? null : uid === board.uid,
      found: board.uid ?? "",
    },
    ...numberIn(board, record, "serial"),
    ...numberIn(board, record, "mac"),
    {
      what: "image",
      same: board.image,
      found: board.differsAt === null ? "" : hex32(board.differsAt),
    },
    protection(board, record),
  ];
}

/** The level as the chip has it now, beside the one that its record proved. */
function protection({ rdp }: BoardRead, record: AttemptRecord | undefined): LookUp["inChip"][number] {
  if (rdp === null) return { what: "protection", same: null, found: "" };
  const found = rdp.toString(16).toUpperCase().padStart(2, "0");
  const proved = record?.options.find(({ name }) => name === "RDP")?.after ?? null;
  return { what: "protection", same: proved === null ? null : proved === rdp, found };
}

/** The text of the field that holds nothing but this token; "": there is none, or nothing in it. */
function textIn({ fields }: BoardRead, token: string): string {
  const own = fields.find(({ field }) => "value" in field && field.value === token);
  return own === undefined || own.bytes === null ? "" : cleanText(fieldText(own.field, own.bytes), 40);
}

/** A number of the unit as the chip has it, beside what the books say. */
function numberIn(
  board: BoardRead,
  record: AttemptRecord | undefined,
  what: "serial" | "mac",
): LookUp["inChip"] {
  const token = `{${what}}`;
  if (!board.fields.some(({ field }) => "value" in field && field.value === token)) return [];
  const found = textIn(board, token);
  if (found === "" || record === undefined)
    return [{ what, same: record === undefined ? null : false, found }];
  return [{ what, same: record.serials.some(({ text }) => text === found), found }];
}

function lifeOf(
  attempts: readonly AttemptRecord[],
  barcode: string | null,
  books: Books,
): readonly LifeLine[] {
  const tries = attempts.map((one): LifeLine => ({
    attempt: one.attempt,
    at: one.startedAt,
    station: one.station,
    slot: one.slot,
    wire: one.wire,
    by: one.operator,
    outcome: one.outcome.kind,
    remark: one.outcome.kind === "PASS" ? (one.reworkReason ?? "") : one.outcome.failure.code,
  }));
  const deeds = barcode === null ? [] : books.deeds({ barcode });
  const done = deeds.map((deed): LifeLine => {
    const station = deed.detail["station"];
    return {
      attempt: null,
      at: deed.at,
      station: typeof station === "string" ? station : "",
      slot: deed.slot,
      wire: null,
      by: deed.by,
      outcome: null,
      remark: deed.kind,
    };
  });
  return [...tries, ...done].toSorted((a, b) => a.at.getTime() - b.at.getTime());
}
