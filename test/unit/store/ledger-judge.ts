import { Fault } from "../../../src/model/fault.ts";
import type { SerialPolicy } from "../../../src/model/profile.ts";
import { SerialsOut } from "../../../src/store/store-error.ts";
import type { AttemptHandle } from "../../../src/model/attempt.ts";
import type { NumberSpec } from "../../../src/model/ledger.ts";
import type { Store } from "../../../src/store/store.ts";
import type { Reservation } from "../../../src/model/ledger.ts";
import { batchOpening, failed, morning, opening, pass } from "./books.ts";

export type Act =
  | {
      readonly do: "reserve";
      readonly units: readonly number[];
      readonly series: number;
      readonly policy: SerialPolicy;
    }
  | { readonly do: "advance"; readonly unit: number; readonly swapped: boolean }
  | { readonly do: "fail"; readonly unit: number }
  | { readonly do: "giveBack"; readonly unit: number }
  | { readonly do: "crash" };

/** Numbers of a series in this test: few enough to run out. */
export const lastNumber = 14;
export const unitCount = 5;

const textOf = (series: string, n: number): string => `${series}-${String(n).padStart(2, "0")}`;

interface Work {
  readonly series: string;
  readonly policy: SerialPolicy;
  number: Reservation;
  phase: "reserved" | "open" | "bound" | "marked" | "sent";
  attempt: AttemptHandle | null;
  chip: number | null;
}

function claim(truth: boolean, what: string): asserts truth {
  if (!truth) throw new Error(what);
}

/**
 * Plays the bench against the books, and judges them by what lies in the chips: it has its own memory of who was given
 * what, and never asks the ledger.
 */
export class Judge {
  readonly #name: string;
  readonly #open: () => Store;
  #store: Store;
  readonly #work = new Map<number, Work>();
  /** What each chip holds, by chip and series. */
  readonly #chips = new Map<string, string>();
  readonly #bound = new Map<number, number>();
  /** Whose number it is, from the moment at which a chip may have seen it. For ever. */
  readonly #seen = new Map<string, number>();
  readonly #dead = new Set<string>();
  /** Units that may get another number of a series: theirs was void. */
  readonly #renewed = new Set<string>();
  #passes = 0;

  constructor(name: string, store: Store, open: () => Store, strangers: readonly (number | null)[]) {
    this.#name = name;
    this.#open = open;
    this.#store = store;
    this.#store.openBatch(batchOpening(`${name}-batch`));
    // Chips that another tool has programmed before, perhaps two with one number.
    strangers.forEach((n, chip) => {
      if (n !== null) this.#chips.set(`${chip} ${this.#series(0)}`, textOf(this.#series(0), n));
    });
  }

  get passes(): number {
    return this.#passes;
  }

  play(act: Act): void {
    switch (act.do) {
      case "reserve":
        this.#reserve(act.units, this.#series(act.series), act.policy);
        break;
      case "advance":
        this.#advance(this.#busy(act.unit), act.swapped);
        break;
      case "fail":
        this.#close(this.#busy(act.unit), "VERIFY_MISMATCH");
        break;
      case "giveBack":
        this.#giveBack(this.#busy(act.unit));
        break;
      case "crash":
        this.#crash();
        break;
      default:
        act satisfies never;
    }
  }

  /** Power off in the middle of everything, and on again. */
  finish(): void {
    this.#crash();
    for (let unit = 0; unit < unitCount; unit += 1)
      for (const { series, text, state } of this.#lifeOf(unit)) {
        claim(state !== "reserved" && state !== "returned", `${text} of ${unit} is ${state} after the start`);
        const owner = this.#seen.get(text);
        claim(
          owner === unit || this.#dead.has(text),
          `${series} ${text} is unit ${unit}'s and was ${owner}'s`,
        );
      }
  }

  /** One of the units that are on the bench now. */
  #busy(i: number): number {
    return [...this.#work.keys()][i % Math.max(1, this.#work.size)] ?? i;
  }

  #series(i: number): string {
    return `${this.#name}s${i}`;
  }

  #barcode(unit: number): string {
    return `${this.#name}-U${unit}`;
  }

  #lifeOf(unit: number): readonly { series: string; text: string; state: string }[] {
    const found = this.#store.unitLife(this.#barcode(unit));
    return found.kind === "found" ? found.life.serials : [];
  }

  #free(series: string, n: number): boolean {
    const text = textOf(series, n);
    const held = [...this.#work.values()].some(({ number }) => number.text === text);
    return !held && !this.#seen.has(text) && !this.#dead.has(text);
  }

  #own(unit: number, series: string): string | null {
    for (const [text, owner] of this.#seen)
      if (owner === unit && text.startsWith(`${series}-`) && !this.#dead.has(text)) return text;
    return null;
  }

  #reserve(units: readonly number[], series: string, policy: SerialPolicy): void {
    const idle = units.filter((unit) => !this.#work.has(unit));
    const text = (n: number): string => textOf(series, n);
    const spec: NumberSpec = { kind: "serial", series, start: 1, end: lastNumber, text, policy };
    const lacking = idle.filter((unit) => this.#own(unit, series) === null).length;
    const free = Array.from({ length: lastNumber }, (_, i) => i + 1).filter((n) => this.#free(series, n));
    let given: readonly (readonly Reservation[])[];
    try {
      given = this.#store.reserveGang(
        idle.map((unit) => ({ barcode: this.#barcode(unit), realm: "line", specs: [spec] })),
      );
    } catch (error) {
      if (!(error instanceof SerialsOut)) throw error;
      claim(free.length < lacking, `refused with ${free.length} free numbers for ${lacking} units`);
      claim(error.left === free.length && error.wanted === lacking, `wrong count: ${error.message}`);
      return;
    }
    claim(free.length >= lacking, "a gang was served that the range cannot serve");
    idle.forEach((unit, i) => {
      const [number] = given[i] ?? [];
      claim(number !== undefined, "no number");
      this.#mayHave(unit, series, number.text);
      this.#work.set(unit, { series, policy, number, phase: "reserved", attempt: null, chip: null });
    });
  }

  #mayHave(unit: number, series: string, text: string): void {
    claim(!this.#dead.has(text), `${text} is void and was given out again`);
    const owner = this.#seen.get(text);
    claim(
      owner === undefined || owner === unit,
      `${text} may be in the chip of ${owner}, and ${unit} got it`,
    );
    for (const [other, { number }] of this.#work)
      claim(other === unit || number.text !== text, `${text} is held by ${other} and ${unit}`);
    const own = this.#own(unit, series);
    claim(own === null || own === text, `unit ${unit} has ${own} and got ${text}`);
  }

  #advance(unit: number, swapped: boolean): void {
    const work = this.#work.get(unit);
    if (work === undefined) return;
    const { attempt } = work;
    if (attempt === null) {
      const batch = `${this.#name}-batch`;
      work.attempt = this.#store.openAttempt(opening(this.#barcode(unit), { batch }), [work.number]);
      work.phase = "open";
      return;
    }
    switch (work.phase) {
      case "reserved":
        throw new Error("an attempt is open, and its number only reserved");
      case "open":
        this.#bind(unit, work, attempt, swapped ? (unit + 1) % unitCount : unit);
        break;
      case "bound":
        this.#store.markWritten(attempt);
        this.#seen.set(work.number.text, unit);
        work.phase = "marked";
        break;
      case "marked":
        this.#send(unit, work);
        break;
      case "sent":
        this.#close(unit, null);
        break;
      default:
        work.phase satisfies never;
    }
  }

  #bind(unit: number, work: Work, attempt: AttemptHandle, chip: number): void {
    const known = this.#bound.get(unit);
    const taken = [...this.#bound].some(([other, itsChip]) => other !== unit && itsChip === chip);
    const fits = known === undefined ? !taken : known === chip;
    try {
      this.#store.bindUid(attempt, `${this.#name}uid${chip}`.toLowerCase());
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== "UNIT_MISMATCH") throw error;
      claim(!fits, `unit ${unit} and chip ${chip} belong together, and were refused`);
      this.#close(unit, "UNIT_MISMATCH");
      return;
    }
    claim(fits, `unit ${unit} was bound to chip ${chip}`);
    this.#bound.set(unit, chip);
    work.chip = chip;
    work.phase = "bound";
    if (work.policy === "keep-existing") this.#adopt(unit, work, attempt, chip);
  }

  #adopt(unit: number, work: Work, attempt: AttemptHandle, chip: number): void {
    const text = this.#chips.get(`${chip} ${work.series}`);
    if (text === undefined) return;
    const n = Number(text.slice(-2));
    const owner = this.#seen.get(text);
    const held = [...this.#work].some(([other, { number }]) => other !== unit && number.text === text);
    const foreign = this.#dead.has(text) || held || (owner !== undefined && owner !== unit);
    const kept = this.#store.adoptExisting(attempt, work.series, n, text);
    claim(
      (kept === null) === foreign,
      `${text} in the chip of ${unit}: ${kept === null ? "refused" : "kept"}`,
    );
    if (kept === null) return;
    if (kept.text !== work.number.text && this.#seen.has(work.number.text)) {
      this.#dead.add(work.number.text);
      this.#renewed.add(`${unit} ${work.series}`);
    }
    this.#seen.set(text, unit);
    work.number = kept;
  }

  #send(unit: number, work: Work): void {
    const { text } = work.number;
    const key = `${work.chip} ${work.series}`;
    const before = this.#chips.get(key);
    const foreign = before !== undefined && this.#seen.get(before) !== unit;
    const renewed = this.#renewed.delete(`${unit} ${work.series}`);
    claim(
      before === undefined || before === text || foreign || renewed,
      `the chip of ${unit} had ${before}, and gets ${text}`,
    );
    this.#chips.set(key, text);
    work.phase = "sent";
  }

  #close(unit: number, code: "VERIFY_MISMATCH" | "UNIT_MISMATCH" | null): void {
    const work = this.#work.get(unit);
    if (work === undefined || work.attempt === null) return;
    const outcome = code === null ? pass : failed(code);
    const record = this.#store.closeAttempt(work.attempt, { at: morning, ms: 1, outcome });
    if (code === null) {
      this.#passes += 1;
      const inChip = this.#chips.get(`${work.chip} ${work.series}`);
      claim(record.serial === inChip, `PASS with ${record.serial}, the chip has ${inChip}`);
    }
    this.#ended(unit, work, code === null);
  }

  #ended(unit: number, work: Work, passed: boolean): void {
    this.#work.delete(unit);
    if (passed || work.policy !== "burn-on-failure") return;
    this.#dead.add(work.number.text);
    this.#renewed.add(`${unit} ${work.series}`);
  }

  #giveBack(unit: number): void {
    const work = this.#work.get(unit);
    if (work === undefined || work.attempt !== null) return;
    this.#store.giveBack([work.number], "line");
    this.#work.delete(unit);
  }

  #crash(): void {
    this.#store = this.#open();
    const { attempts, returned } = this.#store.recover();
    const open = [...this.#work].filter(([, { attempt }]) => attempt !== null);
    claim(
      attempts.length === open.length,
      `${attempts.length} attempts were settled, ${open.length} were open`,
    );
    for (const { text } of returned) claim(!this.#seen.has(text), `${text} was freed, a chip may have it`);
    for (const [unit, work] of open) this.#ended(unit, work, false);
    this.#work.clear();
    claim(this.#store.running().length === 0, "something is open after the start");
    const again = this.#store.recover();
    claim(again.attempts.length + again.returned.length === 0, "something was left in doubt");
  }
}
