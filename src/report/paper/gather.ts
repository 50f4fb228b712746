import type { Readable } from "node:stream";

/** Size of the pieces that bytes are given in. */
const pieceBytes = 1 << 20;

/** The bytes of a stream that is written to in one go, in few large pieces. */
export interface Gathered {
  /** The whole pieces that came since the last call. */
  full(): readonly Uint8Array[];
  /** The same with what is left, when nothing more comes. */
  rest(): readonly Uint8Array[];
}

/**
 * Begins to take what a stream gives. pdfkit pushes some bytes at a time, hundreds of thousands of them: each as a
 * Buffer of its own would cost more than it holds. When this is done the stream flows, so that each push arrives at once.
 */
export async function gather(stream: Readable): Promise<Gathered> {
  let pieces: Uint8Array[] = [];
  let piece = new Uint8Array(pieceBytes);
  let used = 0;
  function next(): void {
    pieces.push(piece.subarray(0, used));
    piece = new Uint8Array(pieceBytes);
    used = 0;
  }
  stream.on("data", (chunk: Uint8Array) => {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + pieceBytes - used);
      piece.set(part, used);
      used += part.length;
      at += part.length;
      if (used === pieceBytes) next();
    }
  });
  await new Promise((done) => {
    setImmediate(done);
  });
  function full(): readonly Uint8Array[] {
    const taken = pieces;
    pieces = [];
    return taken;
  }
  return {
    full,
    rest() {
      if (used > 0) next();
      return full();
    },
  };
}
