/** The names of the places in a sentence: `"slot"` of `"Scan the one in {slot}."`. */
export type Holes<Text extends string> = Text extends `${string}{${infer Hole}}${infer Rest}`
  ? Hole | Holes<Rest>
  : never;

/** Puts what is given into the holes; foreign text must have been cleaned before. */
export function fill(text: string, given: Readonly<Record<string, string | number>>): string {
  return text.replaceAll(/\{(\w+)\}/g, (hole, name: string) => String(given[name] ?? hole));
}
