/** The next record of a destination. */
export interface WaitingRecord {
  readonly seq: number;
  /** When it was closed, ISO 8601. */
  readonly at: string;
  /** The deed that opened its batch, 0 where the books know none. */
  readonly afterDeed: number;
}

/** The next deed of a destination. */
export interface WaitingDeed {
  readonly seq: number;
  readonly at: string;
  /** The last record that it is about, or that it signs; 0: none. */
  readonly afterRecord: number;
}

/**
 * Which of the two goes first. Each chain keeps its own order. A deed about a record comes behind it, a batch is opened
 * before its records and closed behind them, whatever the clock said; everything else goes by time.
 */
export function goesFirst(record: WaitingRecord | null, deed: WaitingDeed | null): "record" | "deed" | null {
  if (record === null) return deed === null ? null : "deed";
  if (deed === null) return "record";
  if (deed.afterRecord >= record.seq) return "record";
  if (record.afterDeed >= deed.seq) return "deed";
  return deed.at < record.at ? "deed" : "record";
}
