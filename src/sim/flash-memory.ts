/**
 * The cells of a flash. A page is made blank when it is first looked at: a tray of simulated boards is plugged in without
 * a megabyte being filled for each.
 */
export interface FlashMemory {
  readonly size: number;
  /** The very cells, `at` from the start of the flash; what is written into them is kept. */
  cells(at: number, length: number): Uint8Array;
  erase(at: number, length: number): void;
  /** All cells. */
  all(): Uint8Array;
}

const pageBytes = 4096;

export function flashMemory(size: number, erasedByte: number): FlashMemory {
  const bytes = new Uint8Array(size);
  const made = new Uint8Array(Math.ceil(size / pageBytes));
  /** Somebody has all cells in hand, and may look at any of them at any time. */
  let shown = false;

  function make(at: number, length: number): void {
    for (let page = Math.floor(at / pageBytes); page * pageBytes < at + length; page += 1) {
      if (made[page] === 1) continue;
      made[page] = 1;
      bytes.fill(erasedByte, page * pageBytes, (page + 1) * pageBytes);
    }
  }

  return {
    size,
    cells(at, length) {
      make(at, length);
      return bytes.subarray(at, at + length);
    },
    erase(at, length) {
      if (shown || at % pageBytes !== 0 || length % pageBytes !== 0) {
        make(at, length);
        bytes.fill(erasedByte, at, at + length);
      } else made.fill(0, at / pageBytes, (at + length) / pageBytes);
    },
    all() {
      make(0, size);
      shown = true;
      return bytes;
    },
  };
}
