import type { OpenOrder, Panel } from "../../model/panel.ts";
import { cut, cutLeft, shown } from "../text.ts";
import { say } from "../words/catalogue.ts";
import type { Words } from "../words/catalogue.ts";
import { columnsOf } from "./page.ts";
import type { Page, PageScene } from "./page.ts";

function passedText(order: OpenOrder, words: Words): string {
  return order.quantity === null
    ? String(order.passed)
    : say(words, "ordersOf", { n: order.passed, of: order.quantity });
}

/** The orders that are open here; none is chosen on the screen (screens.md, 3.8). */
export function ordersPage({ orders }: Extract<Panel, { kind: "orders" }>, scene: PageScene): Page {
  const { theme, columns, height } = scene;
  const { words } = theme;
  const paper = [{ at: 1, text: cut(say(words, "ordersPaper"), columns - 2) }];
  if (orders.length === 0) return [[{ at: 1, text: say(words, "ordersNone") }], [], paper];
  const row = (cells: readonly [string, string, string, string, string]): Page[number] =>
    columnsOf(
      [
        [cells[0].startsWith(" ") ? 3 : 1, cells[0].trimStart()],
        [14, cells[1]],
        [28, cells[2]],
        [46, cells[3]],
        [62, cells[4]],
      ],
      columns,
    );
  const head = row([
    say(words, "ordersOpen"),
    say(words, "ordersProduct"),
    say(words, "ordersProfile"),
    say(words, "ordersState"),
    say(words, "ordersPassed"),
  ]);
  const fits = orders.slice(0, Math.max(1, height - 4));
  const rest = orders.length - fits.length;
  return [
    head,
    ...fits.map((order) =>
      row([
        ` ${cutLeft(shown(order.id), 10)}`,
        shown(order.product),
        `${shown(order.profile)} rev ${shown(order.revision)}`,
        order.trial ? "TRIAL" : say(words, "ordersReleased"),
        passedText(order, words),
      ]),
    ),
    rest === 0 ? [] : [{ at: 3, text: say(words, "more", { n: rest }) }],
    paper,
  ];
}
