import { describe, expect, test } from "vitest";
import { plainRules } from "../../../src/model/bench-rules.ts";
import { Fault } from "../../../src/model/fault.ts";
import type { LabelDesk } from "../../../src/model/label.ts";
import type { StationView } from "../../../src/model/view.ts";
import type { StationOptions } from "../../../src/station/running-station.ts";
import type { Teacher } from "../../../src/station/teach.ts";
import { dataFolder } from "../store/books.ts";
import { line, type Line } from "./real-station.ts";

const passed =
  (count: number) =>
  (view: StationView): boolean =>
    view.batch?.counts.passed === count && view.running === 0;
const pattern = /^WO-[0-9]+$/u;
const orders = { pattern, profiles: null, sheet: null };

describe("a shift at the bench", () => {
  test("log in, order, first article with a second person, the next board, log out: all in the books", async () => {
    const it = line({
      byCode: true,
      rules: { login: "badge", badge: /^B-/u, orders },
      profile: { firstArticle: true },
    });
    it.store.addPerson({ name: "A. Novak", role: "operator", badge: "B-1" });
    it.store.addPerson({ name: "M. Lang", role: "lead", badge: "B-2" });
    expect((await it.until(({ call }) => call.kind === "log-in")).operator).toBeNull();
    it.scan("B-1");
    await it.until(({ call }) => call.kind === "order");
    it.scan("WO-404");
    await it.until(({ call }) => call.kind === "refused" && call.code === "ORDER_UNKNOWN");
    it.scan("WO-7", "U-1");
    const waiting = await it.until(({ call }) => call.kind === "accept");
    expect(waiting.batch).toMatchObject({ id: "WO-7", counts: { passed: 1 } });
    expect(waiting.panel).toMatchObject({
      kind: "first-article",
      article: { barcode: "U-1", madeBy: "A. Novak" },
    });
    it.scan("U-2");
    await it.until(({ call }) => call.kind === "refused" && call.code === "GATE_CLOSED");
    it.scan("B-2", "U-2");
    await it.until(passed(2));
    it.send({ type: "key", key: "log-out" }, { type: "key", key: "log-out" });
    await it.until(({ operator }) => operator === null);
    expect(it.store.deeds().map(({ kind, by }) => `${kind} ${by}`)).toEqual(
      expect.arrayContaining(["logged-in A. Novak", "first-article-accepted M. Lang", "logged-out A. Novak"]),
    );
    expect(it.store.lastAttempt("U-2", "sim")).toMatchObject({ operator: "A. Novak", batch: "WO-7" });
  });

  test("a first article that waits is still waiting after a restart", async () => {
    const folder = dataFolder();
    const options = {
      folder,
      profile: { firstArticle: true },
      rules: { login: "badge", badge: /^B-/u },
    } as const;
    const first = line(options);
    first.store.addPerson({ name: "A. Novak", role: "operator", badge: "B-1" });
    first.scan("B-1", "U-1");
    await first.until(({ call }) => call.kind === "accept");
    first.send({ type: "interrupt" });
    await first.station.left;
    first.store.close();
    const second = line(options);
    expect((await second.until(({ call }) => call.kind === "accept")).call).toMatchObject({
      slot: "A1",
      barcode: "U-1",
    });
  });
});

test("a retired slot stays retired after a restart, and gets no board", async () => {
  const folder = dataFolder();
  const first = line({ folder });
  first.send({ type: "key", key: "right" }, { type: "key", key: "slot" }, { type: "key", key: "slot" });
  await first.until(({ slots }) => slots[0]?.state.kind === "retired");
  first.send({ type: "interrupt" });
  await first.station.left;
  first.store.close();
  const second = line({ folder });
  second.scan("U-1");
  const view = await second.until(passed(1));
  expect(view.slots.map(({ state }) => state.kind)).toEqual(["retired", "ended"]);
});

test("arrows and function keys work from command cards, too", async () => {
  const it = line();
  it.scan("GF:RIGHT", "GF:RIGHT", "GF:F3");
  const { panel, chosen } = await it.until((view) => view.panel !== null);
  expect({ panel, chosen }).toEqual({ panel: { kind: "details", slot: "A2", page: 1 }, chosen: "A2" });
});

test("a look-up reads the board in its slot, writes nothing, and tells its life", async () => {
  const it = line();
  it.scan("U-1");
  await it.until(passed(1));
  it.send({ type: "key", key: "look-up" });
  it.scan("GF:SLOT:A1");
  const view = await it.until(({ panel }) => panel?.kind === "look-up" && panel.board.state === "read");
  expect(view.panel).toMatchObject({
    kind: "look-up",
    board: {
      slot: "A1",
      barcode: "U-1",
      done: expect.any(Number) as number,
      inChip: expect.arrayContaining([
        { what: "image", same: true, found: "" },
        // Nothing set it, so that no record says what it was.
        { what: "protection", same: null, found: "AA" },
      ]) as unknown,
      changed: null,
      life: [{ attempt: 1, outcome: "PASS", wire: "uart" }],
    },
  });
  expect(it.store.attemptsOf("U-1", "sim")).toHaveLength(1);
});

test("a golden sample is read before the first board, its deed is kept, and no record comes of it", async () => {
  const it = line({ rules: { golden: { barcode: "GOLDEN-1", uid: null } } });
  it.scan("U-1");
  await it.until(({ call }) => call.kind === "refused" && call.code === "GOLDEN_FIRST");
  it.scan("GOLDEN-1");
  await it.until(({ call }) => call.kind === "scan");
  it.scan("U-1");
  await it.until(passed(1));
  expect(it.store.deeds({ kind: "golden-sample" })).toMatchObject([{ slot: "A1", detail: { good: true } }]);
  expect(it.store.lastAttempt("GOLDEN-1", "sim")).toBeNull();
});

test("a golden sample with another chip stops the station", async () => {
  const it = line({ rules: { golden: { barcode: "GOLDEN-1", uid: "00".repeat(12) } } });
  it.scan("GOLDEN-1");
  await it.until(({ call }) => call.kind === "stop" && call.code === "GOLDEN_FAILED");
  expect(it.store.deeds({ kind: "golden-sample" })).toMatchObject([{ detail: { good: false } }]);
});

test("a panel starts every slot in one gang, each with its own record", async () => {
  const it = line({
    rules: { scans: { ...plainRules.scans, panel: { pattern: /^PNL-/u, unit: "{panel}.{n:02}" } } },
  });
  it.scan("PNL-7");
  await it.until(passed(2));
  expect(["PNL-7.01", "PNL-7.02"].map((code) => it.store.lastAttempt(code, "sim"))).toMatchObject([
    { slot: "A1", panel: "PNL-7" },
    { slot: "A2", panel: "PNL-7" },
  ]);
});

test("forty scans that come at once are all answered, run or refused by name: none is lost", async () => {
  const it = line({ rules: { run: "pipelined" } });
  const codes = Array.from({ length: 40 }, (_, i) => `U-${i}`);
  const refused = new Set<string>();
  const stop = it.station.subscribe(() => {
    const { call } = it.station.view();
    if (call.kind === "refused") refused.add(call.barcode);
  });
  it.scan(...codes);
  await it.until(
    ({ batch, running }) => running === 0 && (batch?.counts.passed ?? 0) + refused.size === codes.length,
  );
  stop();
  const done = codes.filter((code) => it.store.lastAttempt(code, "sim") !== null);
  expect([...done, ...refused].toSorted()).toEqual(codes.toSorted());
});

test("lights and sounds follow the verdicts: fail, seen, refused, passed", async () => {
  const it = line({ mishapOf: (_slot, barcode) => (barcode === "U-1" ? { muteAfter: 0 } : {}) });
  it.scan("U-1");
  await it.until(({ call }) => call.kind === "failed");
  it.send({ type: "enter" });
  it.scan("U-2");
  await it.until(passed(1));
  it.scan("U-2");
  await it.until(({ call }) => call.kind === "refused");
  expect(it.signals).toEqual(["fail", "idle", "pass", "refuse"]);
});

test("the numbers behind F2 know every step and slot of this session", async () => {
  const it = line();
  it.scan("U-1", "U-2");
  await it.until(passed(2));
  it.send({ type: "key", key: "numbers" });
  const { panel } = await it.until((view) => view.panel?.kind === "numbers");
  expect(panel?.kind === "numbers" ? panel.numbers.slots : []).toEqual([
    { slot: "A1", passed: 1, tried: 1, suspect: false },
    { slot: "A2", passed: 1, tried: 1, suspect: false },
  ]);
});

describe("a label on each pass", () => {
  /** A printer that may be off; what it printed is the serial of each record, as a label has it. */
  const printer = () => {
    const at = { off: false, printed: [] as string[] };
    const labels: LabelDesk = {
      scanBack: true,
      print: async ({ barcode, serial }) =>
        await Promise.resolve(
          at.off
            ? { kind: "not-printed", why: "printer 192.0.2.10:9100: ECONNREFUSED" }
            : (at.printed.push(barcode),
              { kind: "printed", name: "unit", scans: [`L-${serial ?? barcode}`] }),
        ),
    };
    return { at, labels };
  };
  const wanted =
    (step: string, slot: string) =>
    ({ call }: StationView): boolean =>
      call.kind === "label" && call.step === step && call.slot === slot;
  const deeds = ({ store }: Line): string[] =>
    store
      .deeds()
      .filter(({ kind }) => kind.startsWith("label-") || kind === "unit-voided")
      .map(({ kind, barcode }) => `${kind} ${barcode}`);

  test("is printed, and its own code closes the unit: both are in the books", async () => {
    const { at, labels } = printer();
    const it = line({ labels });
    it.scan("U-1");
    const { labels: due } = await it.until(wanted("scan", "A1"));
    it.scan(due[0]?.scans[0] ?? "");
    await it.until(({ labels: left }) => left.length === 0);
    expect(at.printed).toEqual(["U-1"]);
    expect(deeds(it)).toEqual(["label-printed U-1", "label-confirmed U-1"]);
  });

  test("stays pending while the printer is off: the board has passed, and Enter prints it when it is back", async () => {
    const { at, labels } = printer();
    at.off = true;
    const it = line({ labels });
    it.scan("U-1");
    const view = await it.until(wanted("pending", "A1"));
    expect(view.slots[0]?.state).toMatchObject({ outcome: { kind: "PASS" } });
    expect(deeds(it)).toEqual([]);
    at.off = false;
    it.send({ type: "enter" });
    await it.until(wanted("scan", "A1"));
    expect(deeds(it)).toEqual(["label-printed U-1"]);
  });

  test("that a stop of the station left open is printed, or asked for, after the next start", async () => {
    const folder = dataFolder();
    const before = printer();
    const first = line({ folder, labels: before.labels });
    first.scan("U-1");
    await first.until(wanted("scan", "A1"));
    before.at.off = true;
    first.scan("U-2");
    await first.until(wanted("pending", "A2"));
    first.send({ type: "interrupt" });
    await first.station.left;
    first.store.close();
    const after = printer();
    const second = line({ folder, labels: after.labels });
    const { labels: due } = await second.until(
      ({ labels }) => labels.length === 2 && labels.every(({ step }) => step === "scan"),
    );
    expect(due.map(({ barcode }) => barcode)).toEqual(["U-1", "U-2"]);
    expect(after.at.printed).toEqual(["U-2"]);
  });

  test("that is another unit's twice in a row makes the pass void: it counts nowhere", async () => {
    const it = line({ labels: printer().labels, profile: { barcode: /^U-/u } });
    it.scan("U-1");
    const { labels: due } = await it.until(wanted("scan", "A1"));
    const other = (due[0]?.scans[0] ?? "").replace(/\d(?=\D*$)/, "9").replace(/U-1$/, "U-9");
    it.scan(other);
    await it.until(({ call }) => call.kind === "refused" && call.code === "LABEL_OTHER");
    it.send({ type: "enter" });
    it.scan(other);
    const view = await it.until(({ call }) => call.kind === "failed");
    expect(view.call).toMatchObject({ outcome: { failure: { code: "LABEL_MISMATCH" } } });
    await it.until(({ batch }) => batch?.counts.passed === 0);
    expect(deeds(it)).toEqual([
      "label-printed U-1",
      "label-refused U-1",
      "label-refused U-1",
      "unit-voided U-1",
    ]);
  });
});

describe("teach-in at the screen", () => {
  const teacher = () => {
    const at = { plug: (_port: string): void => {}, written: [] as [number, string][], watched: false };
    const teach: Teacher = {
      async watch(appeared) {
        at.plug = appeared;
        at.watched = true;
        return await Promise.resolve({ [Symbol.dispose]: () => void (at.watched = false) });
      },
      write(ports) {
        at.written = [...ports];
        return null;
      },
    };
    return { at, teach };
  };
  const begun = async (it: Line): Promise<void> => {
    it.send({ type: "key", key: "slot" });
    await it.until(({ call }) => call.kind === "ask" && call.question.what === "teach");
    it.send({ type: "key", key: "slot" });
    await it.until(({ call }) => call.kind === "teach" && call.slot === "A1");
  };

  test("asks for one slot after another, and writes the map with the last Enter", async () => {
    const { at, teach } = teacher();
    const it = line({ teach });
    await begun(it);
    at.plug("usb:1-4.1");
    await it.until(({ call }) => call.kind === "teach" && call.slot === "A2");
    at.plug("usb:1-4.1");
    await it.until(({ call }) => call.kind === "refused" && call.code === "PORT_TAKEN" && call.of === "A1");
    at.plug("usb:1-4.2");
    const { call } = await it.until((view) => view.call.kind === "teach" && view.call.slot === null);
    expect(call).toMatchObject({ places: [{ slot: "A1" }, { slot: "A2", port: "usb:1-4.2" }] });
    it.send({ type: "enter" });
    await it.station.left;
    expect(at.written).toEqual([
      [0, "usb:1-4.1"],
      [1, "usb:1-4.2"],
    ]);
    expect(at.watched).toBe(false);
  });

  test("keeps the port of a slot with Enter, takes no scan meanwhile, and writes nothing after Esc", async () => {
    const { at, teach } = teacher();
    const it = line({ teach });
    await begun(it);
    it.scan("U-1");
    await it.until(({ call }) => call.kind === "refused" && call.code === "TEACHING");
    it.send({ type: "escape" }, { type: "enter" });
    await it.until(({ call }) => call.kind === "teach" && call.slot === "A2");
    it.send({ type: "escape" });
    await it.until(({ call }) => call.kind === "scan");
    expect(at).toMatchObject({ written: [], watched: false });
  });

  test("is not on the screen of an operator, whose F5 is refused", async () => {
    const { teach } = teacher();
    const it = line({ teach, rules: { login: "badge", badge: /^B-/u } });
    it.store.addPerson({ name: "A. Novak", role: "operator", badge: "B-1" });
    it.scan("B-1");
    const { keys } = await it.until(({ operator }) => operator !== null);
    expect(keys.map(({ does }) => does)).not.toContain("teach");
    it.send({ type: "key", key: "slot" });
    await it.until(({ call }) => call.kind === "refused" && call.code === "NO_RIGHT");
  });
});

describe("a board that comes into a slot", () => {
  /** A bus that the test plugs boards into, and boards that answer when the test lets them. */
  const bus = () => {
    const at = { plug: (_slot: string): void => {}, answer: (_chip: string | Error): void => {}, let: 0 };
    const watch: NonNullable<StationOptions["watch"]> = (seen) => {
      at.plug = (slot) => seen(slot, { kind: "looking" });
      for (const slot of ["A1", "A2"]) seen(slot, { kind: "none" });
      return { [Symbol.dispose]: () => {} };
    };
    const peek: NonNullable<StationOptions["peek"]> = async (_slot, _order, signal) => {
      const said = Promise.withResolvers<string>();
      at.answer = (chip) => (typeof chip === "string" ? said.resolve(chip) : said.reject(chip));
      signal.addEventListener("abort", () => {
        at.let += 1;
        said.reject(signal.reason as Error);
      });
      return await said.promise;
    };
    return { at, watch, peek };
  };
  const slotIs =
    (kind: string) =>
    ({ slots }: StationView): boolean =>
      slots[0]?.state.kind === kind;
  const plugged = async () => {
    const { at, ...usb } = bus();
    const it = line(usb);
    await it.until(({ call }) => call.kind === "load");
    at.plug("A1");
    await it.until(slotIs("looking"));
    return { at, it };
  };

  test("is looked at, then lies there with the name of its chip", async () => {
    const { at, it } = await plugged();
    at.answer("STM32F405");
    expect((await it.until(slotIs("board"))).slots[0]?.state).toMatchObject({ chip: "STM32F405" });
  });

  test("and does not answer is shown to be unreadable, and named in what to look at", async () => {
    const { at, it } = await plugged();
    at.answer(new Fault("LINK_SILENT", "no answer"));
    await it.until(slotIs("unreadable"));
    expect(it.station.view().call).toMatchObject({ kind: "load", look: ["A1"] });
  });

  test("is let go of before its unit runs", async () => {
    const { at, it } = await plugged();
    it.scan("U-1");
    await it.until(passed(1));
    expect(at.let).toBe(1);
    expect(it.store.lastAttempt("U-1", "sim")).toMatchObject({ slot: "A1", outcome: { kind: "PASS" } });
  });
});

describe("what was read back", () => {
  test("of a first article stands field by field beside what was wanted", async () => {
    const it = line({
      dataAt: 0x1800,
      rules: { login: "badge", badge: /^B-/u },
      profile: { firstArticle: true },
    });
    it.store.addPerson({ name: "A. Novak", role: "operator", badge: "B-1" });
    it.scan("B-1", "U-1");
    const { panel } = await it.until(({ call }) => call.kind === "accept");
    const rows = panel?.kind === "first-article" ? panel.article.rows : [];
    const { serial } = it.store.lastAttempt("U-1", "sim") ?? {};
    expect(rows.filter(({ what }) => what === "field")).toMatchObject([
      { name: "serial", address: 0x0800_1800, wanted: serial, found: serial, same: true },
      { name: "number", found: "0x00000001", same: true },
      { name: "check", found: expect.stringMatching(/^0x[0-9A-F]{8}$/) as unknown, same: true },
    ]);
  });

  test("of a board that came back is its own number, beside the books, all of its image, its protection", async () => {
    const it = line({ dataAt: 0x1800, profile: { optionBytes: new Map([["RDP", 0xaa]]) } });
    it.scan("U-1");
    await it.until(passed(1));
    it.send({ type: "key", key: "look-up" });
    it.scan("GF:SLOT:A1");
    const { panel } = await it.until(
      (view) => view.panel?.kind === "look-up" && view.panel.board.state === "read",
    );
    const { serial } = it.store.lastAttempt("U-1", "sim") ?? {};
    expect(panel?.kind === "look-up" ? panel.board.inChip : []).toMatchObject([
      { what: "chip", same: true },
      { what: "uid", same: true },
      { what: "serial", same: true, found: serial },
      { what: "image", same: true },
      { what: "protection", same: true, found: "AA" },
    ]);
  });

  test("differs in the last byte of the image: the look-up says where", async () => {
    const it = line({
      spoil: (base) =>
        base.map(({ address, bytes }) => ({ address, bytes: bytes.with(bytes.length - 1, 0x5a) })),
    });
    it.scan("U-1");
    await it.until(passed(1));
    it.send({ type: "key", key: "look-up" });
    it.scan("GF:SLOT:A1");
    const { panel } = await it.until(
      (view) => view.panel?.kind === "look-up" && view.panel.board.state === "read",
    );
    expect(panel?.kind === "look-up" ? panel.board.inChip : []).toContainEqual({
      what: "image",
      same: false,
      found: "0x08000FFF",
    });
  });
});

test("a golden sample without a UID in the station file is the board that was good the last time", async () => {
  const golden = { barcode: "GOLDEN-1", uid: null };
  const folder = dataFolder();
  const first = line({ folder, rules: { golden } });
  first.scan("GOLDEN-1");
  await first.until(({ call }) => call.kind === "scan");
  first.send({ type: "interrupt" });
  await first.station.left;
  const [deed] = first.store.deeds({ kind: "golden-sample" });
  expect(deed?.detail["uid"]).toMatch(/^[0-9a-f]{24}$/);
  first.store.close();
  const another = line({ folder, rules: { golden }, mishapOf: () => ({ uid: "ab".repeat(12) }) });
  another.scan("GOLDEN-1");
  await another.until(({ call }) => call.kind === "stop" && call.code === "GOLDEN_FAILED");
});
