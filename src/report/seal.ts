import bwip from "bwip-js/node";
import type { BatchFacts } from "../model/facts.ts";
import { markingOf } from "./words.ts";
import { utcTime } from "./times.ts";

/** Letters of the station's name that the code holds: more would make it grow over the page. */
const mostStation = 24;

/**
 * Text of the code on page 1: `gangflash1 station seq hash time`, one space between. The station is percent-encoded,
 * so that a blank in its name does not shift the fields. `null` where there is nothing to seal: no attempt yet, or
 * simulated boards among them.
 */
export function sealText(facts: BatchFacts): string | null {
  const { head, attempts } = facts;
  if (head === null || markingOf(facts).simulated !== "no") return null;
  const last = attempts.find(({ seq }) => seq === head.seq) ?? attempts.at(-1);
  if (last === undefined) return null;
  const station = encodeURIComponent(Array.from(last.station.toWellFormed()).slice(0, mostStation).join(""));
  return `gangflash1 ${station} ${head.seq} ${head.hash} ${utcTime(last.endedAt)}`;
}

/** Modules of a Data Matrix (ECC 200), row by row, `true` is dark; its quiet zone is not part of it. */
export function dataMatrix(text: string): readonly (readonly boolean[])[] {
  // The named export `raw` is a symbology of that name, not the function that gives modules.
  // oxlint-disable-next-line import/no-named-as-default-member
  const [symbol] = bwip.raw({ bcid: "datamatrix", text });
  if (symbol === undefined || !("pixs" in symbol)) throw new Error("bwip-js gave no module matrix");
  const { pixs, pixx, pixy } = symbol;
  return Array.from({ length: pixy }, (_, y) =>
    pixs.slice(y * pixx, (y + 1) * pixx).map((pixel) => pixel === 1),
  );
}
