import type { BoardRead } from "../job/read-board.ts";
import { Fault } from "../model/fault.ts";
import { record } from "./keep-books.ts";
import type { Input } from "./decide.ts";
import { lookUp } from "./look-up.ts";
import { orderNow, type Session } from "./session.ts";

/** F4: the board in a slot is read, or only the books are asked. */
export async function look(session: Session, slot: string | null, barcode: string | null): Promise<void> {
  const { work, options, state } = session;
  const read = work === null || options.readBoard === null ? null : (name: string) => readSlot(session, name);
  const board = await lookUp({ slot, barcode }, read, options.findUnit, options.books);
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

async function readSlot(session: Session, name: string): Promise<BoardRead> {
  const { options, state } = session;
  const slot = options.station.slots.find((one) => one.name === name);
  const place = state.slots.find((one) => one.name === name)?.state;
  if (slot === undefined || options.readBoard === null) throw new Fault("STATION_BUG", `no slot ${name}`);
  const barcode = place !== undefined && "barcode" in place ? place.barcode : name;
  return await options.readBoard(slot, orderNow(session), barcode, session.stop);
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
    found = await options.readBoard(slot, orderNow(session), golden.barcode, session.stop);
  } catch (error) {
    code = error instanceof Fault ? error.code : "STATION_BUG";
  }
  const good = found !== null && (golden.uid === null || golden.uid === found.uid);
  const { person } = state;
  const detail = { good, uid: found?.uid ?? null, chip: found?.chip ?? null, code };
  const lost =
    person === null
      ? null
      : record(session, { kind: "golden-sample", by: person, barcode: golden.barcode, slot: name, detail });
  session.post(lost ?? { type: "golden-read", good });
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
