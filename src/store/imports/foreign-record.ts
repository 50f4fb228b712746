import type { ChainHead } from "../terms.ts";

/** A record as it stands in the chain of another station. */
export interface ForeignRecord extends ChainHead {
  readonly batch: string;
  readonly realm: string;
  readonly barcode: string;
  readonly outcome: string;
  readonly body: string;
  readonly previous_hash: string;
}
