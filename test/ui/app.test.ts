import { afterEach, describe, expect, test, vi } from "vitest";
import type { StationView } from "../../src/model/view.ts";
import type { MountedScreen, ScreenOptions } from "../../src/ui/app.ts";
import { speakLines } from "../../src/ui/reader.tsx";
import type { ColourMode } from "../../src/ui/theme.ts";
import { ended, failedEight, failure, running, runningEight, station, tray } from "./bench.ts";
import { seatAt } from "./seat.ts";

/** A seat that is left after the test, and what stands on its screen. */
function bench(
  first: StationView,
  colour: ColourMode = "none",
  columns = 80,
  rows = 24,
  over: Partial<ScreenOptions> = {},
) {
  const seat = seatAt(first, { columns, rows }, { colour, ...over });
  const { term } = seat;
  let bells = 0;
  term.onBell(() => (bells += 1));
  mounted.push(seat.screen);
  const row = (n: number): string => seat.rows()[n - 1] ?? "";
  return {
    ...seat,
    row,
    bells: () => bells,
    ground: (n: number, column: number) =>
      term.buffer.active
        .getLine(n - 1)
        ?.getCell(column)
        ?.getBgColor(),
    resize(toColumns: number, toRows: number) {
      term.resize(toColumns, toRows);
      seat.told({ columns: toColumns, rows: toRows });
    },
  };
}

const mounted: MountedScreen[] = [];
afterEach(async () => {
  for (const screen of mounted.splice(0)) {
    screen.stop();
    await screen.done;
  }
});

const soon = { timeout: 3000, interval: 20 };
const pause = (ms: number): Promise<void> => new Promise((done) => void setTimeout(done, ms));

test("what is typed stands in the scan line at once, Enter sends it", async () => {
  const at = bench(
    station({
      mode: "rehearsal",
      offered: ["DEMO-0001"],
      keys: [{ key: "Ctrl-C", does: "leave" }],
    }),
  );
  await vi.waitFor(() => expect(at.row(23)).toBe(" SCAN> _  type DEMO-0001 and Enter   Ctrl-C leave"), soon);
  at.stdin.write("DEMO-00");
  await vi.waitFor(() => expect(at.row(23)).toBe(" SCAN> DEMO-00_   Enter takes it   Esc drops it"), soon);
  // Longer than the gap inside a burst: a person at a keyboard.
  await pause(200);
  at.stdin.write("01\r");
  await vi.waitFor(() => expect(at.row(23)).toMatch(/^ SCAN> _/), soon);
  expect(at.inputs).toEqual([{ type: "typed", text: "DEMO-0001" }]);
  expect(at.row(24)).toBe("");
});

test("a FAIL fills its field with red, rings three times, and is not acknowledged unseen", async () => {
  const at = bench(runningEight, "256");
  await vi.waitFor(() => expect(at.row(6)).toContain("Running 6 of 8."), soon);
  at.show(failedEight);
  at.stdin.write("\r");
  await vi.waitFor(() => expect(at.row(6)).toContain("A3: Flash differs from the image."), soon);
  expect([at.ground(6, 79), at.ground(7, 41), at.ground(7, 21)]).toEqual([124, 124, -1]);
  expect([at.ground(8, 1), at.ground(8, 41)]).toEqual([28, 231]);
  await vi.waitFor(() => expect(at.bells()).toBe(3), soon);
  expect(at.inputs).toEqual([]);
  at.stdin.write("\r");
  await vi.waitFor(() => expect(at.inputs).toEqual([{ type: "enter" }]), soon);
});

test("a verdict is on the screen within 150 ms, while the progress of the others may wait for 250", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance", "Date"] });
  try {
    const at = bench(runningEight);
    await vi.advanceTimersByTimeAsync(1000);
    const more = (done: number, passed: boolean): StationView => ({
      ...runningEight,
      slots: tray(4, [
        passed ? ended("UNIT-1", 9000) : running("UNIT-1", { done: 0.99 }),
        running("UNIT-2", { done }),
      ]),
      last: passed
        ? [{ slot: "A1", barcode: "UNIT-00001", outcome: "PASS", code: null, ms: 9000, retries: 0 }]
        : [],
    });
    at.show(more(0.31, false));
    await vi.advanceTimersByTimeAsync(300);
    const shown = (): string => Array.from({ length: 24 }, (_, i) => at.row(i + 1)).join("\n");
    expect(shown()).toContain("31%");
    at.show(more(0.32, false));
    await vi.advanceTimersByTimeAsync(20);
    expect(shown()).toContain("31%");
    at.show(more(0.33, true));
    await vi.advanceTimersByTimeAsync(150);
    expect(shown()).toContain("LAST  A1 00001 PASS");
  } finally {
    vi.useRealTimers();
  }
});

test("without colours no style is written at all", async () => {
  const at = bench(failedEight, "none");
  await vi.waitFor(() => expect(at.row(1)).toMatch(/^ ######/), soon);
  for (let row = 0; row < 24; row += 1)
    for (let column = 0; column < 80; column += 1) {
      const cell = at.term.buffer.active.getLine(row)?.getCell(column);
      expect([cell?.isBgDefault(), cell?.isFgDefault(), cell?.isInverse(), cell?.isBold()]).toEqual([
        true,
        true,
        0,
        0,
      ]);
    }
});

test("seconds go on by themselves while boards run", async () => {
  const since = performance.now();
  const slots = tray(4, [running("UNIT-1", { since })]);
  const at = bench(
    station({ call: { kind: "running", running: 1, of: 1, aboutMs: null }, running: 1, slots }),
  );
  await vi.waitFor(() => expect(at.row(12)).toMatch(/^ 0 s/), soon);
  await vi.waitFor(() => expect(at.row(12)).toMatch(/^ 1 s/), soon);
});

test("a window of another size is drawn anew, and nothing of the old one is left", async () => {
  const at = bench(runningEight, "16");
  await vi.waitFor(() => expect(at.row(23)).toMatch(/^ Space pause/), soon);
  at.resize(120, 40);
  await vi.waitFor(() => expect(at.row(39)).toMatch(/^ Space pause/), soon);
  expect(at.row(7)).toContain("A1 UNIT-04113 --------------");
  at.resize(60, 20);
  await vi.waitFor(() => expect(at.row(7)).toContain("must be 80x24, it is 60x20"), soon);
  at.resize(80, 24);
  await vi.waitFor(() => expect(at.row(7)).toContain("A4 UNIT-04116  12s"), soon);
  expect(at.row(19)).toContain("WO-4711");
  expect(at.row(24)).toBe("");
});

test("what somebody else writes on the screen is gone ten seconds later", async () => {
  vi.useFakeTimers({
    toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance", "Date"],
  });
  try {
    const at = bench(runningEight);
    await vi.advanceTimersByTimeAsync(500);
    const before = at.row(7);
    at.term.write("\x1b[7;5HBroadcast message from root");
    await vi.advanceTimersByTimeAsync(100);
    expect(at.row(7)).toContain("Broadcast message");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(at.row(7)).toBe(before);
  } finally {
    vi.useRealTimers();
  }
});

test("a terminal that goes away does not end the process; scans are still read", async () => {
  const at = bench(runningEight);
  await vi.waitFor(() => expect(at.row(23)).toMatch(/^ Space pause/), soon);
  at.break();
  at.show(failedEight);
  await pause(400);
  at.stdin.emit("error", new Error("read EIO"));
  at.stdin.write("UNIT-1\r");
  await vi.waitFor(() => expect(at.inputs).toEqual([{ type: "scanned", text: "UNIT-1" }]), soon);
});

test("leaving gives the terminal back as it was", async () => {
  const at = bench(runningEight);
  await vi.waitFor(() => expect(at.row(23)).toMatch(/^ Space pause/), soon);
  expect(at.term.buffer.active.type).toBe("alternate");
  at.screen.stop();
  at.screen.stop();
  await at.screen.done;
  await pause(20);
  expect(at.term.buffer.active.type).toBe("normal");
  expect(at.row(1)).toBe("");
  expect(at.raw).toEqual([true, false]);
  expect(at.listeners.size).toBe(0);
  at.stdin.write("UNIT-1\r");
  await pause(20);
  expect(at.inputs).toEqual([]);
});

describe("a terminal that is asked how wide its characters are", () => {
  const german: StationView = {
    ...failedEight,
    language: "de",
    call: { kind: "failed", slot: "A3", outcome: failure("BOARD_LEFT") },
  };

  test("and says one column shows German as it is written", async () => {
    const at = bench(german);
    at.term.onData((answer) => at.stdin.write(answer));
    await vi.waitFor(() => expect(at.row(6)).toContain("Board war draußen."), soon);
    expect(at.row(1)).toMatch(/^ ######/);
  });

  test("and does not answer shows it in letters that all terminals have", async () => {
    const at = bench(german);
    await vi.waitFor(() => expect(at.row(6)).toContain("Board war draussen."), soon);
    await pause(300);
    expect(at.row(6)).toContain("Board war draussen.");
  });

  test("is not asked where nobody would answer", async () => {
    const at = bench(german, "none", 80, 24, { term: "linux" });
    await vi.waitFor(() => expect(at.row(6)).toContain("Board came out."), soon);
  });
});

test("a language of the command line comes before the station's", async () => {
  const at = bench({ ...failedEight, language: "de" }, "none", 80, 24, { language: "zh" });
  await vi.waitFor(() => expect(at.row(6)).toContain("A3：校验不符。板子放红箱。"), soon);
});

test("no key counts within 300 ms of a new word, but a scan and Ctrl-C do", async () => {
  const at = bench(runningEight);
  await vi.waitFor(() => expect(at.row(6)).toContain("Running"), soon);
  at.show(failedEight);
  at.stdin.write("\r\x1bOR\x1b[A\x03UNIT-1\r");
  await vi.waitFor(() => expect(at.inputs).toHaveLength(2), soon);
  expect(at.inputs).toEqual([{ type: "interrupt" }, { type: "scanned", text: "UNIT-1" }]);
  await pause(400);
  at.stdin.write("\x1bOR");
  await vi.waitFor(() => expect(at.inputs.at(-1)).toEqual({ type: "key", key: "details" }), soon);
});

test("a screen reader hears what changes in plain lines, the tray as a list, and no lettering", async () => {
  const at = bench(runningEight, "256", 100, 40, { speak: speakLines });
  const all = (): string => Array.from({ length: 40 }, (_, i) => at.row(i + 1).trimEnd()).join("\n");
  await vi.waitFor(() => expect(all()).toContain("Slot B4: UNIT-04120 runs."), soon);
  expect(all()).toContain("RUN 6/8. Running 6 of 8. Leave those boards in.");
  at.show(failedEight);
  await vi.waitFor(() => expect(all()).toContain("FAIL A3. A3: Flash differs from the image."), soon);
  expect(all()).toContain(
    "Slot A3: FAIL UNIT-04115, 14 s. Flash differs from the image. Put board in red bin.",
  );
  expect(all()).toContain("Slot A1: PASS UNIT-04113, 15 s.");
  expect(all()).not.toContain("###");
  at.show({
    ...failedEight,
    mode: "rehearsal",
    call: { kind: "scan", slot: "A1", armed: 0 },
    panel: { kind: "help" },
  });
  await vi.waitFor(
    () => expect(all()).toContain("F2 numbers, F3 details of the slot, F4 look up a board"),
    soon,
  );
  // Also in a rehearsal, whose key row is a field on the drawn screen.
  expect(Array.from({ length: 40 }, (_, i) => at.ground(i + 1, 1))).toEqual(Array(40).fill(-1));
  expect(at.term.buffer.active.type).toBe("normal");
});
