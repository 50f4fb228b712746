import type { BatchFacts } from "../model/facts.ts";
import { paragraph, type Block } from "./block.ts";
import type { AnySection, ReportDefinition } from "./definition.ts";
import { sayIn } from "./say.ts";
import { fewestForCharts } from "./sections/charts.ts";
import { sectionTable } from "./sections/table.ts";

/**
 * What a batch report says, in order: pure. In a small batch only the first page stands for itself, the rest flows;
 * else each of charts, failures and units begins a page.
 */
export const layout = (facts: BatchFacts, definition: ReportDefinition): Block[] =>
  layoutOf(sectionTable, facts, definition, facts.counts.seen < fewestForCharts);

/** One section of a report: facts to blocks, pure. An empty list: there is nothing to say there. */
export type SectionOn<Facts> = (facts: Facts, definition: ReportDefinition) => readonly Block[];

/** The sections that a definition names, of a table that has them; `small`: only the first page break counts. */
export function layoutOf<Facts>(
  table: Readonly<Partial<Record<AnySection, SectionOn<Facts>>>>,
  facts: Facts,
  definition: ReportDefinition,
  small: boolean,
): Block[] {
  const blocks: Block[] = [];
  let broken = false;
  for (const name of definition.sections)
    for (const block of table[name]?.(facts, definition) ?? []) {
      if (block.type === "page") {
        if (blocks.length === 0 || (small && broken)) continue;
        broken = true;
      }
      blocks.push(block);
    }
  if (blocks.length > 0) return blocks;
  const text = sayIn(definition.language)(
    "There is nothing to say in the sections that the report definition names.",
  );
  return [paragraph(text)];
}
