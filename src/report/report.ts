import type { Block } from "./block.ts";
import type { Cover } from "./paper/cover.ts";
import type { ReportDefinition } from "./definition.ts";
import type { Sheet } from "./workbook/sheet.ts";
import type { Marking } from "./words.ts";

/** One report before it takes a form. */
export interface Report {
  /** What it is about; the name of its file is made of it. */
  readonly subject: string;
  readonly marking: Marking;
  /** For paper, of these sections. */
  paper(definition: ReportDefinition): { readonly blocks: readonly Block[]; readonly cover: Cover };
  sheets(): readonly Sheet[];
  /** Text in pieces, one at a time in memory. */
  csv(): Iterable<string>;
  json(): Iterable<string>;
}
