import { describe, expect, test } from "vitest";
import type { AttemptRecord } from "../../../src/model/attempt.ts";
import type { Connection } from "../../../src/store/connection.ts";
import { StoreError } from "../../../src/store/store-error.ts";
import type { Store } from "../../../src/store/store.ts";
import {
  batchOpening,
  dataFolder,
  morning,
  opening,
  overConnection,
  pass,
  refused,
  serialSpec,
  stepDone,
  unlocked,
} from "./books.ts";

const points = 200;
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

function shift(store: Store, disk: TightDisk): AttemptRecord[] {
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

describe("a full disk", () => {
  test(`is told at each of ${points} points, nothing happens by halves, and the line goes on once there is room`, () => {
    let refusals = 0;
    for (let point = 0; point < points;) {
      const folder = dataFolder();
      const first = unlocked(folder);
      first.openBatch(batchOpening());
      for (let i = 0; i < point % 7; i += 1)
        first.keepProfile({ hash: `${i}`, name: "n", revision: "r", text: "t".repeat(1500) });
      first.close();
      const { db, store } = overConnection(folder);
      const disk = new TightDisk(db, point % 4);
      const told = shift(store, disk);
      expect([...store.records()]).toEqual(told);
      expect(new Set(told.map(({ serial }) => serial)).size).toBe(told.length);
      expect(store.audit()).toMatchObject({ kind: "whole", rows: told.length });
      expect(db.pragma("integrity_check", { simple: true })).toBe("ok");
      expect(disk.refusals).toBeGreaterThan(0);
      refusals += disk.refusals;
      point += disk.refusals;
      store.close();
    }
    expect(refusals).toBeGreaterThanOrEqual(points);
  });

  test("at the opening of the books is a sentence, and the next start works", () => {
    const folder = dataFolder();
    unlocked(folder).close();
    const { db, store } = overConnection(folder);
    db.pragma("max_page_count = 1");
    const big = {
      ...batchOpening(),
      profile: { hash: "h", name: "n", revision: "r", text: "t".repeat(100_000) },
    };
    const error = refused(() => store.openBatch(big), "full");
    expect(error.message).toContain("no room left on the disk");
    expect(store.findBatch("WO-1")).toBeNull();
    expect(store.profileOf("h")).toBeNull();
    store.close();
    expect(unlocked(folder).openBatch(big).id).toBe("WO-1");
  });
});
