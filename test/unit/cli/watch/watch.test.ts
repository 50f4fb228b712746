import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { publishView } from "../../../../src/cli/watch/watch-publish.ts";
import { snapshotIn, snapshotLine, watchAddress } from "../../../../src/cli/watch/watch-wire.ts";
import type { OperatorInput, StationView } from "../../../../src/model/view.ts";
import { onlyWatching, watchedView, watchKey } from "../../../../src/ui/watching.ts";
import { failedEight, running, runningEight, station, tray } from "../../../ui/bench.ts";
import { completePanel, lookUpPanel, numbersPanel } from "../../../ui/panel-facts.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gangflash-watch-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A station that is only a view. */
function bench(first: StationView) {
  let view = first;
  const listeners = new Set<() => void>();
  return {
    view: () => view,
    subscribe(changed: () => void) {
      listeners.add(changed);
      return () => void listeners.delete(changed);
    },
    show(next: StationView) {
      view = next;
      for (const changed of listeners) changed();
    },
    listeners,
  };
}

function watch(): { socket: Socket; views: StationView[] } {
  const views: StationView[] = [];
  let rest = "";
  const socket = connect(watchAddress(folder));
  socket.setEncoding("utf8");
  socket.on("error", () => {});
  socket.on("data", (piece: string) => {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) views.push(snapshotIn(line, performance.now()) ?? station());
  });
  return { socket, views };
}

const failed = (error: Error): never => {
  throw error;
};
const soon = { timeout: 5000, interval: 20 };

test.each([completePanel, lookUpPanel, numbersPanel])(
  "a view comes over the wire as it is, days and hours too",
  (panel) => {
    const view = station({
      panel,
      slots: tray(4, [
        { kind: "retired", reason: "cable", by: "M. Lang", at: new Date("2026-11-22T09:42:00Z") },
      ]),
    });
    expect(snapshotIn(snapshotLine(view, 1000), 1000)).toEqual(view);
  },
);

test("seconds of a board that runs go on by the watcher's own clock", () => {
  const view = station({ slots: tray(4, [running("UNIT-1", { since: 5000 })]) });
  const seen = snapshotIn(snapshotLine(view, 8000), 100);
  expect(seen?.slots[0]?.state).toMatchObject({ since: -2900 });
});

test("what another version sent is not taken for a view", () => {
  expect(snapshotIn('{"version":99,"now":0,"view":{}}', 0)).toBeNull();
  expect(snapshotIn("5", 0)).toBeNull();
});

test.skipIf(process.platform === "win32")(
  "any number look on, each sees the newest view, and only this user may",
  async () => {
    const at = bench(runningEight);
    {
      using _published = publishView(folder, at, failed);
      const both = [watch(), watch()];
      await vi.waitFor(() => expect(both.map(({ views }) => views.length > 0)).toEqual([true, true]), soon);
      expect(statSync(watchAddress(folder)).mode & 0o777).toBe(0o600);
      at.show(failedEight);
      for (const { views } of both)
        await vi.waitFor(() => expect(views.at(-1)?.call).toEqual(failedEight.call), soon);
      for (const { socket } of both) socket.destroy();
    }
    expect(at.listeners.size).toBe(0);
    expect(existsSync(watchAddress(folder))).toBe(false);
  },
);

test("a watcher that takes nothing holds nobody up, and what one sends is thrown away", async () => {
  const at = bench(runningEight);
  using _published = publishView(folder, at, failed);
  const deaf = connect(watchAddress(folder));
  deaf.on("error", () => {});
  deaf.pause();
  deaf.write("\x03UNIT-1\r".repeat(1000));
  const awake = watch();
  await vi.waitFor(() => expect(awake.views.length).toBeGreaterThan(0), soon);
  const long = "x".repeat(200_000);
  const begin = performance.now();
  for (let i = 0; i < 20; i += 1) {
    at.show({ ...runningEight, operator: { name: `${i} ${long}`, role: null } });
    await new Promise((done) => void setTimeout(done, 60));
  }
  at.show(failedEight);
  await vi.waitFor(() => expect(awake.views.at(-1)?.call).toEqual(failedEight.call), soon);
  expect(performance.now() - begin).toBeLessThan(8000);
  deaf.destroy();
  awake.socket.destroy();
});

test.skipIf(process.platform === "win32")("a folder with a long name is watched all the same", () => {
  const deep = join(folder, "d".repeat(120));
  mkdirSync(deep);
  expect(Buffer.byteLength(watchAddress(deep))).toBeLessThanOrEqual(100);
});

describe("whoever looks on", () => {
  const key = (name: "help" | "details" | "right" | "down" | "slot"): OperatorInput => ({
    type: "key",
    key: name,
  });

  test("turns pages of their own, and the station hears nothing of it", () => {
    const help = watchKey(onlyWatching, runningEight, key("help"));
    if (help === "leave") throw new Error("F1 left");
    expect(watchedView(runningEight, help).panel).toEqual({ kind: "help" });
    expect(watchKey(help, runningEight, { type: "escape" })).toEqual(onlyWatching);
  });

  test("chooses a slot with the arrows and sees its details", () => {
    let watching = onlyWatching;
    for (const name of ["right", "right", "down", "details", "details"] as const) {
      const next = watchKey(watching, runningEight, key(name));
      if (next === "leave") throw new Error(`${name} left`);
      watching = next;
    }
    expect(watchedView(runningEight, watching).panel).toEqual({ kind: "details", slot: "B2", page: 2 });
  });

  test("can neither scan nor acknowledge nor retire", () => {
    for (const input of [
      { type: "scanned", text: "UNIT-1" },
      { type: "enter" },
      { type: "pause" },
      key("slot"),
    ] as const)
      expect(watchKey(onlyWatching, failedEight, input)).toBe(onlyWatching);
    expect(watchedView(failedEight, onlyWatching)).toMatchObject({ typing: "none", offered: [] });
  });

  test("ends it with Ctrl-C", () => {
    expect(watchKey(onlyWatching, runningEight, { type: "interrupt" })).toBe("leave");
  });
});
