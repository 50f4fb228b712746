import { powerCut, shift, type Harm } from "../unit/store/power-cuts.ts";
import { cases, scaled, type Figure, type Seen } from "./figure.ts";

/** `harm`: a fault that is planted into each image. */
export async function powerCuts(images: number, harm?: Harm): Promise<Seen> {
  const moment = shift();
  const { count, broken } = await cases("images", images, (i) => powerCut(moment, i, harm));
  return { counts: [count], facts: [`${moment.states.length} states of the books`], broken };
}

export const figure: Figure = {
  number: 2,
  what: "power cuts: the log cut, zeroed, garbled, or half brought over",
  target: "5 000 images, none with half a transaction or less than was on the disk",
  run: (share) => powerCuts(scaled(5000, share)),
};
