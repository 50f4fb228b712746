import xterm from "@xterm/headless";
import stringWidth from "string-width";
import { ofUsb } from "../../src/cli/bench/ports.ts";
import { runVoice } from "../../src/cli/line/run-voice.ts";
import { fileNamePart } from "../../src/lib/clean-text.ts";
import type { Outcome } from "../../src/model/event.ts";
import { csvHeader, writeCsv } from "../../src/report/csv.ts";
import { batchCover } from "../../src/report/paper/cover.ts";
import { standardReport } from "../../src/report/definition.ts";
import { reportFileName } from "../../src/report/file-name.ts";
import { loadFonts } from "../../src/report/paper/fonts.ts";
import { layout } from "../../src/report/layout.ts";
import { composePages } from "../../src/report/paper/pdf.ts";
import type { UnitStart } from "../../src/station/order.ts";
import { frame } from "../../src/ui/frame.ts";
import { themeOf } from "../../src/ui/theme.ts";
import { attemptOf, factsOf, failed } from "../report/some-batch.ts";
import { clock, ended, now, running, station, tray } from "../ui/bench.ts";
import { someIo } from "../unit/cli/some-io.ts";
import { lineOf, slotOf } from "./line.ts";
import { harmful, type Hostile } from "./hostile-strings.ts";
import { must } from "./random.ts";
import { recipe } from "./recipe.ts";

const noGlyph = /[＝＋－＠零件]|[\u{10000}-\u{10ffff}]/gu;
/** Again and again: two halves that stood apart make one character. */
function withGlyphs(text: string): string {
  const shown = text.replaceAll(noGlyph, "");
  return shown === text ? text : withGlyphs(shown);
}
/** What a spreadsheet calculates. */
const formula = /^[=+\-@\t\r＝＋－＠]/u;

/** Where a foreign text comes out; `look` throws where it does something there. */
export interface HostilePlace {
  readonly name: string;
  look(group: readonly Hostile[]): Promise<void> | void;
}

/** The operator's screen: as the program writes it, and as a terminal shows that. */
function screen(): HostilePlace {
  const size = { columns: 80, rows: 24 };
  const term = new xterm.Terminal({ cols: 80, rows: 24, allowProposedApi: true, scrollback: 0 });
  let acted = "";
  term.onTitleChange((title) => (acted += `title ${title}`));
  term.onData((answer) => (acted += `answer ${JSON.stringify(answer)}`));
  term.onBell(() => (acted += "bell"));
  return {
    name: "screen",
    async look(group) {
      for (const { text, what } of group) {
        const view = station({
          operator: { name: text, role: null },
          call: { kind: "refused", code: "SCAN_FORMAT", barcode: text, of: "" },
          slots: tray(4, [
            running(text, { serial: text }),
            { kind: "foreign", name: text },
            { kind: "board", chip: text },
            ended(text, 1, { serial: text, outcome: failed("WRONG_CHIP", text) }),
          ]),
          last: [{ slot: "A1", barcode: text, outcome: "PASS", code: null, ms: 1, retries: 0 }],
        });
        const rows = frame(view, text, size, themeOf("none"), now, clock);
        for (const row of rows) {
          must(!harmful(row), `${what}: ${JSON.stringify(row)}`);
          must(stringWidth(row) === size.columns, `${what}: a row is ${stringWidth(row)} columns wide`);
        }
        await new Promise<void>((done) => term.write(`\u001b[2J\u001b[H${rows.join("\r\n")}`, done));
        const { active } = term.buffer;
        must(acted === "" && active.type === "normal", `${what}: ${acted}`);
        must(active.cursorY === rows.length - 1, `${what}: the cursor is in row ${active.cursorY}`);
        for (const [i, row] of rows.entries()) {
          const seen = active.getLine(i)?.translateToString(true) ?? "";
          must(seen.trimEnd() === row.trimEnd(), `${what}: row ${i} shows ${JSON.stringify(seen)}`);
        }
      }
    },
  };
}

/** A line of `run --json`. */
function line(): HostilePlace {
  const { io, out } = someIo(true);
  const { order } = lineOf(recipe("STM32F103C6"));
  return {
    name: "line of run --json",
    look(group) {
      for (const { text, what } of group) {
        const slot = slotOf("A1", "STM32F103", "uart");
        const unit: UnitStart = { slot, barcode: text, panel: null, reworkReason: null };
        const outcome: Outcome = failed("WRONG_CHIP", text);
        const voice = runVoice(io, order, [unit]);
        out.length = 0;
        voice.happened(unit, { type: "note", text, ms: 1 });
        const record = attemptOf(1, { barcode: text, operator: text, uid: null, serial: text, outcome });
        voice.ended(
          { unit, serial: text, attempt: 1, result: Promise.resolve({ record, outcome, ms: 1 }) },
          { record, outcome, ms: 1 },
        );
        for (const one of out) must(!harmful(one), `${what}: ${JSON.stringify(one)}`);
        const [, last = ""] = out;
        must((JSON.parse(last) as { barcode: string }).barcode === text, `${what}: another text`);
      }
    },
  };
}

/** A cell of a sheet: neither a formula nor a line break. */
const sheet: HostilePlace = {
  name: "cell of a sheet",
  look(group) {
    const attempts = group.map(({ text }, i) =>
      attemptOf(i + 1, { barcode: text, operator: text, serial: text, outcome: failed("WRONG_CHIP", text) }),
    );
    const rows = readCsv([...writeCsv(attempts)].join(""));
    must(rows.length === attempts.length + 1, `${group[0]?.what}: ${rows.length} rows`);
    const texts = ["barcode", "operator", "serial", "detail"].map((name) => csvHeader.indexOf(name));
    for (const [i, row] of rows.slice(1).entries())
      for (const column of texts) {
        const cell = row[column] ?? "";
        must(!formula.test(cell) && !harmful(cell), `${group[i]?.what}: ${JSON.stringify(cell)}`);
      }
  },
};

/** A mark on paper. What the report's fonts cannot show is told by name before a byte is written, and has its own tests. */
async function paper(): Promise<HostilePlace> {
  const fonts = await loadFonts(null);
  return {
    name: "mark on paper",
    look(group) {
      const facts = factsOf(
        group.map(({ text }, n) => {
          const shown = withGlyphs(text);
          const outcome = failed("WRONG_CHIP", shown);
          return attemptOf(n + 1, {
            barcode: shown,
            operator: shown,
            station: shown,
            notes: [shown],
            outcome,
          });
        }),
      );
      const what = `${group[0]?.what} and the ${group.length - 1} after it`;
      const pages = [
        ...composePages(
          layout(facts, standardReport),
          standardReport,
          batchCover(facts, standardReport),
          fonts,
        ),
      ];
      must(pages.length > 0, `${what}: no page`);
      for (const { marks } of pages)
        for (const mark of marks)
          if (mark.type === "text") must(!harmful(mark.text), `${what}: ${JSON.stringify(mark.text)}`);
    },
  };
}

/** The name of a file: never a path, a hidden file, or a device. */
const fileName: HostilePlace = {
  name: "name of a file",
  look(group) {
    for (const { text, what } of group) {
      const name = reportFileName(text, { trial: false, simulated: "no" }, "pdf");
      for (const made of [fileNamePart(text), name]) {
        must(!/[/\\:~\s]/.test(made) && !harmful(made), `${what}: ${made}`);
        must(!/^[.-]/.test(made) && made.length <= 90, `${what}: ${made}`);
        must(!/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(made), `${what}: ${made}`);
      }
    }
  },
};

/** The list of what is plugged in, with a product string of USB. */
const ports: HostilePlace = {
  name: "list of ports",
  look(group) {
    for (const { text, what } of group) {
      const usb = { path: "1-4.2", vendorId: 0x0483, productId: 0xdf11, dfu: false, gsUsb: false };
      const seen = ofUsb({ ...usb, product: text, serial: text });
      must(!harmful(seen.title) && !harmful(JSON.stringify(seen.facts)), `${what}: ${seen.title}`);
    }
  },
};

export const hostilePlaces = async (): Promise<readonly HostilePlace[]> => [
  screen(),
  line(),
  sheet,
  await paper(),
  fileName,
  ports,
];

/** A reader after RFC 4180 that knows nothing of the writer. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, bare = "", end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted === undefined ? bare : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
