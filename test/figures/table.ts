import { kept, type Figure, type Seen } from "./figure.ts";

/** What became of a figure; `null`: this machine could not run it, and `why` says so. */
export interface Ran {
  readonly figure: Figure;
  readonly seconds: number;
  readonly seed: number;
  readonly seen: Seen | null;
  readonly why: string;
}

const number = (n: number): string => String(n).replaceAll(/\B(?=(\d{3})+$)/g, " ");

/** The counts that were seen, never those of the target. */
function seenText({ counts, facts, broken }: Seen): string {
  const parts = counts.map(({ of, seen, wanted }) =>
    seen < wanted ? `${number(seen)} of ${number(wanted)} ${of}` : `${number(seen)} ${of}`,
  );
  return [...parts, `${broken.length} broken`, ...facts].join("; ");
}

export const verdictOf = ({ seen }: Ran): "ok" | "MISSED" | "NOT RUN" =>
  seen === null ? "NOT RUN" : kept(seen) ? "ok" : "MISSED";

export function rowText(ran: Ran): string {
  const { figure, seconds, seed, seen, why } = ran;
  return [
    `${String(figure.number).padStart(2)}  ${verdictOf(ran).padEnd(8)}${figure.what}`,
    `    target  ${figure.target}`,
    `    seen    ${seen === null ? why : seenText(seen)}`,
    `            ${seconds.toFixed(0)} s, SEED=${seed}`,
    ...(seen?.broken ?? []).map((text) => `    broken  ${text.replaceAll("\n", "\n            ")}`),
  ].join("\n");
}
