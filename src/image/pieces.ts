/** As many pieces as a file may have: one-byte records of 2 MiB. Also keeps the sort keys within exact numbers. */
export const maxPieces = 2 ** 21;

/** What one record, element or program header puts into memory: `length` bytes of the source, at `from`. */
export interface Piece {
  readonly address: number;
  readonly from: number;
  readonly length: number;
  /** Line or offset that said so. */
  readonly place: number;
}

/** Pieces in the order of the file. */
export interface Pieces {
  readonly size: number;
  /** Place of the first piece that found no room. */
  readonly excess: number | null;
  add(address: number, from: number, length: number, place: number): void;
  at(index: number): Piece;
  /** Indexes by address; of equal addresses the earlier in the file first. */
  inOrder(): Float64Array;
}

const fields = 4;

/** A table of numbers instead of objects: a hostile file names millions of pieces, and must not take the memory. */
export function createPieces(): Pieces {
  let table = new Uint32Array(fields * 256);
  let size = 0;
  let excess: number | null = null;

  return {
    get size() {
      return size;
    },
    get excess() {
      return excess;
    },
    add(address, from, length, place) {
      if (length === 0) return;
      if (size === maxPieces) {
        excess ??= place;
        return;
      }
      const row = fields * size;
      if (row === table.length) {
        const wider = new Uint32Array(2 * table.length);
        wider.set(table);
        table = wider;
      }
      table[row] = address;
      table[row + 1] = from;
      table[row + 2] = length;
      table[row + 3] = place;
      size += 1;
    },
    at(index) {
      const row = fields * index;
      return {
        address: table[row] ?? 0,
        from: table[row + 1] ?? 0,
        length: table[row + 2] ?? 0,
        place: table[row + 3] ?? 0,
      };
    },
    inOrder() {
      // Address and index in one number: sorted by the engine itself, without a call back for each pair.
      const keys = new Float64Array(size);
      let sorted = true;
      for (let index = 0; index < size; index++) {
        const key = (table[fields * index] ?? 0) * maxPieces + index;
        keys[index] = key;
        sorted &&= index === 0 || key > (keys[index - 1] ?? 0);
      }
      if (!sorted) keys.sort();
      for (let at = 0; at < size; at++) keys[at] = (keys[at] ?? 0) % maxPieces;
      return keys;
    },
  };
}
