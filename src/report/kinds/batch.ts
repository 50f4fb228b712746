import type { AttemptRecord } from "../../model/attempt.ts";
import type { BatchFacts, BatchHead } from "../../model/facts.ts";
import { batchCover } from "../paper/cover.ts";
import { writeCsv } from "../csv.ts";
import { writeBatchJson } from "../json.ts";
import { layout } from "../layout.ts";
import type { Report } from "../report.ts";
import { batchSheets } from "../sheets/batch.ts";
import { voidsOf } from "../words.ts";

/**
 * The report of a batch. The text forms ask for the attempts again, one at a time, up to the head; paper and workbook
 * need all facts together.
 */
export function batchReport(
  head: BatchHead,
  attempts: () => Iterable<AttemptRecord>,
  facts: () => BatchFacts,
): Report {
  const { batch, simulated, voids } = head;
  return {
    subject: batch.id,
    // The file's name says only whether there are any.
    marking: { trial: batch.trial, simulated: simulated ? "part" : "no" },
    paper(definition) {
      const all = facts();
      return { blocks: layout(all, definition), cover: batchCover(all, definition) };
    },
    sheets: () => batchSheets(facts()),
    csv: () => writeCsv(upTo(head, attempts()), voidsOf(voids)),
    json: () => writeBatchJson(head, upTo(head, attempts())),
  };
}

/** A line that runs on does not lengthen what was counted already. */
function* upTo({ head }: BatchHead, attempts: Iterable<AttemptRecord>): Generator<AttemptRecord> {
  for (const attempt of attempts) {
    if (head === null || attempt.seq > head.seq) return;
    yield attempt;
  }
}
