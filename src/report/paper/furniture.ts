import type { Cover } from "./cover.ts";
import type { ReportDefinition } from "../definition.ts";
import type { Box, Mark, Setter, Sheet } from "./mark.ts";
import { sayIn, type Say } from "../say.ts";
import { fitted, line } from "./set-text.ts";
import { grouped, simulatedText, trialText, type Marking } from "../words.ts";

/**
 * What stands on every page whatever is on it: the footer, and the marks that no copy can lose. TRIAL is a black bar
 * at both ends; SIMULATED a hatched frame; both together are the bars with both texts, and the frame's sides.
 */
export function furniture(cover: Cover, definition: ReportDefinition, setter: Setter): Furniture {
  const say = sayIn(definition.language);
  const still = frame(cover.marking, say, setter);
  const head =
    cover.head === null ? say("no head") : say("head {hash}", { hash: grouped(cover.head.slice(0, 16), 4) });
  const { left: x, right, foot: y } = setter.sheet;
  return (page, pages) => [
    ...still,
    fitted(setter, cover.subject, y, { x, width: 70 }),
    line(setter, say("page {n} of {of}", { n: page, of: pages }), y, {
      x,
      width: right - x,
      align: "middle",
    }),
    line(setter, `${head}   ${definition.language}`, y, { x, width: right - x, align: "right" }),
  ];
}

/** The marks of one page, by its number and how many there are. */
export type Furniture = (page: number, pages: number) => Mark[];

const edgeMm = 3;
const frameMm = 6;
const barMm = 8;
const barEdgeMm = 4;

function frame(marking: Marking, say: Say, setter: Setter): Mark[] {
  const { sheet } = setter;
  const text = simulatedText(marking);
  const simulated = text === null ? null : say(text);
  if (marking.trial) {
    const texts = simulated === null ? [say(trialText)] : [say(trialText), simulated];
    return [...(simulated === null ? [] : hatching(sheet)), ...bars(texts, setter)];
  }
  return simulated === null ? [] : [...hatching(sheet), ...labels(simulated, setter)];
}

function hatching({ width, height }: Sheet): Mark[] {
  const outer: Box = { x: edgeMm, y: edgeMm, width: width - 2 * edgeMm, height: height - 2 * edgeMm };
  const hole: Box = {
    x: edgeMm + frameMm,
    y: edgeMm + frameMm,
    width: outer.width - 2 * frameMm,
    height: outer.height - 2 * frameMm,
  };
  return [{ type: "hatch", step: 2, hole, ...outer }];
}

/** The text in the frame's upper and lower side, on white. */
function labels(text: string, setter: Setter): Mark[] {
  const { width, height } = setter.sheet;
  const wide = setter.measure(text, 15, false) + 8;
  const x = (width - wide) / 2;
  return [edgeMm, height - edgeMm - frameMm].flatMap((y): Mark[] => [
    // A little higher than the frame: no ends of its lines stay at the text.
    { type: "fill", ink: "white", x, y: y - 0.5, width: wide, height: frameMm + 1 },
    line(setter, text, y + 4.9, { x, width: wide, size: 15, align: "middle" }),
  ]);
}

function bars(texts: readonly string[], setter: Setter): Mark[] {
  const { width, height, left, right } = setter.sheet;
  return [barEdgeMm, height - barEdgeMm - barMm].flatMap((y): Mark[] => [
    { type: "fill", ink: "black", x: 0, y, width, height: barMm },
    ...texts.map((text, i) =>
      line(setter, text, y + 5.9, {
        x: left,
        width: right - left,
        size: 15,
        ink: "white",
        align: i === 0 ? "left" : "right",
      }),
    ),
  ]);
}
