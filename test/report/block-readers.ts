import type { BatchFacts } from "../../src/model/facts.ts";
import type { Block, Cell, Row } from "../../src/report/block.ts";
import { standardReport, type SectionName } from "../../src/report/definition.ts";
import { sectionTable } from "../../src/report/sections/table.ts";

export const blocksOf = (name: SectionName, facts: BatchFacts): readonly Block[] =>
  sectionTable[name](facts, standardReport);
export const only = <T extends Block["type"]>(
  blocks: readonly Block[],
  type: T,
): Extract<Block, { type: T }>[] =>
  blocks.filter((block): block is Extract<Block, { type: T }> => block.type === type);
const words = (cell: Cell): string => (typeof cell === "string" ? cell : cell.text);
const cells = ({ cells }: Row): string[] => cells.map(words);
export const rowsOf = (blocks: readonly Block[]): string[][] =>
  only(blocks, "table").flatMap(({ rows }) => rows.map(cells));
export const pairsOf = (blocks: readonly Block[]): Map<string, string> =>
  new Map(only(blocks, "pairs").flatMap(({ pairs }) => pairs));
