import { errorText } from "../lib/thrown.ts";
import { newDeed } from "../model/deed.ts";
import type { RefusalCode } from "../model/refusal.ts";
import type { AtWork } from "../model/view.ts";
import type { Input } from "./decide.ts";
import type { BenchDeed } from "./decision.ts";
import { suspectsNow } from "./session-facts.ts";
import { orderOpened, type Session } from "./session.ts";
import { noTakt } from "./takt.ts";

/** Writes a deed down; what the bench learns by it, or that it could not be written. */
export function record({ work, options: { books, station } }: Session, deed: BenchDeed): Input | null {
  const { kind, by, barcode, slot, detail } = deed;
  const at = new Date();
  try {
    books.record(
      newDeed(kind, at, by.name, {
        role: by.role,
        batch: work?.order.batch ?? null,
        barcode,
        slot,
        detail: { ...detail, station: station.name },
      }),
    );
  } catch {
    return { type: "records-lost" };
  }
  if (kind !== "slot-retired" || slot === null) return null;
  const reason = String(detail["reason"] ?? "");
  return { type: "retired", slot, retirement: { reason, by: by.name, at } };
}

export async function checkPin({ options: { books } }: Session, name: string, pin: string): Promise<Input> {
  try {
    return { type: "pin-checked", person: await books.personByPin(name, pin) };
  } catch {
    // Too many wrong ones: everybody waits for this name.
    return { type: "pin-checked", person: null };
  }
}

export async function openOrder(session: Session, text: string): Promise<Input> {
  const { options, state } = session;
  const no = (code: RefusalCode, of = ""): Input => ({ type: "order-refused", text, code, of });
  if (options.openWork === null) return no("SCAN_FORMAT");
  try {
    const opened = await options.openWork(text, state.person?.name ?? "");
    if (!("order" in opened)) return no(opened.code, opened.of);
    session.work = opened;
    session.takt = noTakt;
    session.suspicious = suspectsNow(session);
    session.labels?.resume(opened.order.batch);
    return orderOpened(opened, options.books);
  } catch (error) {
    return no("ORDER_BROKEN", errorText(error));
  }
}

export function closeOrder(session: Session, by: AtWork): Input {
  const { work } = session;
  if (work === null) return { type: "order-closed" };
  try {
    session.options.books.closeBatch(work.order.batch, by.name, new Date());
  } catch {
    return { type: "records-lost" };
  }
  session.work = null;
  return { type: "order-closed" };
}
