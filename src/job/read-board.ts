import type { ChipChoice } from "../model/family.ts";
import type { Segment } from "../model/memory.ts";
import type { ChipTable } from "./job.ts";
import { chipByStrings, recogniseById } from "./recognise.ts";
import type { Place } from "./run-attempt.ts";
import { readUid } from "./steps/bind.ts";

/** What a board says when it is only read; `null` where its wire cannot read that. */
export interface BoardRead {
  readonly chip: string;
  /** 24 hex digits. */
  readonly uid: string | null;
  /** Whether flash holds these segments now. */
  readonly image: boolean | null;
}

/** Bytes of one segment that are compared: enough to tell one firmware from another, quick at a bench. */
const mostCompared = 4096;

/**
 * Identifies a board, reads its UID and the front of each segment, and writes nothing; it stays in its loader. Throws a
 * Fault.
 */
export async function readBoard(
  place: Place,
  choice: ChipChoice,
  base: readonly Segment[],
  table: ChipTable,
  signal: AbortSignal,
): Promise<BoardRead> {
  await using loader = await place.connect(signal);
  const identity = await loader.identify(signal);
  const { family } =
    identity.productId === null
      ? chipByStrings(identity, choice, table)
      : await recogniseById(loader, identity.productId, table, signal);
  loader.adopt(family);
  const uid = await readUid(loader, family, signal);
  let image: boolean | null = base.length === 0 ? null : true;
  for (const { address, bytes } of base) {
    for (let at = 0; at < Math.min(bytes.length, mostCompared) && image === true; at += loader.blockBytes) {
      const wanted = bytes.subarray(at, Math.min(at + loader.blockBytes, bytes.length, mostCompared));
      const found = await loader.tryRead(address + at, wanted.length, signal);
      image = found === null ? null : Buffer.compare(found, wanted) === 0;
    }
  }
  return { chip: family.name, uid, image };
}
