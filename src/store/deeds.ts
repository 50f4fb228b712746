import { chainStart, deedHash } from "../model/chain.ts";
import {
  retiredOf,
  type Deed,
  type DeedFilter,
  type DeedKind,
  type KeptDeed,
  type Retirement,
} from "../model/deed.ts";
import { writing, type Connection } from "./file/connection.ts";
import { query } from "./file/query.ts";
import { StoreError } from "./store-error.ts";
import type { ChainHead } from "./terms.ts";

/** A row of the chain of deeds, as it is read back. */
export interface DeedRow {
  readonly seq: number;
  readonly body: string;
  readonly previous_hash: string;
  readonly hash: string;
}

type DeedBody = Deed & { readonly seq: number };

/** The text that is stored and hashed. */
const deedText = ({ seq, kind, at, by, role, realm, batch, barcode, slot, detail }: DeedBody): string =>
  JSON.stringify({ seq, kind, at, by, role, realm, batch, barcode, slot, detail });

/** The deed of a stored text; throws a SyntaxError or RangeError for one that is not whole. */
export function readDeed({ body, previous_hash, hash }: Omit<DeedRow, "seq">): KeptDeed {
  // `deedText` wrote exactly this type, with a text for its date; the chain proves that it is still the same text.
  const said = JSON.parse(body) as Omit<DeedBody, "at"> & { readonly at: string };
  const at = new Date(said.at);
  if (Number.isNaN(at.getTime())) throw new RangeError(`"${said.at}" is not a time`);
  return { ...said, at, previousHash: previous_hash, hash };
}

/** Throws StoreError `damaged` for a row that says nothing. */
function toDeed(row: DeedRow): KeptDeed {
  try {
    return readDeed(row);
  } catch (error) {
    throw new StoreError("damaged", `deed ${row.seq} cannot be read: run an audit`, { cause: error });
  }
}

const utf8 = (text: string | null): string | null => text?.toWellFormed() ?? null;

/** The columns that queries use, as the deed has them; `audit` holds them against each row. */
export const deedColumns: readonly {
  readonly name: string;
  readonly of: (deed: DeedBody) => string | number | null;
}[] = [
  { name: "seq", of: (d) => d.seq },
  { name: "kind", of: (d) => d.kind },
  { name: "at", of: (d) => d.at.toISOString() },
  { name: "by", of: (d) => utf8(d.by) },
  { name: "realm", of: (d) => d.realm },
  { name: "batch", of: (d) => utf8(d.batch) },
  { name: "barcode", of: (d) => utf8(d.barcode) },
  { name: "slot", of: (d) => utf8(d.slot) },
  { name: "record", of: ({ detail: { record } }) => (typeof record === "number" ? record : null) },
];

export interface DeedReads {
  deedHead(): ChainHead | null;
  deeds(filter?: DeedFilter): readonly KeptDeed[];
  /** The same of one barcode, in half the time. */
  deedsOfUnit(barcode: string): readonly KeptDeed[];
  retiredSlots(station: string): ReadonlyMap<string, Retirement>;
}

interface Asked {
  readonly batch: string | null;
  readonly barcode: string | null;
  readonly slot: string | null;
  readonly kinds: string | null;
  readonly limit: number;
}

export function deedReads(db: Connection): DeedReads {
  const last = query<[], ChainHead>(db, "SELECT seq, hash FROM deeds ORDER BY seq DESC LIMIT 1");
  const columns = "SELECT seq, body, previous_hash, hash FROM deeds";

  const ofUnit = query<[string], DeedRow>(db, `${columns} WHERE barcode = ? ORDER BY seq`);

  /** Only what is asked for stands in the statement, so that each question finds its index. */
  function ask({ batch, barcode, slot, kind, limit }: DeedFilter): DeedRow[] {
    const kinds: readonly DeedKind[] | null =
      kind === undefined ? null : typeof kind === "string" ? [kind] : kind;
    const conditions = [
      ...(batch === undefined ? [] : ["batch = @batch"]),
      ...(barcode === undefined ? [] : ["barcode = @barcode"]),
      ...(slot === undefined ? [] : ["slot = @slot"]),
      ...(kinds === null ? [] : ["kind IN (SELECT value FROM json_each(@kinds))"]),
    ];
    const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
    const newest = query<[Asked], DeedRow>(db, `${columns} ${where} ORDER BY seq DESC LIMIT @limit`);
    return newest
      .all({
        batch: batch ?? null,
        barcode: barcode ?? null,
        slot: slot ?? null,
        kinds: kinds === null ? null : JSON.stringify(kinds),
        // SQLite's "no limit".
        limit: limit ?? -1,
      })
      .toReversed();
  }

  return {
    deedHead: () => last.get() ?? null,
    deedsOfUnit: (barcode) => ofUnit.all(barcode).map(toDeed),
    deeds: (filter = {}) => ask(filter).map(toDeed),
    retiredSlots: (station) =>
      retiredOf(ask({ kind: ["slot-retired", "slot-restored"] }).map(toDeed), station),
  };
}

/** Writes the next deed of the chain; a transaction of its own, or a part of the caller's. */
export function deedWriter(db: Connection): (deed: Deed) => KeptDeed {
  const head = query<[], ChainHead>(db, "SELECT seq, hash FROM deeds ORDER BY seq DESC LIMIT 1");
  const names = [...deedColumns.map(({ name }) => name), "body", "previous_hash", "hash"];
  const insert = query<[Readonly<Record<string, string | number | null>>]>(
    db,
    `INSERT INTO deeds (${names.join(", ")}) VALUES (${names.map((name) => `@${name}`).join(", ")})`,
  );
  return writing(db, (deed: Deed): KeptDeed => {
    const before = head.get() ?? { seq: 0, hash: chainStart };
    const whole = { ...deed, seq: before.seq + 1 };
    const body = deedText(whole);
    const hash = deedHash(before.hash, whole.seq, body);
    const columns = deedColumns.map(({ name, of }) => [name, of(whole)] as const);
    insert.run({ ...Object.fromEntries(columns), body, previous_hash: before.hash, hash });
    return { ...whole, previousHash: before.hash, hash };
  });
}
