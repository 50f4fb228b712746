import { Writable } from "node:stream";
import xterm from "@xterm/headless";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rowPainter } from "../../src/ui/painter.ts";
import { rowChange } from "../../src/ui/row-change.ts";
import { takeTerminal } from "../../src/ui/terminal.ts";
import { paintRow, themeOf } from "../../src/ui/theme.ts";
import type { Role, Span } from "../../src/ui/theme.ts";
import { widthOf } from "../../src/ui/text.ts";

const columns = 40;
const roles: readonly Role[] = ["plain", "quiet", "passCell", "act", "look", "restCell"];

/** A row of the screen: spans that add up to its width. */
const someRow = fc
  .array(
    fc.record({
      text: fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom("m", "[0;7m", "RUN 6/8", "##", "      ", "12s") },
        {
          weight: 1,
          arbitrary: fc.constantFrom("校验不符", "✓"),
        },
      ),
      role: fc.constantFrom(...roles),
    }),
    { maxLength: 8 },
  )
  .map((spans: readonly Span[]) => {
    const kept: Span[] = [];
    let width = 0;
    for (const { text, role } of spans) {
      // Cells are of lettering and bars: no other letters.
      const span = { text: role.endsWith("Cell") ? "##" : text, role };
      if (width + widthOf(span.text) > columns) continue;
      width += widthOf(span.text);
      kept.push(span);
    }
    return paintRow([...kept, { text: " ".repeat(columns - width), role: "plain" }], themeOf("256"));
  });

function screen(rows: number) {
  const term = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  const pieces: string[] = [];
  const stdout = Object.assign(
    new Writable({
      write(piece: Buffer, _encoding, done) {
        pieces.push(piece.toString());
        term.write(piece, done);
      },
    }),
    { columns, rows, isTTY: true },
  );
  const cells = (): unknown =>
    Array.from({ length: term.rows }, (_, y) =>
      Array.from({ length: term.cols }, (_, x) => {
        const cell = term.buffer.active.getLine(y)?.getCell(x);
        return [cell?.getChars() ?? "", cell?.getFgColor(), cell?.getBgColor(), cell?.isInverse()].join(" ");
      }),
    );
  const settled = async (): Promise<void> =>
    await new Promise((done) => void stdout.write("", () => term.write("", done)));
  return { term, stdout, cells, settled, pieces };
}

describe("the part of a row that changed", () => {
  test("is a figure in the middle of it, not the row", () => {
    expect(rowChange(" WRITE  11%  of 15 ", " WRITE  12%  of 15 ")).toEqual({ column: 9, text: "2" });
  });

  test("begins and ends where nothing is painted", () => {
    const bar = (done: number): string =>
      ` \x1b[0;48;5;33m${" ".repeat(done)}\x1b[m${".".repeat(9 - done)}  3 s`;
    expect(rowChange(bar(4), bar(5))).toEqual({ column: 1, text: `\x1b[0;48;5;33m     \x1b[m` });
  });

  test("is the row where a character may be wider than its neighbour", () => {
    expect(rowChange("校验 1 ", "校验 2 ")).toEqual({ column: 0, text: "校验 2 " });
  });
});

test("frame after frame, the screen shows what a whole new one would show", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(someRow, { minLength: 4, maxLength: 4 }), { minLength: 2, maxLength: 4 }),
      async (frames) => {
        const at = screen(6);
        const painter = rowPainter(at.stdout);
        for (const rows of frames) painter.paint(rows);
        await at.settled();
        const anew = screen(6);
        rowPainter(anew.stdout).paint(frames.at(-1) ?? []);
        await anew.settled();
        expect(at.cells()).toEqual(anew.cells());
      },
    ),
  );
});

test("rows that stand there already are not written again, and a frame that is the same writes nothing", async () => {
  const at = screen(6);
  const painter = rowPainter(at.stdout);
  painter.paint(["one", "two", "three"]);
  painter.paint(["one", "TWO", "three"]);
  painter.paint(["one", "TWO", "three"]);
  await at.settled();
  expect(at.pieces.filter((piece) => piece !== "").slice(1)).toEqual(["\x1b[?2026h\x1b[2HTWO\x1b[?2026l"]);
});

test("a frame for a wide window that comes into a narrow one is cut, and nothing of it outlives the next", async () => {
  const at = screen(6);
  const terminal = takeTerminal(at.stdout, true);
  try {
    const painter = rowPainter(at.stdout);
    const wide = Array.from({ length: 6 }, (_, i) => `${i}`.repeat(columns));
    painter.paint(wide);
    await at.settled();
    at.term.resize(20, 3);
    // It does not know yet.
    painter.paint(wide.map((row) => row.replaceAll("0", "X")));
    await at.settled();
    const row = (y: number): string =>
      at.term.buffer.active.getLine(y)?.translateToString().slice(0, 20) ?? "";
    expect([at.term.buffer.active.baseY, row(0)]).toEqual([0, "X".repeat(20)]);
    expect(row(1)).not.toContain("X");
    painter.forget();
    painter.paint(["new", "row"]);
    await at.settled();
    expect([0, 1, 2].map((y) => row(y).trimEnd())).toEqual(["new", "row", ""]);
  } finally {
    terminal.leave();
  }
});

test("a terminal that has stopped reading gets the newest frame when it reads again, and none of those between", async () => {
  const pieces: string[] = [];
  const readsAgain = Promise.withResolvers<void>();
  const stdout = new Writable({
    write(piece: Buffer, _encoding, done) {
      if (piece.length > 0) pieces.push(piece.toString());
      void readsAgain.promise.then(() => done());
    },
  });
  const painter = rowPainter(stdout);
  for (let n = 0; n < 1000; n += 1) painter.paint([`frame ${n}`]);
  painter.again();
  expect(stdout.writableLength).toBe(pieces[0]?.length);
  readsAgain.resolve();
  await new Promise((done) => void setImmediate(done));
  expect(pieces.slice(1)).toEqual(["\x1b[?2026h\x1b[1;7H999\x1b[?2026l"]);
});
