import { createHash } from "node:crypto";
import type { AttemptRecord } from "../model/attempt.ts";
import type { FirstArticle, GateRow } from "../model/panel.ts";
import { fieldsOf } from "../job/unit-fields.ts";
import type { Gate } from "./bench-state.ts";
import type { Books } from "./books.ts";
import type { Order } from "./order.ts";

/** How far the first article of an order is, by its deeds and records: a restart changes nothing. */
export function gateOf(books: Books, order: Order): Gate {
  if (!order.profile.firstArticle) return { kind: "open" };
  const deeds = books.deeds({
    batch: order.batch,
    kind: ["first-article-accepted", "first-article-refused"],
  });
  if (deeds.some(({ kind }) => kind === "first-article-accepted")) return { kind: "open" };
  const last = lastPass(books, order);
  const judged =
    last !== null && deeds.some(({ at, barcode }) => barcode === last.barcode && at >= last.endedAt);
  if (last === null || judged) return { kind: "wanted", by: null };
  return { kind: "waiting", slot: last.slot, barcode: last.barcode, madeBy: last.operator };
}

function lastPass(books: Books, order: Order): AttemptRecord | null {
  const attempts = books.batchFacts(order.batch)?.attempts ?? [];
  return attempts.findLast(({ outcome }) => outcome.kind === "PASS") ?? null;
}

/** What was wanted of the first article and what its record says that its chip said. */
export function articleOf(books: Books, order: Order, gate: Gate): FirstArticle | null {
  if (gate.kind !== "waiting") return null;
  const record = lastPass(books, order);
  if (record === null || record.barcode !== gate.barcode) return null;
  return { slot: gate.slot, barcode: gate.barcode, madeBy: gate.madeBy, rows: gateRows(order, record) };
}

const hashes = (texts: readonly string[]): string =>
  texts.length === 1 ? (texts[0] ?? "") : createHash("sha256").update(texts.join("\n")).digest("hex");

function gateRows(order: Order, record: AttemptRecord): readonly GateRow[] {
  const { profile } = order;
  const row = (
    what: GateRow["what"],
    wanted: string,
    found: string,
    same: boolean,
    name = "",
    address: number | null = null,
  ): GateRow => ({ what, name, address, wanted, found, same });
  const { chip, verify } = record;
  const proved = fieldsOf(profile, order.base, order.station.timezone, record);
  // Each field was read back with its sector and compared: what differs does not pass.
  const read = (text: string): string => (verify === null ? "" : text);
  const images = hashes(profile.images.map(({ sha256 }) => sha256));
  const used = hashes(record.images.map(({ sha256 }) => sha256));
  const launched = record.steps.find(({ step }) => step === "launch");
  return [
    row("chip", profile.chip.name, chip?.name ?? "", chip !== null),
    row("image", images, used, images === used),
    row(
      "verify",
      profile.verify,
      verify === null ? "" : `${verify.method}, ${verify.bytes} bytes`,
      verify !== null,
    ),
    ...(record.serial === null ? [] : [row("serial", record.serial, read(record.serial), verify !== null)]),
    ...(proved === null
      ? profile.data.map((field) => row("field", "", "", false, field.name, field.at))
      : proved.map(({ field, text }) =>
          row("field", text, read(text), verify !== null, field.name, field.at),
        )),
    ...record.options.map(({ name, wanted, after }) =>
      row("option", String(wanted), after === null ? "" : String(after), after === wanted, name),
    ),
    ...(launched === undefined
      ? []
      : [row("application", profile.after, `${launched.ms} ms`, launched.outcome === "done")]),
  ];
}
