import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * A folder with all that lie above it. Node's own way, `recursive`, never comes back where a folder is there and takes no
 * new one, as /proc (seen with Node 24). Throws what the file system says.
 */
export function makeFolder(folder: string, mode: number): void {
  if (isFolder(folder)) return;
  const above = dirname(folder);
  if (above !== folder) makeFolder(above, mode);
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    // Made by somebody else in this moment.
    if (!isFolder(folder)) throw error;
  }
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
