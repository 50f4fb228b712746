import type { AttemptRecord } from "../../../src/model/attempt.ts";
import type { Connection } from "../../../src/store/file/connection.ts";
import { StoreError } from "../../../src/store/store-error.ts";
import type { Store } from "../../../src/store/store.ts";
import { must } from "../../reliability/random.ts";
import {
  batchOpening,
  dataFolder,
  morning,
  opening,
  overConnection,
  pass,
  raw,
  serialSpec,
  stepDone,
  unlocked,
} from "./books.ts";

const noLimit = 1_073_741_823;

/** A disk that is full again and again, after every few pages; each time somebody makes room. */
class TightDisk {
  readonly #db: Connection;
  readonly #room: number;
  refusals = 0;

  constructor(db: Connection, room: number) {
    this.#db = db;
    this.#room = room;
    this.#fill();
  }

  /** Does it, if need be once more after room was made; in between nothing may have happened. */
  write<T>(store: Store, told: readonly AttemptRecord[], act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind !== "full") throw error;
      this.refusals += 1;
      if (store.head()?.seq !== told.at(-1)?.seq)
        throw new Error("refused, and yet there is a row", { cause: error });
      this.#db.pragma(`max_page_count = ${noLimit}`);
      const answer = act();
      this.#fill();
      return answer;
    }
  }

  #fill(): void {
    const pages = Number(this.#db.pragma("page_count", { simple: true }));
    this.#db.pragma(`max_page_count = ${pages + this.#room}`);
  }
}

function tightShift(store: Store, disk: TightDisk): AttemptRecord[] {
  const told: AttemptRecord[] = [];
  const write = <T>(act: () => T): T => disk.write(store, told, act);
  for (let i = 0; i < 6; i += 1) {
    const barcode = `UNIT-${i}`;
    const specs = [serialSpec("consume-on-success")];
    const [numbers = []] = write(() => store.reserveGang([{ barcode, realm: "line", specs }]));
    const attempt = write(() => store.openAttempt(opening(barcode), numbers));
    write(() => store.bindUid(attempt, `uid${i}`));
    for (let n = 0; n < 4; n += 1) {
      write(() => store.journal(attempt, { type: "note", text: "x".repeat(700), ms: n }));
      write(() => store.journal(attempt, stepDone));
    }
    write(() => store.markWritten(attempt));
    told.push(write(() => store.closeAttempt(attempt, { at: morning, ms: 1, outcome: pass })));
  }
  return told;
}

/**
 * A shift of six units over a disk that is full again and again; `i` varies where. SQLite alone looks at what is left.
 * Returns at how many writes there was no room; throws where something was told that is not there, or happened by halves.
 */
export function fullDiskShift(i: number): number {
  const folder = dataFolder();
  const first = unlocked(folder);
  first.openBatch(batchOpening());
  for (let n = 0; n < i % 7; n += 1)
    first.keepProfile({ hash: `${n}`, name: "n", revision: "r", text: "t".repeat(1500) });
  first.close();
  const { db, store } = overConnection(folder);
  const disk = new TightDisk(db, i % 4);
  const told = tightShift(store, disk);
  must(store.audit().kind === "whole", `shift ${i}: the chain is broken`);
  store.close();
  const books = raw(folder);
  const texts = (sql: string): string => books.prepare<[], string>(sql).pluck().all().join();
  must(texts("PRAGMA integrity_check") === "ok", `shift ${i}: the database does not hold together`);
  must(
    texts("SELECT barcode || ' ' || outcome || ' ' || serial FROM records ORDER BY seq") ===
      told.map(({ barcode, outcome, serial }) => `${barcode} ${outcome.kind} ${serial}`).join(),
    `shift ${i}: other rows than were told`,
  );
  must(
    texts("SELECT text FROM numbers WHERE state = 'committed' ORDER BY number") ===
      told.map(({ serial }) => serial).join(),
    `shift ${i}: other numbers than were told`,
  );
  must(
    new Set(told.map(({ serial }) => serial)).size === told.length,
    `shift ${i}: a number was given twice`,
  );
  books.close();
  return disk.refusals;
}
