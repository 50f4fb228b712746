import { createHash } from "node:crypto";
import { atomicTarget } from "../../lib/write-atomic.ts";
import { fileComplaint } from "../file-complaint.ts";

/** What came to lie under a name. */
export interface Put {
  readonly bytes: number;
  readonly sha256: string;
}

/** Puts a file in place whole or not at all, from the pieces that `give` hands over. Throws CommandError, naming `what`. */
export function putFile(file: string, what: string, give: (take: (piece: Uint8Array) => void) => void): Put {
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    using whole = atomicTarget(file);
    give((piece) => {
      hash.update(piece);
      bytes += piece.length;
      whole.write(piece);
    });
    whole.finish();
  } catch (error) {
    throw fileComplaint(error, file, what);
  }
  return { bytes, sha256: hash.digest("hex") };
}
