import { ownUid } from "../model/attempt.ts";
import type { BoardRead } from "../job/read-board.ts";
import { wireOf } from "../model/port.ts";
import { Fault } from "../model/fault.ts";
import { record } from "./keep-books.ts";
import type { Input } from "./decide.ts";
import { lookUp } from "./look-up.ts";
import { orderNow, type Session } from "./session.ts";

/** One look-up at a time; a board that starts, or another look-up, ends it. */
export function looking(session: Session) {
  let now: { readonly stop: AbortController; readonly over: Promise<void> } | null = null;
  return {
    begin(slot: string | null, barcode: string | null): void {
      const stop = new AbortController();
      const over = look(session, slot, barcode, AbortSignal.any([stop.signal, session.stop]));
      now = { stop, over };
      session.keep(over);
    },
    async stop(): Promise<void> {
      now?.stop.abort();
      await now?.over;
      now = null;
    },
  };
}

/** F4: the board in a slot is read, or only the books are asked. */
async function look(
  session: Session,
  slot: string | null,
  barcode: string | null,
  signal: AbortSignal,
): Promise<void> {
  const { work, options, state } = session;
  const read =
    work === null || options.readBoard === null ? null : (name: string) => readSlot(session, name, signal);
  const place = options.station.slots.find(({ name }) => name === slot);
  const wire = place === undefined ? null : wireOf(place.port);
  const board = await lookUp({ slot, barcode, wire }, read, options.findUnit, options.books);
  if (signal.aborted) return;
  const { person } = state;
  if (person !== null && board.barcode !== null)
    record(session, {
      kind: "looked-up",
      by: person,
      barcode: board.barcode,
      slot,
      detail: { uid: board.uid },
    });
  session.post({ type: "looked-up", board });
}

async function readSlot(session: Session, name: string, signal: AbortSignal): Promise<BoardRead> {
  const progress = (share: number): void => session.post({ type: "look-up-progress", share });
  const { options, state } = session;
  const slot = options.station.slots.find((one) => one.name === name);
  const place = state.slots.find((one) => one.name === name)?.state;
  if (slot === undefined || options.readBoard === null) throw new Fault("STATION_BUG", `no slot ${name}`);
  const barcode = place !== undefined && "barcode" in place ? place.barcode : name;
  return await options.readBoard(slot, orderNow(session), barcode, progress, signal);
}

/** The board that is known to be good is read, and never written. */
export async function readGolden(session: Session, name: string): Promise<void> {
  const { options, state } = session;
  const { station } = options;
  const slot = station.slots.find((one) => one.name === name);
  const { golden } = station.rules;
  if (slot === undefined || golden === null || options.readBoard === null) return;
  let found: BoardRead | null = null;
  let code = "";
  try {
    found = await options.readBoard(slot, orderNow(session), golden.barcode, () => {}, session.stop);
  } catch (error) {
    code = error instanceof Fault ? error.code : "STATION_BUG";
  }
  const wanted = golden.uid ?? knownGolden(session, golden.barcode);
  const good = found !== null && (wanted === null || wanted === found.uid);
  const { person } = state;
  const detail = { good, uid: found?.uid ?? null, chip: found?.chip ?? null, code };
  const lost =
    person === null
      ? null
      : record(session, { kind: "golden-sample", by: person, barcode: golden.barcode, slot: name, detail });
  session.post(lost ?? { type: "golden-read", good });
}

/**
 * The UID of a golden sample whose station file names none: of the last time that it was good, else of its own record.
 * `null`: it was never seen, so that the first board that answers is it from now on.
 */
function knownGolden({ options: { books, findUnit } }: Session, barcode: string): string | null {
  const before = books
    .deeds({ barcode, kind: "golden-sample" })
    .findLast(({ detail }) => detail["good"] === true && typeof detail["uid"] === "string");
  const uid = before?.detail["uid"];
  if (typeof uid === "string") return uid;
  const unit = findUnit(barcode);
  const last = unit === null ? null : books.lastAttempt(unit.barcode, unit.realm);
  return last === null ? null : ownUid(last);
}

/** Is the station fit: asked at the start and after Enter. */
export async function checkFit(session: Session): Promise<Input> {
  try {
    session.checks = await session.options.checks();
  } catch {
    session.checks = [{ what: "permissions", state: "no", facts: {} }];
  }
  return { type: "fit", fit: session.checks.every((check) => check.state !== "no") };
}
