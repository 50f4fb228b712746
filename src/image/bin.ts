import { hex32 } from "../lib/bytes.ts";
import type { Parsed } from "../model/image-complaint.ts";
import type { Image } from "../model/memory.ts";
import { createPieces } from "./pieces.ts";
import { emptyFile, refuse, refuseOffset } from "./refuse.ts";
import { joinPieces } from "./segments.ts";

/** Raw bytes (protocols/image-formats.md, section 7): only the caller knows where they go. */
export function parseBin(bytes: Uint8Array, at: number): Parsed<Image> {
  if (bytes.length === 0) return refuseOffset(0, emptyFile);
  if (!Number.isInteger(at) || at < 0 || at > 0xffff_ffff)
    return refuse(`The base address is ${at}; it must be a whole number up to ${hex32(0xffff_ffff)}.`);
  const pieces = createPieces();
  pieces.add(at, 0, bytes.length, 0);
  const joined = joinPieces(bytes, pieces, "offset");
  if (!joined.ok) return joined;
  const { segments } = joined.value;
  return { ok: true, value: { format: "bin", segments, entry: null, warnings: [], dfu: null } };
}
