import type { LabelStep } from "../../model/label.ts";
import type { SlotState } from "../../model/slot-view.ts";
import { endingAt } from "../line.ts";
import type { Mark } from "../line.ts";
import { cutLeft, shown, widthOf } from "../text.ts";
import type { Theme } from "../theme.ts";
import type { TileBox } from "./tile-size.ts";

/** `12s`, from 1000 s on minutes: the figure has four columns. */
function shortSeconds(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return seconds < 1000 ? `${seconds}s` : `${Math.round(seconds / 60)}m`;
}

const barcodeOf = (state: SlotState): string => ("barcode" in state ? shown(state.barcode) : "");

const tailOf = (state: SlotState): string => {
  if (state.kind !== "ended") return "";
  if (state.outcome.kind !== "PASS" && state.acknowledged) return " ack";
  return ` ${shortSeconds(state.ms)}`;
};

/** One slot on the whole tray: barcode and serial in full. */
function wideHead(name: string, state: SlotState, box: TileBox): readonly Mark[] {
  const barcode = cutLeft(barcodeOf(state), 30);
  const serial = "serial" in state && state.serial !== null ? shown(state.serial) : "";
  const ended = state.kind === "ended";
  const acknowledged = ended && state.outcome.kind !== "PASS" && state.acknowledged;
  const tail = ended ? (acknowledged ? "ack" : `${Math.max(0, Math.round(state.ms / 1000))} s`) : "";
  const at = 1 + widthOf(name) + 1;
  return [
    { at: 1, text: name },
    { at, text: barcode },
    { at: at + widthOf(barcode) + 3, text: cutLeft(serial, 24) },
    endingAt(box.width - 1, tail),
  ];
}

/** The smallest: slot and the end of the barcode. Where no third row is left for `ack`, it takes the barcode's place. */
function smallHead(name: string, state: SlotState, box: TileBox, theme: Theme): readonly Mark[] {
  const at = 1 + widthOf(name) + 1;
  const room = box.width - 1 - at;
  if (tailOf(state) === " ack" && box.height < 3)
    return [{ at: 1, text: name }, endingAt(box.width - 1, "ack")];
  const barcode = barcodeOf(state);
  if (barcode !== "")
    return [
      { at: 1, text: name },
      { at, text: cutLeft(barcode, room) },
    ];
  return [
    { at: 1, text: name },
    { at, text: theme.rule.repeat(Math.max(0, room)), role: "quiet" },
  ];
}

/** What points at the slot, its name, barcode, and a rule that ends in the seconds or in `ack`. */
export function headRow(
  name: string,
  state: SlotState,
  box: TileBox,
  theme: Theme,
  before: ">" | "!" | null,
  label: LabelStep | null,
): readonly Mark[] {
  const pointer: readonly Mark[] = before === null ? [] : [{ at: 0, text: before }];
  if (box.size === "XL") return [...pointer, ...wideHead(name, state, box)];
  if (box.size === "XS") return [...pointer, ...smallHead(name, state, box, theme)];
  const end = box.width - 1;
  const at = 1 + widthOf(name) + 1;
  const barcode = cutLeft(barcodeOf(state), end - at - 5);
  const wanted = box.size === "S" && label !== null && label !== "printing";
  const tail = wanted ? (label === "pending" ? " LBL!" : " LBL<") : tailOf(state);
  const ruleAt = barcode === "" ? at : at + widthOf(barcode) + 1;
  const rule = theme.rule.repeat(Math.max(0, end - ruleAt - tail.length));
  const quiet = state.kind === "ended" && state.outcome.kind !== "PASS" ? {} : ({ role: "quiet" } as const);
  return [
    ...pointer,
    { at: 1, text: name },
    ...(barcode === "" ? [] : [{ at, text: barcode }]),
    ...(rule === "" ? [] : [{ at: ruleAt, text: rule, ...quiet }]),
    { ...endingAt(end, tail.trimStart()), ...(wanted ? ({ role: "look" } as const) : {}) },
  ];
}
