import { assertNever } from "../../lib/assert-never.ts";
import type { Panel } from "../../model/panel.ts";
import type { StationView } from "../../model/view.ts";
import { fillRows, line } from "../line.ts";
import type { Span, Theme } from "../theme.ts";
import { completePage } from "./complete.ts";
import { detailsPage } from "./details.ts";
import { firstArticlePage } from "./first-article.ts";
import { fitPage } from "./fit.ts";
import { helpPage } from "./help.ts";
import { lookUpPage } from "./look-up.ts";
import { numbersPage } from "./numbers.ts";
import { ordersPage } from "./orders.ts";
import type { Page, PageScene } from "./page.ts";

function pageOf(panel: Panel, scene: PageScene, now: number): Page {
  switch (panel.kind) {
    case "fit":
      return fitPage(panel, scene);
    case "orders":
      return ordersPage(panel, scene);
    case "first-article":
      return firstArticlePage(panel, scene);
    case "complete":
      return completePage(panel, scene);
    case "look-up":
      return lookUpPage(panel, scene);
    case "numbers":
      return numbersPage(panel, scene);
    case "details":
      return detailsPage(panel, scene, now);
    case "help":
      return helpPage(scene);
    default:
      return assertNever(panel);
  }
}

/** What covers the tiles' rows, and nothing else: `height` rows of `columns`. */
export function panelRows(
  view: StationView,
  panel: Panel,
  height: number,
  columns: number,
  theme: Theme,
  now: number,
): readonly (readonly Span[])[] {
  const page = pageOf(panel, { view, theme, columns, height }, now);
  return fillRows(page, height).map((marks) => line(columns, "plain", marks));
}
