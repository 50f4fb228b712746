import { describe, expect, test } from "vitest";
import type { Person, Role } from "../../../src/model/person.ts";
import type { Input } from "../../../src/station/decide.ts";
import { bench, counts, emptyTray, ended, failed, pass, scan, started } from "./some-bench.ts";

const person = (name: string, role: Role): Person => ({
  id: 1,
  name,
  role,
  hasBadge: true,
  hasPin: false,
  active: true,
});
const badge = (who: Person | null): Input => ({
  type: "scanned",
  text: "B-000001",
  typed: false,
  scan: { kind: "badge", person: who },
});
const novak = person("A. Novak", "operator");
const lang = person("M. Lang", "lead");
const qi = person("Q. Qi", "quality");
const key = (name: Extract<Input, { type: "key" }>["key"]): Input => ({
  type: "key",
  key: name,
  places: [0, 1],
  columns: 2,
});
const closed = (more = {}) =>
  bench(
    emptyTray(["A1", "A2"], {
      person: null,
      rules: { login: "badge", run: "pipelined", start: "enter" },
      ...more,
    }),
  );
const deeds = (it: ReturnType<typeof bench>): string[] =>
  it.effects.flatMap((effect) =>
    effect.type === "record" ? [`${effect.deed.kind} ${effect.deed.by.name}`] : [],
  );

describe("a station with badges", () => {
  test("starts nothing before somebody logged in", () => {
    const tray = closed().come(scan("UNIT-0001"));
    expect(tray.started()).toEqual([]);
    expect(tray.call()).toMatchObject({ kind: "refused", code: "LOG_IN_FIRST", barcode: "" });
  });

  test("logs in by a badge and writes it down", () => {
    const tray = closed().come(badge(novak), scan("UNIT-0001"));
    expect(tray.started()).toEqual(["A1=UNIT-0001"]);
    expect(deeds(tray)).toEqual(["logged-in A. Novak"]);
  });

  test("refuses an unknown badge without showing it", () => {
    const tray = closed().come(badge(null));
    expect(tray.call()).toMatchObject({ kind: "refused", code: "BADGE_UNKNOWN", barcode: "" });
  });

  test("changes the shift by another badge, also while boards run", () => {
    const tray = closed().come(badge(novak), scan("UNIT-0001"), started("A1"), badge(lang));
    expect(tray.state().person).toEqual({ name: "M. Lang", role: "lead" });
    expect(deeds(tray)).toEqual(["logged-in A. Novak", "logged-out A. Novak", "logged-in M. Lang"]);
  });

  test("lets quality look and accept, never run", () => {
    const tray = closed().come(badge(qi), scan("UNIT-0001"));
    expect(tray.state().refused).toMatchObject({ code: "NO_RIGHT", of: "Q. Qi" });
  });

  test("asks for F9 twice while boards lie in the tray, and not while they run", () => {
    const tray = closed().come(badge(novak), scan("UNIT-0001"), started("A1"), key("log-out"));
    expect(tray.state().refused?.code).toBe("BOARDS_RUN");
    tray.come(ended("A1", pass), key("log-out"));
    expect(tray.call()).toMatchObject({ kind: "ask", question: { what: "log-out" } });
    expect(tray.come(key("log-out")).call()).toEqual({ kind: "log-in", ask: "badge", name: "" });
  });

  test("with PIN takes a name, then the PIN, and shows neither", () => {
    const tray = closed({ rules: { login: "pin", run: "pipelined", start: "enter" } }).come(scan("A. Novak"));
    expect(tray.call()).toEqual({ kind: "log-in", ask: "pin", name: "A. Novak" });
    tray.come(scan("4711"));
    expect(tray.effects).toEqual([{ type: "check-pin", name: "A. Novak", pin: "4711" }]);
    tray.come({ type: "pin-checked", person: null });
    expect(tray.state().refused).toEqual({ code: "PIN_WRONG", barcode: "", of: "" });
  });
});

describe("the first article", () => {
  const gated = () =>
    closed({ gate: { kind: "wanted", by: null } }).come(badge(novak), scan("UNIT-0001"), started("A1"));

  test("runs alone", () => {
    expect(gated().come(scan("UNIT-0002")).state().refused?.code).toBe("GATE_CLOSED");
  });

  test("that failed is no first article: the next one may run", () => {
    const tray = gated().come(ended("A1", failed("LINK_SILENT")), { type: "enter" }, scan("UNIT-0002"));
    expect(tray.started()).toHaveLength(2);
  });

  test("that passed holds the tray until another person accepts it", () => {
    const tray = gated().come(ended("A1", pass, 1));
    expect(tray.call()).toEqual({ kind: "accept", slot: "A1", barcode: "UNIT-0001" });
    expect(tray.come(scan("UNIT-0002")).state().refused?.code).toBe("GATE_CLOSED");
    tray.come(badge(qi), scan("UNIT-0002"));
    expect(tray.started()).toEqual(["A1=UNIT-0001", "A2=UNIT-0002"]);
    expect(deeds(tray).at(-1)).toBe("first-article-accepted Q. Qi");
    expect(tray.state().person?.name).toBe("A. Novak");
  });

  test("is not accepted by an operator, nor by the one who made it", () => {
    const tray = gated().come(ended("A1", pass, 1), badge(person("B. Other", "operator")));
    expect(tray.state().refused?.code).toBe("NO_RIGHT");
    const own = closed({ gate: { kind: "wanted", by: null } }).come(
      badge(lang),
      scan("UNIT-0001"),
      started("A1"),
      // A change of shift while it runs makes nobody else its maker.
      badge(novak),
      ended("A1", pass, 1),
      badge(lang),
    );
    expect(own.state().refused?.code).toBe("SECOND_PERSON");
  });

  test("is refused by F8 and a second person's badge; then another one is made", () => {
    const tray = gated().come(ended("A1", pass, 1), key("reject"));
    expect(tray.call()).toMatchObject({ kind: "ask", question: { what: "reject-article" } });
    tray.come(badge(lang), scan("UNIT-0002"));
    expect(deeds(tray).at(-1)).toBe("first-article-refused M. Lang");
    expect(tray.started()).toHaveLength(2);
  });
});

describe("a lead's keys", () => {
  test("do nothing for an operator", () => {
    const tray = closed().come(badge(novak), key("slot"));
    expect(tray.state().refused).toMatchObject({ code: "NO_RIGHT", of: "A. Novak" });
  });

  test("retire the chosen slot with a reason, in two moves; it gets no board until it is restored", () => {
    const tray = closed().come(badge(lang), key("right"), key("slot"), key("down"));
    expect(tray.call()).toEqual({
      kind: "ask",
      question: { what: "retire", slot: "A1", reason: "cable" },
    });
    tray.come(key("slot"));
    expect(tray.effects.at(-1)).toMatchObject({
      type: "record",
      deed: { kind: "slot-retired", slot: "A1", detail: { reason: "cable" } },
    });
    const at = new Date(0);
    tray.come(
      { type: "retired", slot: "A1", retirement: { reason: "cable", by: "M. Lang", at } },
      scan("UNIT-0001"),
    );
    expect(tray.started()).toEqual(["A2=UNIT-0001"]);
    tray.come(key("right"), key("slot"), key("slot"));
    expect(tray.slot("A1")).toEqual({ kind: "empty" });
  });

  test("close an order before its end, in two moves", () => {
    const tray = closed().come(badge(lang), key("order"));
    expect(tray.call()).toMatchObject({ kind: "ask", question: { what: "close-order", order: "WO-1" } });
    expect(tray.come(key("order")).effects.at(-1)).toMatchObject({ type: "close-order" });
  });

  test("a lead's badge closes an order that is complete", () => {
    const order = { id: "WO-1", product: "V", revision: "C", quantity: 1, limit: null, barcode: null };
    const tray = closed({ order, counts: { ...counts, passed: 1 } }).come(badge(novak));
    expect(tray.call()).toEqual({ kind: "done", failed: 0, mayClose: false });
    expect(tray.come(badge(lang)).effects.at(-1)).toMatchObject({
      type: "close-order",
      by: { name: "M. Lang" },
    });
  });
});
