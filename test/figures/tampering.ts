import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { audit } from "../../src/store/audit/audit.ts";
import { auditCost } from "../bench/books-measures.ts";
import { makeBooks } from "../bench/make-books.ts";
import { atEnd } from "../tools/at-end.ts";
import { bookedShift, tampering, type Auditor } from "../unit/store/tampering.ts";
import { cases, scaled, type Count, type Figure, type Seen } from "./figure.ts";

/** What a million rows may take, s. */
const millionSeconds = 30;
/** A shorter chain says nothing of the time that a long one takes. */
const longRows = 100_000;

export async function tamperings(tries: number, auditOf?: Auditor): Promise<Seen> {
  const books = bookedShift(40);
  const ways = new Set<string>();
  const { count, broken } = await cases("tamperings", tries, (i) => ways.add(tampering(books, i, auditOf)));
  return { counts: [count], facts: [`${ways.size} ways`], broken };
}

/** A smaller chain than the published one: `npm run books:million` makes a million rows, and checks them all. */
function longChain(units: number): {
  readonly count: Count;
  readonly fact: string;
  readonly broken: string[];
} {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-chain-"));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const file = makeBooks(folder, units, () => {});
  const wanted = units + Math.floor(units / 5);
  const report = audit(file);
  const broken: string[] = [];
  if (report.kind === "broken")
    broken.push(`row ${report.broken.seq} of a whole chain: ${report.broken.why}`);
  const { ours, ratio, goal } = auditCost(file);
  const seconds = (ours * 1000) / wanted;
  const long = wanted >= longRows;
  if (long && seconds > millionSeconds) broken.push(`${seconds.toFixed(0)} s for a million rows`);
  if (long && goal !== null && ratio > goal)
    broken.push(`${ratio.toFixed(2)} times its bare cost, at most ${goal} was promised`);
  return {
    count: { of: "rows checked", wanted, seen: report.rows },
    fact: `a million at this rate in ${seconds.toFixed(0)} s of processor time, ${ratio.toFixed(2)} of reading and hashing them alone`,
    broken,
  };
}

export const figure: Figure = {
  number: 10,
  what: "books edited, cut, filled, swapped, reordered, rolled back",
  target: "1 000 tamperings, each found and its first row named; 1 000 000 rows in under 30 s (here 120 000)",
  async run(share) {
    const tries = await tamperings(scaled(1000, share));
    const chain = longChain(scaled(100_000, share));
    return {
      counts: [...tries.counts, chain.count],
      facts: [...tries.facts, chain.fact],
      broken: [...tries.broken, ...chain.broken],
    };
  },
};
