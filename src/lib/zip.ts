import { Zip, ZipDeflate, ZipPassThrough } from "fflate";

/** One file of a zip; its bytes come in pieces. */
export interface ZipFile {
  readonly name: string;
  readonly pieces: Iterable<Uint8Array>;
  /** Compressed already. */
  readonly stored?: boolean;
}

/** The first day that a zip can say: the same files give the same bytes, whenever and wherever they are packed. */
const noDay = new Date(1980, 0, 1);

/** Writes a zip in pieces; no more than a piece of it is in memory. */
export function writeZip(files: Iterable<ZipFile>, write: (bytes: Uint8Array) => void): void {
  let failed: Error | null = null;
  const zip = new Zip((error, bytes) => {
    if (error !== null) failed = error;
    else write(bytes);
  });
  for (const { name, pieces, stored } of files) {
    const entry = stored === true ? new ZipPassThrough(name) : new ZipDeflate(name, { level: 6 });
    entry.mtime = noDay;
    zip.add(entry);
    for (const piece of pieces) entry.push(piece);
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  if (failed !== null) throw failed;
}
