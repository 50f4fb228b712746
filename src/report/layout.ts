import type { BatchFacts } from "../model/facts.ts";
import type { Block } from "./block.ts";
import type { ReportDefinition } from "./definition.ts";
import { fewestForCharts } from "./sections/charts.ts";
import { sectionTable } from "./sections/table.ts";

/**
 * What a report says, in order: pure. In a small batch only the first page stands for itself, the rest flows; else
 * each of charts, failures and units begins a page.
 */
export function layout(facts: BatchFacts, definition: ReportDefinition): Block[] {
  const small = facts.counts.seen < fewestForCharts;
  const blocks: Block[] = [];
  let broken = false;
  for (const name of definition.sections)
    for (const block of sectionTable[name](facts, definition)) {
      if (block.type === "page") {
        if (blocks.length === 0 || (small && broken)) continue;
        broken = true;
      }
      blocks.push(block);
    }
  if (blocks.length > 0) return blocks;
  const text = "This batch has nothing to say in the sections that the report definition names.";
  return [{ type: "text", text, bold: false, ink: "black" }];
}
