import xterm from "@xterm/headless";
import stringWidth from "string-width";
import { ofUsb } from "../../src/cli/ports.ts";
import { runVoice } from "../../src/cli/run-voice.ts";
import { fileNamePart } from "../../src/lib/clean-text.ts";
import type { Outcome } from "../../src/model/event.ts";
import { csvHeader, writeCsv } from "../../src/report/csv.ts";
import { batchCover } from "../../src/report/cover.ts";
import { standardReport } from "../../src/report/definition.ts";
import { reportFileName } from "../../src/report/file-name.ts";
import { loadFonts } from "../../src/report/fonts.ts";
import { layout } from "../../src/report/layout.ts";
import { composePages } from "../../src/report/pdf.ts";
import type { UnitStart } from "../../src/station/order.ts";
import { frame } from "../../src/ui/frame.ts";
import { themeOf } from "../../src/ui/theme.ts";
import { attemptOf, factsOf, failed } from "../report/some-batch.ts";
import { clock, ended, now, running, station, tray } from "../ui/bench.ts";
import { someIo } from "../unit/cli/some-io.ts";
import { lineOf, slotOf } from "./line.ts";
import { must, random, replay, type Random } from "./random.ts";
import { recipe } from "./recipe.ts";

/** What does something to a terminal, a spreadsheet, a path, or an eye. */
const pieces = [
  "\u001b[31;1m",
  "\u001b[2J\u001b[H",
  "\u001b[?1049h",
  "\u001b[6n",
  "\u001b]0;owned\u0007",
  "\u001b]8;;http://evil.example\u0007here\u001b]8;;\u0007",
  "\u001b]52;c;cm0gLXJm\u0007",
  "\u001bP+q544e\u001b\\",
  "\u001b_Gi=1\u001b\\",
  "\u001bc",
  "\u009b31m",
  "\u009d0;owned\u009c",
  "\u0090q\u009c",
  "\u0085",
  "\u0007",
  "\b\b\b\b",
  "\r",
  "\n",
  "\r\n",
  "\t",
  "\u000b",
  "\u000c",
  "\u007f",
  "\0",
  "\u202egnp.exe",
  "\u202d",
  "\u2066",
  "\u2069",
  "\u200e",
  "\u200f",
  "\u061c",
  "\u200b",
  "\u200c",
  "\u200d",
  "\u2060",
  "\ufeff",
  "\u00ad",
  "\u034f",
  "\u180e",
  "\u3164",
  "\u115f",
  "\ufe0f",
  "\u{e0041}",
  "\u2028",
  "\u2029",
  "\u00a0",
  "\ud800",
  "\udc00",
  "\ue000",
  "\ufffe",
  "=cmd|' /C calc'!A0",
  "+1+1",
  "-2+3",
  "@SUM(A1)",
  '=HYPERLINK("http://evil")',
  "＝1",
  "＋1",
  "－1",
  "＠A",
  "\t=1",
  " =1",
  '"=1',
  ";=1+1",
  "../../../../etc/passwd",
  "..\\..\\boot.ini",
  "/etc/shadow",
  "C:\\Windows",
  "file:///etc/passwd",
  "~root",
  "NUL",
  "con.pdf",
  ".hidden",
  "-rf",
  "<script>",
  "'; DROP TABLE records; --",
  "%s%n",
  "${HOME}",
  "`id`",
  "$(id)",
  "{serial}",
  "\\u001b[31m",
] as const;
const harmless = ["UNIT-0001", "A", "Müller", "零件", "🔥"] as const;

function hostile(dice: Random): string {
  const parts = Array.from({ length: 1 + dice.below(4) }, () => dice.pick(pieces));
  if (dice.chance(0.4)) parts.splice(dice.below(parts.length + 1), 0, dice.pick(harmless) as never);
  if (dice.chance(0.03)) parts.push("A".repeat(10_000) as never);
  return parts.join("");
}

/** A hostile string, and how to see it again. */
export interface Hostile {
  readonly text: string;
  readonly what: string;
}

export const hostileStrings = (name: string, from: number, count: number): Hostile[] =>
  Array.from({ length: count }, (_, n) => {
    const i = from + n;
    const text = hostile(random(`${name} ${i}`));
    return { text, what: replay(`${name} ${i}, ${JSON.stringify(text.slice(0, 80))}`) };
  });

/** Controls, separators, what cannot be seen, what turns the line round, half characters. */
const unseen = /[\p{Cc}\u00a0\u2028\u2029\ue000-\uf8ff\p{Cf}\p{DI}\p{Cs}\p{Cn}]/u;
/** The same, but for the blank. */
export const harmful = (text: string): boolean => unseen.test(text);
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
      const device = { path: "1-4.2", vendorId: 0x0483, productId: 0xdf11, product: text };
      const seen = ofUsb(device as Parameters<typeof ofUsb>[0]);
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
