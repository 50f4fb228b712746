import { seed } from "../reliability/random.ts";
import { asCase } from "../tools/at-end.ts";
import { NotHere, type Figure } from "./figure.ts";
import type { Ran } from "./table.ts";

/** Whatever breaks outside a case breaks the figure. */
export async function runFigure(figure: Figure, share: number): Promise<Ran> {
  const begin = performance.now();
  const end = (seen: Ran["seen"], why: string): Ran => ({
    figure,
    seconds: (performance.now() - begin) / 1000,
    seed,
    seen,
    why,
  });
  try {
    return end(await asCase(() => figure.run(share)), "");
  } catch (error) {
    if (error instanceof NotHere) return end(null, error.message);
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return end({ counts: [], facts: [], broken: [text] }, "");
  }
}
