import type { Books } from "./judge.ts";
import type { Kill, RoundsEnd } from "./rounds.ts";

/** So many kills of a hundred must find each state: 20 of 200. */
const leastShare = 0.1;

const states: readonly { readonly name: string; readonly hit: (kill: Kill) => boolean }[] = [
  { name: "while a number was reserved", hit: (kill) => kill.reserved > 0 },
  { name: "while a number was written", hit: (kill) => kill.written > 0 },
  { name: "after a commit", hit: (kill) => kill.committed > 0 && !kill.late },
];

/** Too few hits of a state, in a sentence each. */
export function lackingHits({ kills }: Pick<RoundsEnd, "kills">): string[] {
  const least = Math.ceil(kills.length * leastShare);
  return states.flatMap(({ name, hit }) => {
    const found = kills.filter(hit).length;
    return found < least ? [`only ${found} kills came ${name}, ${least} were expected`] : [];
  });
}

export function tableText(
  end: RoundsEnd,
  books: Books,
  complaints: readonly string[],
  audit: string,
  seconds: number,
): string {
  const { kills, unkilled } = end;
  const row = (name: string, value: number | string): string =>
    `${name.padEnd(52)}${String(value).padStart(8)}`;
  const count = (hit: (kill: Kill) => boolean): number => kills.filter(hit).length;
  const numbers = (state: string): number => books.numbers.filter((one) => one.state === state).length;
  const outcomes = [...new Set(books.records.map(({ outcome }) => outcome))].toSorted();
  const chips = end.chips.filter((one) => one.numbers.length > 0).length;
  return [
    row("kills", kills.length),
    row(
      "  the run had ended by itself before",
      count(({ late }) => late),
    ),
    row(
      "  before a number was reserved",
      count((k) => !k.late && k.reserved + k.written + k.committed === 0),
    ),
    ...states.map(({ name, hit }) => row(`  ${name}`, count(hit))),
    row(
      "  all three at once, in different slots",
      count((k) => k.reserved > 0 && k.written > 0 && k.committed > 0),
    ),
    row(
      "  between a commit and its line",
      count((k) => k.unsaid > 0 && !k.late),
    ),
    row(
      `unkilled runs, ${(Math.min(...unkilled) / 1000).toFixed(1)} to ${(Math.max(...unkilled) / 1000).toFixed(1)} s`,
      unkilled.length,
    ),
    row("boards that came back after a kill", end.retries),
    row("boards that did not", end.scrapped),
    ...outcomes.map((outcome) =>
      row(`records, ${outcome}`, books.records.filter((one) => one.outcome === outcome).length),
    ),
    row("lines that said PASS", end.printed.length),
    ...["committed", "written", "returned", "void", "reserved"].map((state) =>
      row(`numbers, ${state}`, numbers(state)),
    ),
    row("times a number went back, unwritten", books.returns),
    row("chips", end.chips.length),
    row("chips with a number", chips),
    row("broken promises", complaints.length),
    ...complaints.slice(0, 40).map((text) => `  ${text}`),
    `audit: ${audit}`,
    `${seconds.toFixed(0)} s`,
  ].join("\n");
}
