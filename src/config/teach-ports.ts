import { isScalar, parseDocument } from "yaml";

/**
 * The text of a station file with other ports: only the values of `port` are put in, everything else, comments, order
 * and layout, stays to the letter. `ports`: by the slot's place in the file, from 0. `null`: a slot's port is not there
 * to be replaced, such as behind an alias.
 */
export function teachPorts(text: string, ports: ReadonlyMap<number, string>): string | null {
  const document = parseDocument(text, { uniqueKeys: false });
  const pieces: { readonly start: number; readonly end: number; readonly value: string }[] = [];
  for (const [slot, port] of ports) {
    const node = document.getIn(["slots", slot, "port"], true);
    if (!isScalar(node) || node.range === null || node.range === undefined) return null;
    const [start, end] = node.range;
    pieces.push({ start, end, value: JSON.stringify(port) });
  }
  // From the back, so that the places before stay where they are.
  return pieces
    .toSorted((a, b) => b.start - a.start)
    .reduce((at, { start, end, value }) => at.slice(0, start) + value + at.slice(end), text);
}
