import { describe, expect, test } from "vitest";
import { plainRules } from "../../../src/model/bench-rules.ts";
import { parseFormat } from "../../../src/model/serial.ts";
import type { Mishap } from "../../../src/model/mishap.ts";
import { refusalCodes, type RefusalCode } from "../../../src/model/refusal.ts";
import type { StationView } from "../../../src/model/view.ts";
import { steadyScreen as screen } from "./steady-screen.ts";
import { line, type Line, type LineOptions } from "./real-station.ts";

// Every refusal as a real station with real books shows it at 80x24. The screens are kept as text in
// test/ui/frames/bench; whoever writes them anew (vitest -u) looks at them.

const keys = (...names: ("slot" | "order" | "log-out" | "right")[]) =>
  names.map((key) => ({ type: "key", key }) as const);
const enter = { type: "enter" } as const;
const passed =
  (count: number) =>
  ({ batch, running }: StationView): boolean =>
    batch?.counts.passed === count && running === 0;
const failed = ({ call }: StationView): boolean => call.kind === "failed";
const armed = ({ slots }: StationView): boolean => slots[0]?.state.kind === "armed";

const badge = { login: "badge", badge: /^B-/u } as const;
const byKey = { rules: { start: "key" } } as const;
const orders = { pattern: /^WO-[0-9]+$/u, profiles: null, sheet: null };
const mute = { mishapOf: (): Mishap => ({ muteAfter: 0 }) };
const labels = {
  labels: {
    scanBack: true,
    print: async () => await Promise.resolve({ kind: "printed" as const, name: "unit", scans: ["L-1"] }),
  },
};
const people = (it: Line): void => {
  it.store.addPerson({ name: "A. Novak", role: "operator", badge: "B-1" });
  it.store.addPerson({ name: "A. Kim", role: "quality", badge: "B-2" });
  it.scan("B-1");
};
/** Teach-in: `ports` appear as soon as somebody looks for them. */
const teach = (ports: readonly string[], why: string | null = null): LineOptions => ({
  teach: {
    watch: async (appeared) => {
      ports.forEach(appeared);
      return await Promise.resolve({ [Symbol.dispose]: () => {} });
    },
    write: () => why,
  },
});
const taught = ({ call }: StationView): boolean => call.kind === "teach";
const formatOf = (text: string) => {
  const format = parseFormat(text);
  if (typeof format === "string") throw new Error(format);
  return format;
};
const one: LineOptions = {
  profile: {
    serial: { series: "s", format: formatOf("S-{n}"), start: 1, end: 1, policy: "consume-on-success" },
  },
};

/** How a bench comes to each refusal. */
const ways: Readonly<
  Record<RefusalCode, readonly [options: LineOptions, come: (it: Line) => Promise<unknown> | void]>
> = {
  SCAN_FORMAT: [{ profile: { barcode: /^U-/u } }, (it) => it.scan("HELLO")],
  SCAN_IN_TRAY: [byKey, (it) => it.scan("U-1", "U-1")],
  SCAN_PASSED: [
    {},
    async (it) => {
      it.scan("U-1");
      await it.until(passed(1));
      it.scan("U-1");
    },
  ],
  SCAN_REWORK: [
    { mishapOf: () => ({ flipBit: 100 }) },
    async (it) => {
      for (const unit of ["U-1", "U-2", "U-3"]) {
        it.scan(unit);
        await it.until(failed);
        it.send(enter);
        await it.until((view) => !failed(view));
      }
      // U-3 took the place of U-1.
      it.scan("U-1");
    },
  ],
  SCAN_OTHER_ORDER: [
    { byCode: true, rules: { orders } },
    async (it) => {
      it.scan("WO-1", "U-1");
      await it.until(passed(1));
      it.scan("WO-2", "U-1");
    },
  ],
  SCAN_NO_SLOT: [byKey, (it) => it.scan("U-1", "U-2", "U-3")],
  SCAN_FULL: [{ ...byKey, quantity: 1 }, (it) => it.scan("U-1", "U-2")],
  ACK_FIRST: [
    mute,
    async (it) => {
      it.scan("U-1", "U-2");
      await it.until(({ slots }) => slots.every(({ state }) => state.kind === "ended"));
      it.scan("U-3");
    },
  ],
  SLOT_RETIRED: [
    {},
    async (it) => {
      it.send(...keys("right", "slot", "slot"));
      await it.until(({ slots }) => slots[0]?.state.kind === "retired");
      it.scan("GF:SLOT:A1");
    },
  ],
  SERIALS_OUT: [
    one,
    async (it) => {
      it.scan("U-1");
      await it.until(passed(1));
      it.scan("U-2");
    },
  ],
  STATION_PAUSED: [
    {},
    (it) => {
      it.send({ type: "pause" });
      it.scan("U-1");
    },
  ],
  RECORDS_REFUSED: [
    {},
    async (it) => {
      await it.until(({ call }) => call.kind === "scan");
      it.store.close();
      it.scan("U-1");
    },
  ],
  GATE_CLOSED: [
    { rules: badge, profile: { firstArticle: true } },
    async (it) => {
      people(it);
      it.scan("U-1");
      await it.until(({ call }) => call.kind === "accept");
      it.scan("U-2");
    },
  ],
  SCAN_GTIN: [
    { rules: { scans: { ...plainRules.scans, gs1: { gtin: "04012345678901" } } } },
    (it) => it.scan("]d2010001234567890521U-1"),
  ],
  SLOT_TAKEN: [byKey, (it) => it.scan("U-1", "GF:SLOT:A1")],
  BADGE_UNKNOWN: [{ rules: badge }, (it) => it.scan("B-404")],
  PIN_WRONG: [
    { rules: { login: "pin" } },
    (it) => {
      for (const text of ["A. Novak", "0000"]) it.send({ type: "typed", text });
    },
  ],
  NO_RIGHT: [
    { rules: badge },
    (it) => {
      people(it);
      it.send(...keys("slot"));
    },
  ],
  SECOND_PERSON: [
    { rules: badge, profile: { firstArticle: true } },
    async (it) => {
      it.store.addPerson({ name: "M. Lang", role: "lead", badge: "B-3" });
      it.scan("B-3", "U-1");
      await it.until(({ call }) => call.kind === "accept");
      it.scan("B-3");
    },
  ],
  LOG_IN_FIRST: [{ rules: badge, profile: { barcode: /^U-/u } }, (it) => it.scan("U-1")],
  ORDER_FIRST: [{ byCode: true, rules: { orders } }, (it) => it.scan("U-1")],
  ORDER_UNKNOWN: [{ byCode: true, rules: { orders } }, (it) => it.scan("WO-404")],
  ORDER_CLOSED: [{ byCode: true, rules: { orders } }, (it) => it.scan("WO-405")],
  ORDER_BROKEN: [{ byCode: true, rules: { orders } }, (it) => it.scan("WO-406")],
  BOARDS_RUN: [
    { byCode: true, rules: { orders, start: "key" } },
    async (it) => {
      it.scan("WO-1", "U-1");
      await it.until(armed);
      it.scan("WO-2");
    },
  ],
  PROFILE_EARLY: [{ profile: { from: "2999-01-01" } }, (it) => it.scan("U-1")],
  PROFILE_OVER: [{ profile: { until: "2001-01-01" } }, (it) => it.scan("U-1")],
  PROFILE_LIMIT: [
    { profile: { limit: 1 } },
    async (it) => {
      it.scan("U-1");
      await it.until(passed(1));
      it.scan("U-2");
    },
  ],
  GOLDEN_FIRST: [{ rules: { golden: { barcode: "GOLDEN-1", uid: null } } }, (it) => it.scan("U-1")],
  CARD_USELESS: [{}, (it) => it.send(...keys("log-out"))],
  LABEL_OTHER: [
    { ...labels, profile: { barcode: /^U-/u } },
    async (it) => {
      it.scan("U-1");
      await it.until(({ call }) => call.kind === "label");
      it.scan("L-7");
    },
  ],
  LABEL_FIRST: [
    labels,
    async (it) => {
      it.scan("U-1");
      await it.until(({ call }) => call.kind === "label");
      it.send(...keys("order"));
    },
  ],
  TEACHING: [
    teach([]),
    async (it) => {
      it.send(...keys("slot", "slot"));
      await it.until(taught);
      it.scan("U-1");
    },
  ],
  PORT_TAKEN: [teach(["usb:1-1", "usb:1-1"]), (it) => it.send(...keys("slot", "slot"))],
  TEACH_FAILED: [
    teach([], "bench.yaml was changed by somebody else"),
    async (it) => {
      it.send(...keys("slot", "slot"));
      await it.until(taught);
      it.send(enter, enter, enter);
    },
  ],
  NOTHING_ARMED: [byKey, (it) => it.send(enter)],
};

describe("a refusal at the bench: its word, its sentence, what becomes of the board", () => {
  test.each(refusalCodes)("%s", async (code) => {
    const [options, come] = ways[code];
    const it = line(options);
    await come(it);
    const view = await it.until(({ call }) => call.kind === "refused" && call.code === code);
    expect(it.signals.at(-1)).toBe("refuse");
    await expect(`${screen(view)}\n`).toMatchFileSnapshot(`../../ui/frames/bench/${code}.txt`);
  });
});
