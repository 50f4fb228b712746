import type { BatchFacts } from "../../model/facts.ts";
import type { ReportDefinition } from "../definition.ts";
import { documentTitle, markingOf, type Marking } from "../words.ts";

/** What a document says of itself on each page and in its properties, whatever stands on its pages. */
export interface Cover {
  /** Title of the document, with its marks. */
  readonly title: string;
  /** What it is about, left in the footer. */
  readonly subject: string;
  readonly marking: Marking;
  /** Hash of the last record, or `null`: none, or simulated boards among them. */
  readonly head: string | null;
  /** Tells two documents of one second apart: the document's ID is a hash of its properties. */
  readonly keywords: string;
  readonly date: Date;
}

/** Dated by the closing of the batch; while it is open by the end of its last attempt, or by its opening. */
export function batchCover(facts: BatchFacts, definition: ReportDefinition): Cover {
  const { batch, attempts, head } = facts;
  const marking = markingOf(facts);
  return {
    title: documentTitle(definition.title, batch.id, marking),
    subject: batch.id,
    marking,
    head: marking.simulated === "no" ? (head?.hash ?? null) : null,
    keywords: head === null ? "no record" : `head ${head.hash}`,
    date: batch.closedAt ?? attempts.at(-1)?.endedAt ?? batch.openedAt,
  };
}
