import { expect, test, vi } from "vitest";
import type { StationView } from "../../src/model/view.ts";
import { frame } from "../../src/ui/frame.ts";
import type { Size } from "../../src/ui/parts/tray.ts";
import { themeOf } from "../../src/ui/theme.ts";
import { running, station, tray } from "./bench.ts";
import { seatAt } from "./seat.ts";

const large: Size = { columns: 160, rows: 50 };
const small: Size = { columns: 80, rows: 24 };

/** 64 boards, so many of them started. */
const starting = (begun: number, done: number): StationView =>
  station({
    rows: 8,
    columns: 8,
    places: Array.from({ length: 64 }, (_, i) => i),
    call: { kind: "running", running: begun, of: 64, aboutMs: null },
    running: begun,
    slots: tray(
      8,
      Array.from({ length: 64 }, (_, i) =>
        i < begun
          ? // It has run for no time as long as the test lasts.
            running(`UNIT-${String(i).padStart(5, "0")}`, { done, since: performance.now() + 1e9 })
          : { kind: "empty" },
      ),
    ),
  });

const pause = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));

/** A terminal that tells its program of a new size only a while later, as over a network. */
function seat(first: StationView) {
  const at = seatAt(first, large);
  return { ...at, window: (size: Size) => at.term.resize(size.columns, size.rows) };
}

const expected = (view: StationView, size: Size): readonly string[] =>
  frame(view, "", size, themeOf("none"), performance.now(), new Date()).map((row) => row.trimEnd());

const soon = { timeout: 5000, interval: 20 };

test("a window that changes its size while 64 boards start keeps no row of the old one, whenever the program hears of it", async () => {
  const at = seat(starting(0, 0));
  const scanned: string[] = [];
  try {
    let view = starting(0, 0);
    let begun = 0;
    const go = (): void => {
      begun += 1;
      view = starting(begun % 65, (begun % 50) / 50);
      at.show(view);
    };
    for (let round = 0; round < 6; round += 1) {
      for (const size of [small, large]) {
        const code = `UNIT-${round}-${size.rows}`;
        scanned.push(code);
        at.window(size);
        const late = (round * 17 + size.rows) % 60;
        // Frames for the old window still come into the new one.
        for (let ms = 0; ms < late; ms += 10) {
          go();
          await pause(10);
        }
        at.told(size);
        at.stdin.write(`${code}\r`);
        if (round % 2 === 0) go();
        // Tiles and all above them; below them the clock may go on.
        const lasting = size.rows - 5;
        await vi.waitFor(
          () => expect(at.rows().slice(0, lasting)).toEqual(expected(view, size).slice(0, lasting)),
          soon,
        );
        expect(at.rows().at(-1)).toBe("");
      }
    }
    await vi.waitFor(() => expect(at.inputs).toHaveLength(scanned.length), soon);
    expect(at.inputs).toEqual(scanned.map((text) => ({ type: "scanned", text })));
  } finally {
    at.screen.stop();
    await at.screen.done;
  }
}, 60_000);

test("a window that changed and changed back before the program looked is drawn anew", async () => {
  const at = seat(starting(3, 0.5));
  try {
    const tiles = (): readonly string[] => at.rows().slice(0, 45);
    await vi.waitFor(() => expect(tiles().join()).toContain("Running 3 of 64"), soon);
    const before = tiles();
    at.window(small);
    at.window(large);
    expect(tiles()).not.toEqual(before);
    // The size is the one that it knows: only the signal tells.
    process.emit("SIGWINCH", "SIGWINCH");
    await vi.waitFor(() => expect(tiles()).toEqual(before), soon);
  } finally {
    at.screen.stop();
    await at.screen.done;
  }
});
