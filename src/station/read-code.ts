import type { BenchRules } from "../model/bench-rules.ts";
import { functionKeys, type FunctionKey } from "../model/key.ts";
import { gs1Fields } from "./gs1.ts";

/** A key that a card stands for. */
export type CardKey = "enter" | "escape" | "pause" | FunctionKey;

/** What the text of a scan is, before the books are asked. */
export type Code =
  | { readonly kind: "unit"; readonly barcode: string }
  /** A label that names another product, or none that can be read. */
  | { readonly kind: "other-product"; readonly gtin: string }
  | { readonly kind: "unreadable" }
  | { readonly kind: "panel"; readonly code: string }
  | { readonly kind: "slot"; readonly slot: string }
  | { readonly kind: "badge"; readonly code: string }
  | { readonly kind: "order"; readonly order: string }
  | { readonly kind: "card"; readonly key: CardKey };

const cards: Readonly<Record<string, CardKey>> = {
  ENTER: "enter",
  ESC: "escape",
  SPACE: "pause",
  F1: "help",
  ...Object.fromEntries(functionKeys.slice(1, 9).map((key, i) => [`F${i + 2}`, key])),
  UP: "up",
  DOWN: "down",
  LEFT: "left",
  RIGHT: "right",
};

/** Longest code that anything of ours has. */
const longest = 400;

/**
 * What a scan is, by the rules of the station file: affixes off, then command card, badge, order, slot, panel, and what
 * is left is a unit. Where nobody is logged in yet and no rule tells badges, everything else is one.
 */
export function readCode(
  text: string,
  rules: Pick<BenchRules, "login" | "badge" | "scans" | "orders">,
  loggedIn: boolean,
): Code {
  const { scans, orders, badge, login } = rules;
  const body = withoutAffixes(text, scans.prefix, scans.suffix);
  if (body.length > longest) return { kind: "unreadable" };
  const card = /^GF:([A-Z0-9]{2,6})$/.exec(body)?.[1];
  const key = card === undefined ? undefined : Object.hasOwn(cards, card) ? cards[card] : undefined;
  if (key !== undefined) return { kind: "card", key };
  if (login === "badge" && badge?.test(body) === true) return { kind: "badge", code: body };
  const order = orders === null ? null : orders.pattern.exec(body);
  if (order !== null) return { kind: "order", order: order.groups?.["order"] ?? order[0] };
  const slot = scans.slot.exec(body)?.[1];
  if (slot !== undefined) return { kind: "slot", slot };
  if (login === "badge" && badge === null && !loggedIn) return { kind: "badge", code: body };
  if (scans.panel?.pattern.test(body) === true) return { kind: "panel", code: body };
  return scans.gs1 === null ? { kind: "unit", barcode: body } : labelOf(body, scans.gs1.gtin);
}

function withoutAffixes(text: string, prefix: string, suffix: string): string {
  const front = prefix !== "" && text.startsWith(prefix) ? text.slice(prefix.length) : text;
  return suffix !== "" && front.endsWith(suffix) ? front.slice(0, -suffix.length) : front;
}

function labelOf(body: string, gtin: string | null): Code {
  const fields = gs1Fields(body);
  // A label typed by hand, or an older one: the profile's pattern decides.
  if (fields === "not-gs1") return { kind: "unit", barcode: body };
  if (fields === "broken") return { kind: "unreadable" };
  const found = fields.get("01");
  if (gtin !== null && found !== gtin) return { kind: "other-product", gtin: found ?? "" };
  const serial = fields.get("21");
  return serial === undefined ? { kind: "unreadable" } : { kind: "unit", barcode: serial };
}
