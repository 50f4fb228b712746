import type { StationView } from "../../../src/model/view.ts";
import { frame } from "../../../src/ui/frame.ts";
import { themeOf } from "../../../src/ui/theme.ts";

const size = { columns: 80, rows: 24 };
/** The screen at 80x24 without what no two runs have alike. */
export const steadyScreen = (view: StationView): string =>
  frame(view, "", size, themeOf("none"), performance.now(), new Date("2026-11-22T10:42:00Z"))
    .map((row) =>
      row
        .replaceAll(/-*[ ]\d+s(?=[ ]|$)/g, (found) => " 0s".padStart(found.length, "-"))
        .replaceAll(/\b\d+ s\b/g, "0 s")
        .replace(/^( LAST ).*/, "$1 ~")
        .replace(/ +\d+ an hour.*/, "")
        .trimEnd(),
    )
    .join("\n");
