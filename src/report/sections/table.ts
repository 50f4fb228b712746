import type { BatchFacts } from "../../model/facts.ts";
import type { SectionName } from "../definition.ts";
import type { SectionOn } from "../layout.ts";
import { chain } from "./chain.ts";
import { charts } from "./charts.ts";
import { made } from "./made.ts";
import { notPassed } from "./not-passed.ts";
import { notes } from "./notes.ts";
import { serials } from "./serials.ts";
import { settings } from "./settings.ts";
import { units } from "./units.ts";

export const sectionTable: Readonly<Record<SectionName, SectionOn<BatchFacts>>> = {
  made,
  charts,
  "not-passed": notPassed,
  settings,
  notes,
  units,
  serials,
  chain,
};
