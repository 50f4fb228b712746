import type { Readable } from "node:stream";

/** Size of the pieces that bytes are kept in. */
const pieceBytes = 1 << 20;

/** The bytes of a stream that is written to in one go, in few large pieces. */
export interface Gathered {
  /** Once the stream has ended. */
  pieces(): Promise<readonly Uint8Array[]>;
}

/**
 * Begins to take what a stream gives. pdfkit pushes some bytes at a time, hundreds of thousands of them: each as a
 * Buffer of its own would cost more than it holds. When this is done the stream flows, so that each push arrives at once.
 */
export async function gather(stream: Readable): Promise<Gathered> {
  const pieces: Uint8Array[] = [];
  let piece = new Uint8Array(pieceBytes);
  let used = 0;
  stream.on("data", (chunk: Uint8Array) => {
    for (let at = 0; at < chunk.length;) {
      const part = chunk.subarray(at, at + pieceBytes - used);
      piece.set(part, used);
      used += part.length;
      at += part.length;
      if (used < pieceBytes) continue;
      pieces.push(piece);
      piece = new Uint8Array(pieceBytes);
      used = 0;
    }
  });
  const ended = new Promise<void>((done, fail) => {
    stream.once("end", done);
    stream.once("error", fail);
  });
  await new Promise((done) => {
    setImmediate(done);
  });
  return {
    async pieces() {
      await ended;
      return used === 0 ? pieces : [...pieces, piece.subarray(0, used)];
    },
  };
}
