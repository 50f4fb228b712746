import type { Mark } from "../../src/report/paper/mark.ts";

/** Pairs of texts whose boxes share more than a hair. */
export function overlaps(texts: readonly Extract<Mark, { type: "text" }>[]): string[] {
  const found: string[] = [];
  texts.forEach((a, i) => {
    for (const b of texts.slice(i + 1)) {
      const high = Math.max(a.size, b.size) * 0.32;
      const apart = a.x + a.width <= b.x + 0.01 || b.x + b.width <= a.x + 0.01 || Math.abs(a.y - b.y) >= high;
      if (!apart && a.text !== "" && b.text !== "") found.push(`${a.text} | ${b.text}`);
    }
  });
  return found;
}
