import { randomFillSync } from "node:crypto";
import { rmSync, statfsSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { StoreError } from "../store-error.ts";

/** With less free room than this no run is begun: 20 MiB. */
export const leastFreeBytes = 20 * 2 ** 20;

/** Room that a program without special rights may still use. */
export function freeBytesOf(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

/** A file beside the books that gives its room when a tray runs and the disk is full. */
export interface SpareRoom extends Disposable {
  /** Makes the file, where there is room for it; a folder without one only lacks what it would be good for. */
  keep(): Promise<void>;
  /** Lets the room go, for what runs already. `false`: there is none. */
  release(): boolean;
  /** Throws StoreError `full` while the disk has too little room after a release: nothing new is begun with it. */
  refuseSpent(): void;
  /** It was needed, and room was not made since. */
  spent(): boolean;
}

/** The name of that file in the data folder. */
export const spareName = "gangflash.spare";

const pieceBytes = 2 ** 20;
/** A log of the books at its usual length, and the records of a hundred units: 8 MiB. */
const spareBytes = 8 * pieceBytes;

export function spareRoom(folder: string): SpareRoom {
  const file = join(folder, spareName);
  let spent = false;
  const ended = new AbortController();

  const isThere = (): boolean => statSync(file, { throwIfNoEntry: false })?.size === spareBytes;

  async function fill(): Promise<void> {
    await using made = await open(file, "w", 0o640);
    // Nothing that a file system would keep in less room.
    const piece = randomFillSync(Buffer.alloc(pieceBytes));
    for (let at = 0; at < spareBytes; at += pieceBytes) {
      if (ended.signal.aborted) return;
      await made.write(piece, 0, pieceBytes, at);
    }
  }

  async function keep(): Promise<void> {
    try {
      if (!isThere()) {
        if (freeBytesOf(folder) < leastFreeBytes + spareBytes) return;
        await fill();
      }
      if (!isThere()) rmSync(file, { force: true });
    } catch {
      rmSync(file, { force: true });
    }
  }

  return {
    keep,
    release() {
      if (!isThere()) return false;
      rmSync(file);
      spent = true;
      return true;
    },
    refuseSpent() {
      if (!spent) return;
      if (freeBytesOf(folder) >= leastFreeBytes) {
        spent = false;
        void keep();
        return;
      }
      throw new StoreError(
        "full",
        `the disk of ${folder} is full; the boards that ran were finished with the room that was kept for them: make room first`,
      );
    },
    spent: () => spent,
    [Symbol.dispose]() {
      ended.abort();
    },
  };
}
