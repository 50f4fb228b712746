import type { BatchFacts } from "../../model/facts.ts";
import type { Block } from "../block.ts";
import type { ReportDefinition, SectionName } from "../definition.ts";
import { chain } from "./chain.ts";
import { charts } from "./charts.ts";
import { made } from "./made.ts";
import { notPassed } from "./not-passed.ts";
import { notes } from "./notes.ts";
import { serials } from "./serials.ts";
import { settings } from "./settings.ts";
import { units } from "./units.ts";

/** One section of a report: facts to blocks, pure. An empty list: this batch has nothing to say there. */
export type Section = (facts: BatchFacts, definition: ReportDefinition) => readonly Block[];

export const sectionTable: Readonly<Record<SectionName, Section>> = {
  made,
  charts,
  "not-passed": notPassed,
  settings,
  notes,
  units,
  serials,
  chain,
};
