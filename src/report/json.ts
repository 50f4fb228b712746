import { visibleJson } from "../lib/clean-text.ts";
import type { AttemptRecord } from "../model/attempt.ts";
import type { BatchHead } from "../model/facts.ts";
import { wilson } from "../model/statistics.ts";
import type { Voids } from "./csv.ts";
import { jsonVersion } from "./json-schema.ts";
import { voidsOf } from "./words.ts";

/** A batch as JSON after `batch-report`, in pieces: what is known of all first, then an attempt a line. */
export function writeBatchJson(head: BatchHead, attempts: Iterable<AttemptRecord>): Generator<string> {
  const { batch, counts, bySlot } = head;
  const said = {
    type: "batch-report",
    version: jsonVersion,
    trial: batch.trial,
    ...head,
    yield: {
      firstPass: wilson(counts.firstPass, counts.firstSeen),
      final: wilson(counts.passed, counts.seen),
    },
    bySlot: bySlot.map((slot) => ({ ...slot, yield: wilson(slot.passed, slot.tried) })),
  };
  return writeJson(said, attempts, voidsOf(head.voids));
}

/**
 * An object in pieces, its `attempts` last, a line each. What is not visible stands as an escape; the value is the
 * same. Holds one attempt at a time.
 */
export function* writeJson(said: object, attempts: Iterable<AttemptRecord>, voids: Voids): Generator<string> {
  yield `${visibleJson(said).slice(0, -1)},"attempts":[`;
  let between = "\n";
  for (const attempt of attempts) {
    yield `${between}${visibleJson({ ...attempt, void: voids.get(attempt.seq) ?? null })}`;
    between = ",\n";
  }
  yield "\n]}\n";
}
