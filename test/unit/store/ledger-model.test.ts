import * as fc from "fast-check";
import { expect, test } from "vitest";
import { openConnection, type Connection } from "../../../src/store/file/connection.ts";
import { beginSession } from "../../../src/store/sessions.ts";
import { storeOver } from "../../../src/store/store-over.ts";
import type { Store } from "../../../src/store/store.ts";
import { databaseOf, dataFolder, unlocked } from "./books.ts";
import { Judge, lastNumber, unitCount, type Act } from "./ledger-judge.ts";

const unit = fc.nat({ max: unitCount - 1 });
const policy = fc.constantFrom("consume-on-success", "burn-on-failure", "keep-existing" as const);
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("reserve" as const),
      units: fc.uniqueArray(unit, { minLength: 1, maxLength: 3 }),
      series: fc.constantFrom(0, 0, 0, 1),
      policy,
    }),
  },
  {
    weight: 18,
    arbitrary: fc.record({
      do: fc.constant("advance" as const),
      unit,
      swapped: fc.constantFrom(false, false, false, false, false, true),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("fail" as const), unit }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("giveBack" as const), unit }) },
  { weight: 1, arbitrary: fc.constant({ do: "crash" as const }) },
);
const strangers = fc.array(fc.option(fc.integer({ min: 1, max: lastNumber }), { freq: 2 }), {
  minLength: unitCount,
  maxLength: unitCount,
});

/** `RUNS=2000` is half a minute of processor time; each run of the tests walks other benches. */
const runs = Number(process.env["RUNS"] ?? 300);
const runsPerFile = 50;
const seed = Number(process.env["SEED"] ?? Date.now() % 2 ** 31);

/** A start of the program: of the whole file now and then, else of its books over the same connection. */
class Starts {
  readonly #folder = dataFolder();
  #db: Connection;
  #count = 0;
  #store: Store | null = null;

  constructor() {
    unlocked(this.#folder).close();
    this.#db = openConnection(databaseOf(this.#folder), { wal: true });
  }

  /** The books as the last start opened them. */
  now(): Store {
    return this.#store ?? this.start();
  }

  start(): Store {
    this.#count += 1;
    if (this.#count % 100 === 0) {
      this.#db.close();
      unlocked(this.#folder).close();
      this.#db = openConnection(databaseOf(this.#folder), { wal: true });
    }
    const who = { station: "line1", timezone: null, toolVersion: "0.1.0", startedAt: new Date() };
    const desk = { db: this.#db, session: beginSession(this.#db, who), now: () => new Date() };
    this.#store = storeOver(desk, { folder: this.#folder, file: databaseOf(this.#folder), close: () => {} });
    return this.#store;
  }

  /** True when the chain is whole after all of it. */
  end(): boolean {
    const { kind } = this.now().audit();
    this.#db.close();
    return kind === "whole";
  }
}

test(
  `${runs} benches of 50 steps: no number in two chips, no second number in a chip, nothing freed that was seen (SEED=${seed})`,
  { timeout: 120_000 },
  () => {
    let starts = new Starts();
    let count = 0;
    let passes = 0;
    let whole = true;
    const property = fc.property(
      fc.array(act, { minLength: 40, maxLength: 60, size: "max" }),
      strangers,
      (acts, chips) => {
        count += 1;
        if (count % runsPerFile === 0) {
          whole &&= starts.end();
          starts = new Starts();
        }
        const name = `q${count}`;
        const judge = new Judge(name, starts.now(), () => starts.start(), chips);
        for (const one of acts) judge.play(one);
        judge.finish();
        passes += judge.passes;
      },
    );
    fc.assert(property, { numRuns: runs, seed });
    expect(starts.end() && whole).toBe(true);
    // The walk reaches the end of attempts, or it would prove nothing.
    expect(passes).toBeGreaterThan(runs);
  },
);
