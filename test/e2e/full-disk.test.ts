import { spawnSync } from "node:child_process";
import { appendFileSync, existsSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { openStore } from "../../src/store/open-store.ts";
import { batchOpening, morning, opening, owned, pass, refused } from "../unit/store/books.ts";
import { bench, firmware, gangflash, profileText, runWords, simStation, start } from "./gangflash.ts";

const disk = mkdtempSync(join(tmpdir(), "gangflash-disk-"));
const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=80m", "tmpfs", disk]).status === 0;
afterAll(() => {
  if (mounted) spawnSync("umount", ["-l", disk]);
  rmSync(disk, { recursive: true, force: true });
});

const filler = join(disk, "filler");
const spare = join(disk, "gangflash.spare");

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}

/** Until not a page is left. */
function fill(): void {
  while (freeBytes() > 0) appendFileSync(filler, Buffer.alloc(Math.min(freeBytes(), 2 ** 20)));
}

test.skipIf(!mounted)(
  "a disk that gets full while a tray runs: its boards pass, nothing new begins, and it goes on when there is room (mount is needed)",
  async () => {
    const slow = `port: "sim:STM32F405:uart", pace: real`;
    const folder = bench({
      "station.yaml": simStation({ A1: slow, A2: slow }),
      "profile.yaml": profileText(),
      "fw.bin": firmware(10_000),
    });
    const words = (units: readonly string[]): string[] => [...runWords(folder, units), "--data", disk];
    const running = start(words(["A1=UNIT-0001", "A2=UNIT-0002"]));
    while (!(running.out().includes('"step":"write"') && existsSync(spare))) await sleep(20);
    fill();
    const run = await running.ended;
    expect(run.lines().at(-1)).toMatchObject({ type: "summary", passed: 2, failed: 0 });
    expect(run.err).toContain(`the disk of ${disk} is full; these boards were finished with the room`);
    expect(run.code).toBe(0);
    expect(existsSync(spare)).toBe(false);

    const refused = await gangflash(words(["A1=UNIT-0003"]));
    expect([refused.code, refused.out]).toEqual([3, ""]);
    expect(refused.err).toContain("has too little room to begin");

    rmSync(filler);
    const after = await gangflash(words(["A1=UNIT-0003"]));
    expect(after.code).toBe(0);
    expect(existsSync(spare)).toBe(true);
    using store = openStore(disk, { mode: "reader" });
    const ends = [...store.records()].map(({ barcode, outcome }) => `${barcode} ${outcome.kind}`);
    expect(new Set(ends)).toEqual(new Set(["UNIT-0001 PASS", "UNIT-0002 PASS", "UNIT-0003 PASS"]));
    expect(store.audit().kind).toBe("whole");
  },
  60_000,
);

test.skipIf(!mounted)(
  "at the screen, which stays open, the next scan is refused until there is room (mount is needed)",
  async () => {
    const folder = join(disk, "screen");
    using store = owned(folder);
    store.openBatch(batchOpening());
    await store.keepSpareRoom();
    const request = (barcode: string) => ({ barcode, realm: "line", specs: [] }) as const;
    store.reserveGang([request("UNIT-1")]);
    const attempt = store.openAttempt(opening("UNIT-1"), []);
    fill();
    for (let n = 0; n < 2000; n += 1)
      store.journal(attempt, { type: "note", text: "a long shift of this attempt".repeat(20), ms: n });
    expect(store.spareRoomIsSpent()).toBe(true);
    expect(store.closeAttempt(attempt, { at: morning, ms: 1, outcome: pass }).outcome.kind).toBe("PASS");
    refused(() => store.reserveGang([request("UNIT-2")]), "full");
    refused(() => store.openAttempt(opening("UNIT-2"), []), "full");

    rmSync(filler);
    store.reserveGang([request("UNIT-2")]);
    store.openAttempt(opening("UNIT-2"), []);
    expect(store.spareRoomIsSpent()).toBe(false);
    await expect.poll(() => existsSync(join(folder, "gangflash.spare"))).toBe(true);
  },
);

const sleep = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));
