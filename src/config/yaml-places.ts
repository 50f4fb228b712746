import { isMap, isNode, isScalar, isSeq, type Document, type LineCounter, type Node } from "yaml";

export type Path = readonly PropertyKey[];

/** From 1, as editors count. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** Where the keys of a document stand, and how its values are spelt. */
export interface Places {
  at(offset: number): Place;
  /** Of a key or a list entry; what is missing has no place of its own, so it takes its parent's. */
  of(path: Path): Place;
  /** A number or a flag as somebody wrote it, `0x0800BF00`; `null` for everything else. */
  written(path: Path): string | null;
}

export function placesOf(document: Document, lines: LineCounter): Places {
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    // An empty file has no line of its own.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    at,
    of(path) {
      for (let depth = path.length; depth >= 0; depth -= 1) {
        const found = find(document, path.slice(0, depth));
        if (found !== null) return at(found.offset);
      }
      return { line: 1, column: 1 };
    },
    written(path) {
      const node = find(document, path)?.node ?? null;
      return isScalar(node) && typeof node.value !== "string" ? (node.source ?? null) : null;
    },
  };
}

/** The node at a path, and the offset of its key (of itself in a list). */
function find(document: Document, path: Path): { offset: number; node: Node | null } | null {
  let node: Node | null = document.contents;
  let offset = node?.range?.[0] ?? 0;
  for (const part of path) {
    if (isMap(node)) {
      const pair: { key: unknown; value: unknown } | undefined = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === String(part),
      );
      if (pair === undefined || !isScalar(pair.key)) return null;
      offset = pair.key.range?.[0] ?? offset;
      node = isNode(pair.value) ? pair.value : null;
    } else if (isSeq(node) && typeof part === "number") {
      const item: unknown = node.items[part];
      if (!isNode(item)) return null;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return null;
  }
  return { offset, node };
}
