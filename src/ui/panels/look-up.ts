import type { LifeLine, LookUp, Panel } from "../../model/panel.ts";
import { clockText, dayText } from "../parts/moment.ts";
import { cut, cutLeft, shown, widthOf } from "../text.ts";
import { signOf } from "../theme.ts";
import type { Theme } from "../theme.ts";
import { say } from "../words/catalogue.ts";
import type { Words } from "../words/catalogue.ts";
import { bar } from "../line.ts";
import { grouped } from "./figures.ts";
import { columnsOf } from "./page.ts";
import type { Page, PageScene } from "./page.ts";

const names = {
  uid: "chipUid",
  chip: "gateChip",
  serial: "gateSerial",
  mac: "chipMac",
  image: "gateImage",
  protection: "chipProtection",
} as const;

/** 24 hex digits in three groups. */
const uidText = (uid: string): string =>
  (
    shown(uid, 24)
      .toUpperCase()
      .match(/.{1,8}/g) ?? []
  ).join(" ");

/** Its UID, and over which wire it was read just now. */
function uidSaid({ uid, wire }: LookUp, words: Words): string {
  const text = `UID ${uidText(uid ?? "")}`;
  return wire === null ? text : say(words, "lookUpOver", { uid: text, wire: wire.toUpperCase() });
}

function unitText({ barcode, unit }: LookUp, words: Words): string {
  const parts = [barcode === null ? "?" : cutLeft(shown(barcode), 24)];
  if (unit !== null) {
    parts.push(`${shown(unit.product, 20)} rev ${shown(unit.revision, 8)}`);
    if (unit.serial !== null) parts.push(`${shown(unit.serial, 24)} ${unit.serialState ?? ""}`.trimEnd());
    parts.push(cutLeft(shown(unit.batch), 16));
  } else parts.push(say(words, "none"));
  return parts.join("   ");
}

/** `+ serial same`, `X image 3f20`, `? uid not readable here`. */
function inChipTexts({ inChip }: LookUp, theme: Theme): readonly string[] {
  const { words } = theme;
  return inChip.map(({ what, same, found }) => {
    const name = say(words, names[what]);
    if (same === null) return `? ${name} ${found === "" ? say(words, "lookUpUnread") : shown(found, 24)}`;
    const symbol = signOf(same ? "PASS" : "FAIL", theme).symbol;
    if (same)
      return `${symbol} ${name} ${what === "protection" ? shown(found, 12) : say(words, "lookUpSame")}`;
    return `${symbol} ${name} ${say(words, "lookUpOther")}: ${shown(found, 20)}`;
  });
}

/** What the chip holds, as many in a row as there is room for. */
function inChipRows(board: LookUp, scene: PageScene): Page {
  const { theme, columns } = scene;
  const rows: string[] = [];
  let row = `${say(theme.words, "lookUpInChip")} `;
  for (const [i, text] of inChipTexts(board, theme).entries()) {
    const longer = i === 0 ? `${row} ${text}` : `${row}   ${text}`;
    if (widthOf(longer) <= columns - 2) row = longer;
    else {
      rows.push(row);
      row = text;
    }
  }
  return [...rows, row].map((text) => [{ at: 1, text: cut(text, columns - 2) }]);
}

/** `22 Nov 26 10:19`. */
function momentText(at: Date, timezone: string | null): string {
  return `${dayText(at, timezone).replace(/\d\d(\d\d)$/, "$1")} ${clockText(at, timezone)}`;
}

/** Columns of WHERE, the space behind it left out. */
const whereWide = 15;

/** `line1 A3 usb`: a long name of a station gives way. */
function whereText({ station, slot, wire }: LifeLine): string {
  const place = `${slot === null ? "" : ` ${shown(slot, 8)}`}${wire === null ? "" : ` ${wire}`}`;
  return `${cut(shown(station), whereWide - widthOf(place))}${place}`.trimStart();
}

/** Which records speak of it, and whether they still say what was hashed. */
function recordsText({ records, changed, elsewhere }: LookUp, words: Words): string {
  const own = records.map(grouped).join(", ");
  const here =
    records.length === 0
      ? ""
      : changed === null
        ? say(words, "lookUpRecords", { records: own })
        : say(words, "lookUpChanged", { n: grouped(changed) });
  const others = elsewhere.map(({ station, seq }) => `${shown(station, 12)} ${grouped(seq)}`).join(", ");
  const there = others === "" ? "" : say(words, "lookUpElsewhere", { records: others });
  return [here, there].filter((text) => text !== "").join(" ");
}

function lifeRow(line: LifeLine, scene: PageScene): Page[number] {
  return columnsOf(
    [
      [1, line.attempt === null ? "-" : String(line.attempt)],
      [4, momentText(line.at, scene.view.timezone)],
      [22, whereText(line)],
      [38, shown(line.by)],
      [48, line.outcome ?? "-"],
      [56, shown(line.remark)],
    ],
    scene.columns,
  );
}

/** A board that is only read: what it is, what its chip holds now, its life (screens.md, 3.12). */
export function lookUpPage({ board }: Extract<Panel, { kind: "look-up" }>, scene: PageScene): Page {
  const { theme, columns, height } = scene;
  const { words } = theme;
  if (board.state === "waiting") return [];
  if (board.state === "reading") {
    const wide = Math.min(40, columns - 12);
    const percent = `${Math.floor(100 * Math.min(1, Math.max(0, board.done)))}%`;
    return [[], [...bar(1, wide, board.done, "runCell"), { at: wide + 3, text: percent }]];
  }
  const top: Page = [
    [{ at: 1, text: cut(unitText(board, words), columns - 2) }],
    ...(board.uid === null && board.chip === null
      ? []
      : [
          [
            {
              at: 1,
              text: cut(
                [
                  ...(board.uid === null ? [] : [uidSaid(board, words)]),
                  ...(board.chip === null ? [] : [shown(board.chip)]),
                ].join("   "),
                columns - 2,
              ),
            },
          ],
        ]),
    ...(board.inChip.length === 0 ? [] : inChipRows(board, scene)),
  ];
  if (board.life.length === 0) return top;
  const records = recordsText(board, words);
  const foot: Page = records === "" ? [] : [[], [{ at: 1, text: cut(records, columns - 2) }]];
  const head = columnsOf(
    [
      [1, "#"],
      [4, say(words, "lookUpWhen")],
      [22, say(words, "lookUpWhere")],
      [38, say(words, "lookUpWho")],
      [48, say(words, "lookUpResult")],
      [56, say(words, "lookUpRemark")],
    ],
    columns,
  );
  // The newest lines are what somebody looks for.
  const room = Math.max(1, height - top.length - foot.length - 3);
  const life = board.life.slice(-room);
  const rest = board.life.length - life.length;
  return [
    ...top,
    [],
    head,
    ...life.map((line) => lifeRow(line, scene)),
    ...(rest === 0 ? [] : [[{ at: 1, text: say(words, "more", { n: rest }) }]]),
    ...foot,
  ];
}
