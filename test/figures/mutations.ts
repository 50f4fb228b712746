import { mutationBenches, mutations, smallUnit } from "../reliability/mutations.ts";
import { passed, type Seat } from "../reliability/seat.ts";
import { cases, scaled, type Count, type Figure, type Seen } from "./figure.ts";

/** `harm`: a fault that is planted into each board. */
export async function wrongBytes(tries: number, harm?: (bench: Seat) => void): Promise<Seen> {
  const of = mutationBenches.reduce((sum, bench) => sum + bench.tries, 0);
  const counts: Count[] = [];
  const broken: string[] = [];
  let askedAgain = 0;
  for (const bench of mutationBenches) {
    const mutate = await mutations(bench.wire, smallUnit(bench.chip), harm);
    const all = await cases(bench.name, Math.ceil((tries * bench.tries) / of), async (i) => {
      if (passed((await mutate(i)).end)) askedAgain += 1;
    });
    counts.push(all.count);
    broken.push(...all.broken);
  }
  return { counts, facts: [`${askedAgain} good boards passed in spite of a bad answer`], broken };
}

export const figure: Figure = {
  number: 6,
  what: "one wrong bit or byte after the write: flash, data, gap, option, answer",
  target: "100 000 mutations, no PASS over a wrong memory",
  run: (share) => wrongBytes(scaled(100_000, share)),
};
