import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { onSmallDisk, smallDiskBench, smallDiskHere } from "./small-disk.ts";

test.skipIf(!smallDiskHere)(
  "a disk that fills up while a gang runs: each unit is told, nobody passes without a row, the next gang is turned away, and with room again the line goes on (needs unshare)",
  () => {
    const folder = mkdtempSync(join(tmpdir(), "gangflash-disk-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    smallDiskBench(folder);
    expect(onSmallDisk(folder, 40)).toEqual({ full: true });
  },
  60_000,
);
