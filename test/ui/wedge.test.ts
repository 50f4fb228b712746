import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FunctionKey } from "../../src/model/key.ts";
import { emptyWedge } from "../../src/ui/wedge-text.ts";
import { feed, settle, settleAt } from "../../src/ui/wedge.ts";
import type { WedgeInput } from "../../src/ui/wedge.ts";

type Piece = readonly [at: number, bytes: string | Uint8Array];

/** Pieces of input at their times; silence in between does what the timer would do. */
function read(...pieces: readonly Piece[]): readonly WedgeInput[] {
  return hear(pieces).inputs;
}

function hear(pieces: readonly Piece[], endAt?: number): { inputs: readonly WedgeInput[]; typed: string } {
  let state = emptyWedge;
  const inputs: WedgeInput[] = [];
  const quiet = (until: number): void => {
    for (let due = settleAt(state); due !== null && due <= until; due = settleAt(state)) {
      const fed = settle(state, due);
      state = fed.state;
      inputs.push(...fed.inputs);
    }
  };
  for (const [at, bytes] of pieces) {
    quiet(at);
    const fed = feed(state, typeof bytes === "string" ? Buffer.from(bytes) : bytes, at);
    state = fed.state;
    inputs.push(...fed.inputs);
  }
  quiet(endAt ?? Number.POSITIVE_INFINITY);
  return { inputs, typed: state.text };
}

const scanned = (text: string): WedgeInput => ({ type: "scanned", text });
const typed = (text: string): WedgeInput => ({ type: "typed", text });
const key = (name: FunctionKey): WedgeInput => ({ type: "key", key: name });
const enter: WedgeInput = { type: "enter" };
const escape: WedgeInput = { type: "escape" };
const pause: WedgeInput = { type: "pause" };
const interrupt: WedgeInput = { type: "interrupt" };

describe("a scanner", () => {
  test.each([
    ["CR", "SN42\r"],
    ["LF", "SN42\n"],
    ["CR and LF", "SN42\r\n"],
    ["a tab before CR", "SN42\t\r"],
    ["STX in front, ETX and CR behind", "\x02SN42\x03\r"],
  ])("may end a code with %s", (_, bytes) => {
    expect(read([0, bytes])).toEqual([scanned("SN42")]);
  });

  test("sends code and Enter in one piece after a stall, two codes in one piece too", () => {
    expect(read([0, "SN42\rSN43\r"])).toEqual([scanned("SN42"), scanned("SN43")]);
    expect(read([0, "SN42\r\nSN43\r\n"])).toEqual([scanned("SN42"), scanned("SN43")]);
  });

  test("loses nothing wherever its bytes are cut", () => {
    const bytes = Buffer.from("Ää-42\x1d產品\r\nSN43\r\n");
    for (let cut = 0; cut <= bytes.length; cut += 1)
      expect(read([0, bytes.subarray(0, cut)], [5, bytes.subarray(cut)])).toEqual([
        scanned("Ää-42\x1d產品"),
        scanned("SN43"),
      ]);
  });

  test("keeps the separators of GS1 inside the code", () => {
    expect(read([0, "\x1d0104012345678901\x1d21SN42\r"])).toEqual([
      scanned("\x1d0104012345678901\x1d21SN42"),
    ]);
  });

  test("that sends its end twice does not press Enter", () => {
    expect(read([0, "SN42\r"], [200, "\r"])).toEqual([scanned("SN42")]);
    expect(read([0, "SN42\r\r"])).toEqual([scanned("SN42")]);
    expect(read([0, "SN42\r"], [301, "\r"])).toEqual([scanned("SN42"), enter]);
  });

  test("with a damaged code cannot give another, good one", () => {
    expect(read([0, "SN\x0142\r"])).toEqual([scanned("SN\uFFFD42")]);
    expect(read([0, "SN\x1b[31m42\r"])).toEqual([scanned("SN\uFFFD42")]);
    expect(read([0, Uint8Array.of(0x53, 0xe9, 0x4e, 0x0d)])).toEqual([scanned("S\uFFFDN")]);
    expect(read([0, Uint8Array.of(0x53, 0xc2, 0x9b, 0x4e, 0x80, 0x0d)])).toEqual([scanned("S\uFFFDN\uFFFD")]);
  });

  test("has at most 200 characters, and a longer code is no prefix of itself", () => {
    const [input] = read([0, `${"9".repeat(5000)}\r`]);
    expect(input).toEqual(scanned(`${"9".repeat(199)}\uFFFD`));
    expect(read([0, `${"9".repeat(200)}\r`])).toEqual([scanned("9".repeat(200))]);
  });

  test("reads a code with spaces, formula or path as it is: the station judges it", () => {
    expect(read([0, "=A 1+../x\u202E\r"])).toEqual([scanned("=A 1+../x\u202E")]);
  });

  test("behind a key that was pressed during a stall is not lost", () => {
    expect(read([0, "\x1bSN42\r"])).toEqual([escape, scanned("SN42")]);
    expect(read([0, " SN42\r"])).toEqual([scanned("SN42")]);
    expect(read([0, "\x1b[ASN42\r"])).toEqual([key("up"), scanned("SN42")]);
  });

  test("does not take what somebody began to type long ago for its own front", () => {
    expect(read([0, "x"], [30_000, "SN42\r"])).toEqual([scanned("SN42")]);
  });

  test("is heard behind a hand that leaned on the keyboard", () => {
    expect(read([0, "q"], [400, "UNIT-04113\r"])).toEqual([scanned("UNIT-04113")]);
  });

  test("may send a question mark in a code, at its front too", () => {
    expect(read([0, "?SN42?\r"])).toEqual([scanned("?SN42?")]);
    expect(read([0, "?"], [5, "SN42\r"])).toEqual([scanned("?SN42")]);
  });

  test("that sends a function key inside a code presses no key", () => {
    expect(read([0, "SN\x1b[19~42\r"])).toEqual([scanned("SN\uFFFD42")]);
  });
});

describe("a person", () => {
  test("types a code slowly and ends it with Enter", () => {
    const keys = Array.from("DEMO-0003\r").map((char, i): Piece => [i * 700, char]);
    expect(read(...keys)).toEqual([typed("DEMO-0003")]);
  });

  test("takes a character back, a wide one at once", () => {
    expect(read([0, "SN4產"], [500, "\x7f"], [900, "3\x082\r"])).toEqual([typed("SN42")]);
    expect(hear([[0, "\x7f\x08"]])).toEqual({ inputs: [], typed: "" });
  });

  test("sees what is typed so far", () => {
    expect(hear([[0, "DEMO"]], 1000).typed).toBe("DEMO");
    expect(hear([[0, "DEMO"]]).typed).toBe("");
  });

  test("presses Enter, Esc, Space and Ctrl-C", () => {
    expect(read([0, "\r"], [1000, "\x1b"], [2000, " "], [3000, "\x03"])).toEqual([
      enter,
      escape,
      pause,
      interrupt,
    ]);
  });

  test("holds Space and Enter together with nothing typed", () => {
    expect(read([0, " \r"])).toEqual([pause, enter]);
  });

  test("drops with Esc what is typed, and asks the station only with the next", () => {
    expect(read([0, "DEMO"], [1000, "\x1b"], [2000, "\r"])).toEqual([enter]);
    expect(read([0, "DEMO"], [1000, "\x1b"], [2000, "\x1b"])).toEqual([escape]);
  });

  test("leaves with Ctrl-C also when something is typed", () => {
    expect(
      hear([
        [0, "DEMO"],
        [1000, "\x03"],
      ]),
    ).toEqual({ inputs: [interrupt], typed: "" });
  });

  test("presses a lone question mark for help", () => {
    expect(read([0, "?"], [1000, "SN42\r"])).toEqual([key("help"), scanned("SN42")]);
    expect(hear([[0, "?"]])).toEqual({ inputs: [key("help")], typed: "" });
  });

  const keys: readonly (readonly [string, string, FunctionKey | null])[] = [
    ["Up", "\x1b[A", "up"],
    ["Right in application mode", "\x1bOC", "right"],
    ["F1", "\x1bOP", "help"],
    ["F1 of the Linux console", "\x1b[[A", "help"],
    ["F2", "\x1bOQ", "numbers"],
    ["F2 of a VT220", "\x1b[12~", "numbers"],
    ["F3", "\x1bOR", "details"],
    ["F4", "\x1bOS", "look-up"],
    ["F5", "\x1b[15~", "slot"],
    ["F5 of the Linux console", "\x1b[[E", "slot"],
    ["F6", "\x1b[17~", "order"],
    ["F7", "\x1b[18~", "type"],
    ["F8", "\x1b[19~", "reject"],
    ["F9", "\x1b[20~", "log-out"],
    ["F10", "\x1b[21~", null],
    ["Ctrl-Left", "\x1b[1;5D", null],
    ["the frame of a paste", "\x1b[200~", null],
  ];
  test.each(keys)("presses %s while typing, and nothing of it is in the code", (_, bytes, name) => {
    for (let cut = 1; cut <= bytes.length; cut += 1)
      expect(
        read([0, "SN"], [500, bytes.slice(0, cut)], [520, bytes.slice(cut)], [1000, "42\r"]),
        `cut at ${cut}`,
      ).toEqual([...(name === null ? [] : [key(name)]), typed("SN42")]);
  });
});

test("a terminal's answer where its cursor stands is no scan", () => {
  expect(read([0, "\x1b[1;3R"], [2, "SN42\r"])).toEqual([{ type: "cursor", column: 3 }, scanned("SN42")]);
});

test("10 000 scans come out exactly, in order, however they are cut and however late they are read", () => {
  const code = fc.oneof(
    fc.stringMatching(/^[A-Z]{2,5}-[0-9]{4,8}$/),
    // eslint-disable-next-line no-control-regex -- the separator of GS1
    fc.stringMatching(/^[A-Za-z0-9=+@./~^ \x1d-]{0,30}[A-Z0-9]$/).map((text) => text.trimStart()),
    fc.string({ unit: fc.constantFrom("ä", "ß", "產", "品", "7", "\u{1F600}"), minLength: 1, maxLength: 12 }),
  );
  const batch = fc.record({
    codes: fc.array(code, { minLength: 100, maxLength: 100 }),
    end: fc.constantFrom("\r", "\n", "\r\n"),
    sizes: fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
    gaps: fc.infiniteStream(fc.constantFrom(0, 1, 3, 200)),
  });
  let scans = 0;
  fc.assert(
    fc.property(batch, ({ codes, end, sizes, gaps }) => {
      const bytes = Buffer.from(codes.map((text) => text + end).join(""));
      const pieces: Piece[] = [];
      let at = 0;
      for (let from = 0; from < bytes.length;) {
        const size = sizes.next().value;
        pieces.push([at, bytes.subarray(from, from + size)]);
        from += size;
        // Gaps between the characters of one code stay under those of a key; a stall keeps the bytes together.
        at += gaps.next().value === 200 && bytes[from - 1] === end.charCodeAt(end.length - 1) ? 200 : 2;
      }
      expect(read(...pieces)).toEqual(codes.map(scanned));
      scans += codes.length;
    }),
    { numRuns: 100 },
  );
  expect(scans).toBe(10_000);
});

// eslint-disable-next-line no-control-regex -- it looks for them
const control = /[\x00-\x1c\x1e\x1f\x7f-\x9f]/;

test("no control byte but 0x1D is ever in a code, whatever comes in", () => {
  const codes: string[] = [];
  const part = fc.tuple(fc.nat({ max: 400 }), fc.uint8Array({ maxLength: 30 }));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 30 }), (parts) => {
      let at = 0;
      const inputs = read(...parts.map(([gap, bytes]): Piece => [(at += gap), bytes]));
      codes.push(...inputs.flatMap((input) => ("text" in input ? [input.text] : [])));
    }),
    { numRuns: 2000 },
  );
  expect(codes.length).toBeGreaterThan(100);
  expect(codes.filter((code) => control.test(code))).toEqual([]);
});
