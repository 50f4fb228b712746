import { readFileSync } from "node:fs";

/**
 * A value of the table's JSON with the place it stands at. The readers give the type asked for or throw a RangeError
 * that names the place: a mistake in a table is a mistake of ours and stops the program at once.
 */
export interface Node {
  readonly value: unknown;
  readonly place: string;
}

/** The JSON file beside the sources, or beside their compiled form. */
export function readTable(name: string): Node {
  const text = readFileSync(new URL(name, import.meta.url), "utf8");
  return { value: JSON.parse(text) as unknown, place: name };
}

function wrong(node: Node, wanted: string): RangeError {
  return new RangeError(`${node.place}: ${wanted} was expected, not ${JSON.stringify(node.value)}`);
}

/** The member of an object; an absent one is `null`. */
export function at(node: Node, key: string): Node {
  const { value } = node;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(node, "an object");
  const member: unknown = Object.hasOwn(value, key) ? (value as Record<string, unknown>)[key] : null;
  return { value: member, place: `${node.place} ${key}` };
}

export function entries(node: Node): [string, Node][] {
  const { value } = node;
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(node, "an object");
  return Object.entries(value).map(([key, member]) => [
    key,
    { value: member as unknown, place: `${node.place} ${key}` },
  ]);
}

export function list(node: Node): Node[] {
  if (!Array.isArray(node.value)) throw wrong(node, "a list");
  return node.value.map((value: unknown, i) => ({ value, place: `${node.place} ${i}` }));
}

/** A list of one kind of thing; an absent list is an empty one. */
export function listOf<T>(node: Node, read: (item: Node) => T): T[] {
  return node.value === null ? [] : list(node).map(read);
}

export function text(node: Node): string {
  if (typeof node.value !== "string") throw wrong(node, "a text");
  return node.value;
}

/** A number that is not negative: a JSON number, or hex digits in a text (`0x1FFF7A10`). */
export function number(node: Node): number {
  const value = typeof node.value === "string" ? hex(node.value) : node.value;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) throw wrong(node, "a number");
  return value;
}

function hex(value: string): number {
  return /^0x[0-9a-f]+$/i.test(value) ? Number(value) : Number.NaN;
}

export function yes(node: Node): boolean {
  if (typeof node.value !== "boolean") throw wrong(node, "true or false");
  return node.value;
}

export function oneOf<T extends string>(node: Node, words: readonly T[]): T {
  const word = words.find((one) => one === node.value);
  if (word === undefined) throw wrong(node, words.join(" or "));
  return word;
}

/** `null` where the value is absent. */
export function orNull<T>(node: Node, read: (node: Node) => T): T | null {
  return node.value === null ? null : read(node);
}
