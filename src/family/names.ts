import { nearest } from "../lib/nearest.ts";
import type { ChipChoice } from "../model/family.ts";
import { entries, list, number, readTable } from "./read-json.ts";

/** One part number of parts.json, without package and temperature. */
export interface Part {
  readonly name: string;
  /** The name in letters as compared: `STM32L151RC-A` without its dash. */
  readonly bare: string;
  /** The line it belongs to: `STM32F405`. */
  readonly line: string;
  readonly productId: number;
  readonly flashKiB: number;
}

/** STM32, line (three letters or digits, four on WBA and its like), letter of the pins, letter of the size. */
const partShape = /^(STM32.{4,5}?)([A-Z])([0-9A-Z])(?:-[AX])?$/;

/** What may follow a part's name: package letter, temperature digit, then options and packing. */
const suffix = /^[A-Z][0-9][A-Z0-9]{0,4}$/;

/** Products that answer with another product's id: WB30 and WB35 as WB55 (AN2606), apart from it by the debug port. */
const alsoAnswers: ReadonlyMap<number, number> = new Map([[0x496, 0x495]]);

/** parts.json, checked. Throws a RangeError with the place of a mistake. */
export function readParts(): Part[] {
  return entries(readTable("parts.json")).map(([name, node]) => {
    const shape = partShape.exec(name);
    const [productId, flashKiB] = list(node).map(number);
    if (shape === null || productId === undefined || flashKiB === undefined)
      throw new RangeError(`${node.place}: a part's product id and KiB were expected`);
    return { name, bare: name.replace("-", ""), line: shape[1] ?? "", productId, flashKiB };
  });
}

/** What a name stands for: one part, or all parts of a line. */
export interface Named {
  readonly name: string;
  readonly kind: ChipChoice["kind"];
  readonly parts: readonly Part[];
}

/**
 * A part (`STM32F405RG`, with or without package and temperature: `STM32F405RGT6`) or a line (`STM32F405`,
 * `STM32F405xx`, `STM32F103xB`); upper and lower case are one. `null` for a name that is neither.
 */
export function findName(given: string, parts: readonly Part[]): Named | null {
  const wanted = given.trim().toUpperCase();
  const bare = wanted.replaceAll("-", "");
  const part =
    parts.find((one) => one.name === wanted) ??
    longest(parts.filter((one) => bare.startsWith(one.line) && (one.name === bare || isSuffixed(bare, one))));
  if (part !== undefined) return { name: part.name, kind: "part", parts: [part] };
  return findLine(wanted, parts);
}

// The order code STM32L151RCT6A is the part STM32L151RC-A: its mark stands behind the temperature.
function isSuffixed(wanted: string, part: Part): boolean {
  const [name = "", mark = ""] = part.name.split("-");
  if (wanted === part.bare) return true;
  return wanted.startsWith(name) && suffix.test(wanted.slice(name.length)) && wanted.endsWith(mark);
}

// The mark counts: of two parts that an order code can be, the one with the longer name is meant.
function longest(parts: readonly Part[]): Part | undefined {
  return parts.toSorted((a, b) => b.bare.length - a.bare.length)[0];
}

function findLine(wanted: string, parts: readonly Part[]): Named | null {
  const own = parts.filter((one) => wanted.startsWith(one.line));
  const [first] = own;
  if (first === undefined) return null;
  const rest = wanted.slice(first.line.length);
  if (rest === "" || rest === "X" || rest === "XX") return { name: first.line, kind: "line", parts: own };
  const size = /^X([0-9A-Z])$/.exec(rest)?.[1];
  const sized = own.filter((one) => one.bare[one.line.length + 1] === size);
  return sized.length === 0 ? null : { name: `${first.line}x${size}`, kind: "line", parts: sized };
}

/** The choice that a name makes: every product id that its parts were made with. */
export function choiceOf({ name, kind, parts }: Named): ChipChoice {
  const ids = parts.flatMap(({ productId }) => [productId, alsoAnswers.get(productId) ?? productId]);
  const sizes = parts.map((part) => part.flashKiB);
  return {
    name,
    kind,
    productIds: [...new Set(ids)],
    flashKiB: { least: Math.min(...sizes), most: Math.max(...sizes) },
  };
}

/** Up to three known names that an unknown one may have meant, the closest first. */
export function nearNames(given: string, parts: readonly Part[]): string[] {
  const wanted = given.trim().toUpperCase();
  const lines = [...new Set(parts.map((part) => part.line))];
  const longer = wanted.length > 5 ? lines.filter((line) => line.startsWith(wanted)) : [];
  if (longer.length > 0) return longer.slice(0, 3);
  let known = [...lines, ...parts.map((part) => part.name)];
  const near: string[] = [];
  while (near.length < 3) {
    const next = nearest(wanted, known);
    if (next === null) break;
    near.push(next);
    known = known.filter((name) => name !== next);
  }
  return near;
}

/** The part that stands for a line where a chip must be simulated and only its line is named. */
const standIns: ReadonlyMap<string, string> = new Map([
  ["STM32F103", "STM32F103CB"],
  ["STM32F101", "STM32F101CB"],
  ["STM32F100", "STM32F100CB"],
  ["STM32F030", "STM32F030C8"],
  ["STM32F303", "STM32F303CC"],
  ["STM32F302", "STM32F302CC"],
  ["STM32L151", "STM32L151CB-A"],
  ["STM32L152", "STM32L152CB-A"],
]);

/** A common part of what was named: the stand-in of a line, else the largest of its parts. */
export function usualPart(named: Named): Part {
  const standIn = named.parts.find((part) => part.name === standIns.get(named.name));
  const [first, ...others] = named.parts;
  if (first === undefined) throw new RangeError(`${named.name} has no parts`);
  return standIn ?? others.reduce((best, part) => (part.flashKiB > best.flashKiB ? part : best), first);
}
