import { describe, expect, test } from "vitest";
import { faults } from "../../src/model/fault.ts";
import type { FaultCode } from "../../src/model/fault.ts";
import { refusalCodes } from "../../src/model/refusal.ts";
import type { Call } from "../../src/model/call.ts";
import type { KeyHint } from "../../src/model/key.ts";
import type { RefusalCode } from "../../src/model/refusal.ts";
import type { LanguageCode, StationView } from "../../src/model/view.ts";
import { madeFaults } from "./made-faults.ts";
import { sayCall } from "../../src/ui/call.ts";
import { frame } from "../../src/ui/frame.ts";
import { themeOf } from "../../src/ui/theme.ts";
import { languages } from "../../src/ui/words/languages.ts";
import {
  clock,
  empty,
  ended,
  failedKeys,
  failure,
  now,
  plain,
  running,
  runningKeys,
  station,
  tray,
} from "./bench.ts";
import {
  completePanel,
  firstArticlePanel,
  fitPanel,
  lookUpPanel,
  numbersPanel,
  ordersPanel,
  unfitPanel,
} from "./panel-facts.ts";

// Whole screens at 80x24 without colours, as files to be read: frames/*.txt. `vitest -u` writes them anew; whoever does
// that looks at them.

const codes = Object.keys(faults) as FaultCode[]; // the table's own keys
const rule = (name: string): string => `== ${name} ${"=".repeat(Math.max(0, 76 - name.length))}`;
const pages = (screens: readonly (readonly [name: string, view: StationView])[]): string =>
  screens.map(([name, view]) => [rule(name), ...plain(view)].join("\n")).join("\n") + "\n";

const seen: readonly KeyHint[] = [
  { key: "Enter", does: "seen" },
  { key: "?", does: "help" },
];

const trayWith = (code: FaultCode): StationView["slots"] =>
  tray(4, [
    ended("UNIT-04113", 15_000),
    ended("UNIT-04114", 15_000),
    ended("UNIT-04115", 14_000, { outcome: failure(code) }),
    running("UNIT-04116", { serial: "V60-2647-00116" }),
    ...Array.from({ length: 4 }, () => empty),
  ]);

// The others are brought about by a run: test/unit/station/fault-screens.test.ts.
test("a fault code that no simulated bench comes to has its screen all the same", async () => {
  const screens = (Object.keys(madeFaults) as (keyof typeof madeFaults)[]).map((code) => {
    const call: Call = { kind: "failed", slot: "A3", outcome: failure(code) };
    const view = station({ call, slots: trayWith(code), running: 1, typing: "none", keys: failedKeys });
    return [`${code}: ${faults[code].verdict}`, view] as const;
  });
  await expect(pages(screens)).toMatchFileSnapshot("frames/fault-codes.txt");
});

const of: Partial<Record<RefusalCode, string>> = {
  SCAN_IN_TRAY: "A2",
  SCAN_OTHER_ORDER: "WO-4712",
  ACK_FIRST: "A3",
  SCAN_GTIN: "04012345678901",
  SLOT_TAKEN: "A2",
  NO_RIGHT: "A. Novak",
  SECOND_PERSON: "A. Novak",
  ORDER_UNKNOWN: "WO-9999",
  ORDER_CLOSED: "WO-4700",
  BOARDS_RUN: "6",
  PROFILE_EARLY: "01 Dec 2026",
  PROFILE_OVER: "01 Nov 2026",
  PROFILE_LIMIT: "500",
  GOLDEN_FIRST: "UNIT-00001",
  LABEL_OTHER: "A2",
  PORT_TAKEN: "A2",
  LABEL_FIRST: "A2",
  CARD_USELESS: "F8",
};

test("each refusal has its screen: the code that was scanned, why it was not taken, what becomes of it", async () => {
  const screens = refusalCodes.map((code) => {
    const call: Call = { kind: "refused", code, barcode: "UNIT-04098", of: of[code] ?? "" };
    return [code, station({ call, typing: "none", keys: seen })] as const;
  });
  await expect(pages(screens)).toMatchFileSnapshot("frames/refusals.txt");
});

const taughtPlaces = [
  { slot: "A1", port: "usb:1-4.1" },
  { slot: "A2", port: "uart:/dev/serial/by-path/pci-0000:00:14.0-usb-0:4.2:1.0-port0" },
];
const suspect = { failed: 4, tried: 15, othersFailed: 1, othersTried: 105 };

const calls: readonly (readonly [string, Partial<StationView> & { readonly call: Call }])[] = [
  ["STOP, station not fit", { call: { kind: "stop", code: "STATION_UNFIT" }, panel: unfitPanel }],
  ["STOP, records lost", { call: { kind: "stop", code: "RECORDS_LOST" } }],
  ["STOP, golden sample", { call: { kind: "stop", code: "GOLDEN_FAILED" } }],
  ["LEAVE?", { call: { kind: "leave", running: 6, stopping: false }, running: 6 }],
  ["STOP, being stopped", { call: { kind: "leave", running: 6, stopping: true }, running: 6 }],
  ["RETIRE?", { call: { kind: "ask", question: { what: "retire", slot: "A3", reason: "bent pin" } } }],
  ["RESTORE?", { call: { kind: "ask", question: { what: "restore", slot: "A3" } } }],
  ["CLOSE?", { call: { kind: "ask", question: { what: "close-order", order: "WO-4711", open: 131 } } }],
  ["REJECT?", { call: { kind: "ask", question: { what: "reject-article", slot: "A1", barcode: "UNIT-1" } } }],
  ["LOGOUT?", { call: { kind: "ask", question: { what: "log-out" } } }],
  ["TEACH?", { call: { kind: "ask", question: { what: "teach", slots: 8 } } }],
  ["ACCEPT?", { call: { kind: "accept", slot: "A1", barcode: "UNIT-04001" }, panel: firstArticlePanel }],
  ["SLOT A3", { call: { kind: "suspect", slot: "A3", suspect } }],
  ["RUN", { call: { kind: "running", running: 6, of: 8, aboutMs: 9000 }, running: 6, keys: runningKeys }],
  ["PAUSE", { call: { kind: "paused", running: 2 }, running: 2 }],
  ["SCAN A3", { call: { kind: "scan", slot: "A3", armed: 2 } }],
  ["UNLOAD", { call: { kind: "scan", slot: null, armed: 0 } }],
  ["UNLOAD, one slot", { call: { kind: "passed", slot: "A1" } }],
  ["LOAD", { call: { kind: "load", found: 2, of: 7, look: ["A4", "B1"] } }],
  ["DONE", { call: { kind: "done", failed: 6, mayClose: true }, panel: completePanel }],
  [
    "LOG IN",
    { call: { kind: "log-in", ask: "badge", name: "" }, panel: fitPanel, batch: null, operator: null },
  ],
  [
    "LOG IN, PIN",
    {
      call: { kind: "log-in", ask: "pin", name: "A. Novak" },
      panel: fitPanel,
      batch: null,
      operator: null,
      typing: "pin",
    },
  ],
  ["ORDER", { call: { kind: "order" }, panel: ordersPanel, batch: null }],
  ["GOLDEN", { call: { kind: "golden", slot: "A1", barcode: "UNIT-00001" } }],
  [
    "LABEL A1, printer off",
    {
      call: { kind: "label", slot: "A1", barcode: "UNIT-04113", step: "pending" },
      slots: trayWith("LINK_SILENT"),
      labels: [
        { slot: "A1", barcode: "UNIT-04113", step: "pending", scans: [] },
        { slot: "A2", barcode: "UNIT-04114", step: "printing", scans: [] },
      ],
      keys: [{ key: "Enter", does: "print-again" }, ...seen.slice(1)],
    },
  ],
  [
    "LABEL A2, to be scanned",
    {
      call: { kind: "label", slot: "A2", barcode: "UNIT-04114", step: "scan" },
      slots: trayWith("LINK_SILENT"),
      labels: [{ slot: "A2", barcode: "UNIT-04114", step: "scan", scans: ["V60-2647-00114"] }],
    },
  ],
  ["LOOK UP", { call: { kind: "look-up" }, panel: lookUpPanel }],
  ["TEACH A3", { call: { kind: "teach", slot: "A3", of: 8, places: taughtPlaces }, batch: null }],
  ["TEACH, all known", { call: { kind: "teach", slot: null, of: 8, places: taughtPlaces }, batch: null }],
  ["NUMBERS", { call: { kind: "scan", slot: "A1", armed: 0 }, panel: numbersPanel }],
  [
    "HELP",
    {
      call: { kind: "running", running: 6, of: 8, aboutMs: 9000 },
      running: 6,
      panel: { kind: "help" },
      rights: ["run", "retire-slot", "close-order", "override", "accept-first-article"],
    },
  ],
  [
    "details of a slot",
    {
      call: { kind: "scan", slot: "A5", armed: 0 },
      slots: trayWith("VERIFY_MISMATCH"),
      panel: { kind: "details", slot: "A3", page: 1 },
    },
  ],
];

test("each call of the station has its screen", async () => {
  const screens = calls.map(
    ([name, over]) => [name, station({ typing: "none", keys: seen, ...over })] as const,
  );
  await expect(pages(screens)).toMatchFileSnapshot("frames/calls.txt");
});

describe("what the operator reads in row 6", () => {
  test.each<LanguageCode>(["en", "de", "zh"])("in %s", async (language) => {
    const words = languages[language];
    const rows = [
      ...calls.map(([name, over]) => `${name}: ${sayCall(station(over), words, 79).sentence}`),
      ...codes.map((code) => `${code}: ${words.faults[code]}`),
      ...refusalCodes.map((code) => `${code}: ${words.refused[code]}`),
    ];
    await expect(`${rows.join("\n")}\n`).toMatchFileSnapshot(`frames/row-6-${language}.txt`);
  });
});

test("in Chinese and German the tiles, the views and the key row speak too", async () => {
  const text = (["de", "zh"] as const)
    .flatMap((language) =>
      calls.map(([name, over]) => {
        const view = station({ typing: "none", keys: seen, ...over });
        const theme = themeOf("none", languages[language]);
        const rows = frame(view, "", { columns: 80, rows: 24 }, theme, now, clock);
        return [rule(`${language} ${name}`), ...rows.map((row) => row.trimEnd())].join("\n");
      }),
    )
    .join("\n");
  await expect(`${text}\n`).toMatchFileSnapshot("frames/calls-de-zh.txt");
});
