import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labelPrinter } from "../../src/cli/papers/label-printer.ts";
import { readLabel } from "../../src/config/label-file.ts";
import { issueText } from "../../src/config/issue.ts";
import type { LabelDefinition, LabelItem } from "../../src/model/label.ts";
import { labelDeed } from "../../src/model/label.ts";
import { labelOf, labelOut, type Label } from "../../src/report/label/label.ts";
import { labelPdf } from "../../src/report/label/label-pdf.ts";
import { fieldData, toZpl } from "../../src/report/label/zpl.ts";
import type { AttemptRecord } from "../../src/model/attempt.ts";
import { attemptOf, failed } from "./some-batch.ts";

const wasm = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasm)).buffer } });

const items: readonly LabelItem[] = [
  { kind: "text", text: "{product} rev {revision}", x: 2, y: 2, high: 2.5 },
  { kind: "code", code: "datamatrix", text: "{serial}", x: 36, y: 6, module: 0.5, high: 8 },
];
const definition: LabelDefinition = {
  name: "unit",
  width: 50,
  height: 25,
  dots: 8,
  copies: 1,
  items,
  printer: null,
};
const zone = "Europe/Berlin";
const made = (
  record: AttemptRecord,
  voided = false,
  over: Partial<LabelDefinition> = {},
): ReturnType<typeof labelOf> => labelOf({ ...definition, ...over }, record, voided, zone);
function label(record: AttemptRecord, over: Partial<LabelDefinition> = {}): Label {
  const one = made(record, false, over);
  if (!one.ok) throw new Error(one.why);
  return one.label;
}
const why = (record: AttemptRecord, voided = false): string => {
  const one = made(record, voided);
  return one.ok ? "" : one.why;
};

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "gangflash-label-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a label", () => {
  test("says what the record of the pass proved; a scan of its code is the serial number", () => {
    const one = label(attemptOf(1));
    expect(one.items.map(({ text }) => text)).toEqual(["VESC 60 rev C", "V60-2647-00001"]);
    expect(one.scans).toEqual(["V60-2647-00001"]);
    expect(labelDeed("label-confirmed", labelOut(one), "A. Novak", new Date(0))).toMatchObject({
      kind: "label-confirmed",
      barcode: "UNIT-04001",
      detail: { label: "unit", record: 1, text: "V60-2647-00001" },
    });
  });

  test("is made of nothing that was not proved", () => {
    expect(why(attemptOf(1, { outcome: failed("VERIFY_MISMATCH", "") }))).toBe(
      "UNIT-04001 did not pass: VERIFY_MISMATCH",
    );
    expect(why(attemptOf(1, { verify: null }))).toBe("nothing was read back from UNIT-04001");
    const written = attemptOf(1).serials.map((serial) => ({ ...serial, state: "written" as const }));
    expect(why(attemptOf(1, { serials: written }))).toBe("V60-2647-00001 is written, not committed");
    expect(why(attemptOf(1), true)).toBe("the record of UNIT-04001 is void");
    expect(why(attemptOf(1, { serial: null, serials: [] }))).toBe(
      "the record of UNIT-04001 has nothing for {serial}",
    );
  });

  test("a text that a code cannot carry is refused before anything is printed", () => {
    expect(why(attemptOf(1, { serial: "中", serials: [] }))).toMatch(
      /printable ASCII in a code was expected/,
    );
  });
});

test("a code that runs over the edge of the label is refused", () => {
  const code = { kind: "code", code: "code128", text: "{serial}", x: 6, y: 6, module: 0.3, high: 8 } as const;
  expect(made(attemptOf(1), false, { items: [code] })).toEqual({
    ok: false,
    why: 'the code of "V60-2647-00001" is larger than its place on the label',
  });
});

const poppler = ((): boolean => {
  try {
    execFileSync("pdftoppm", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe("a label of no production", () => {
  const bars = (record: AttemptRecord): readonly string[] =>
    toZpl(label(record))
      .split("\n")
      .filter((row) => row.includes("^GB") || row.includes("^FR"));

  test.each([
    ["TRIAL", { trial: true }],
    ["SIMULATED", { realm: "sim" }],
    ["TRIAL SIMULATED", { trial: true, realm: "sim" }],
  ] as const)("bears %s in white on a bar across it, off its code", (word, over) => {
    const one = label(attemptOf(1, over));
    expect(one.mark).toMatchObject({ text: word, y: 20, height: 5 });
    expect(bars(attemptOf(1, over))).toEqual([
      "^FO0,160^GB400,40,40^FS",
      expect.stringMatching(new RegExp(`\\^FR.*\\^FD${word}\\^FS$`)),
    ]);
  });

  test("of production bears none", () => {
    expect(label(attemptOf(1)).mark).toBeNull();
    expect(bars(attemptOf(1))).toEqual([]);
  });

  test("bears it over letters rather than over a code, and is not made where only codes are", () => {
    const trial = attemptOf(1, { trial: true });
    const letters = [0, 1, 2, 3].map((row): LabelItem => ({
      kind: "text",
      text: "{serial}",
      x: 2,
      y: 12 + row * 3,
      high: 2,
    }));
    const code = {
      kind: "code",
      code: "code128",
      text: "{serial}",
      x: 2,
      y: 1,
      module: 0.2,
      high: 9,
    } as const;
    expect(label(trial, { items: [code, ...letters] }).mark).toMatchObject({ y: 20, height: 5 });
    expect(made(trial, false, { items: [{ ...code, y: 0, high: 25 }] })).toEqual({
      ok: false,
      why: "no strip of the label is free of codes for the word TRIAL, without which it would pass for production",
    });
  });

  test.skipIf(!poppler)("still has its code read back, and the word stands on its paper", async () => {
    const pdf = join(folder, "trial.pdf");
    const simulated = attemptOf(1, { trial: true, realm: "sim" });
    writeFileSync(pdf, await labelPdf(label(simulated)));
    expect(execFileSync("pdftotext", [pdf, "-"], { encoding: "utf8" })).toContain("TRIAL SIMULATED");
    execFileSync("pdftoppm", ["-r", "600", "-singlefile", "-png", pdf, join(folder, "trial")]);
    const found = await readBarcodes(readFileSync(join(folder, "trial.png")));
    expect(found.map(({ text }) => text)).toEqual(["V60-2647-00001"]);
  });
});

describe("ZPL", () => {
  test("is this for that label", () => {
    expect(toZpl(label(attemptOf(1)))).toBe(
      [
        "^XA",
        "^CI28",
        "^PW400",
        "^LL200",
        "^LH0,0",
        "^FO16,16^A0N,20^FH^FDVESC 60 rev C^FS",
        "^FO288,48^BXN,4,200,,,,!^FH^FDV60-2647-00001^FS",
        "^PQ1",
        "^XZ",
        "",
      ].join("\n"),
    );
  });

  test.each([
    ["^XA^JUF~JR", "_5EXA_5EJUF_7EJR"],
    ["_5E", "_5F5E"],
    ["50 % é", "50 _25 _C3_A9"],
    ["中", "_E4_B8_AD"],
    ["A-1:2/3", "A-1:2/3"],
  ])("%s comes as %s: no text becomes a command", (text, data) => {
    expect(fieldData(text)).toBe(data);
  });

  test("a hostile serial number adds no command and no field", () => {
    const serial = "^FS^XZ~JA_7E>;";
    const zpl = toZpl(label(attemptOf(1, { serial, serials: [] })));
    expect(zpl.match(/[\^~]/g)?.length).toBe(toZpl(label(attemptOf(1))).match(/[\^~]/g)?.length);
  });
});

const kinds = ["datamatrix", "qr", "code128"] as const;
test.skipIf(!poppler).each(kinds)("the %s on the PDF label is read back from its picture", async (code) => {
  const over = {
    items: [{ kind: "code", code, text: "{serial}", x: 6, y: 6, module: 0.2, high: 8 } as const],
  };
  const pdf = join(folder, `${code}.pdf`);
  writeFileSync(pdf, await labelPdf(label(attemptOf(1), over)));
  execFileSync("pdftoppm", ["-r", "600", "-singlefile", "-png", pdf, join(folder, code)]);
  const found = await readBarcodes(readFileSync(join(folder, `${code}.png`)));
  expect(found.map(({ text }) => text)).toEqual(["V60-2647-00001"]);
});

describe("the printer", () => {
  test("on a TCP port gets the label", async () => {
    const got: Buffer[] = [];
    const server = createServer((socket) => {
      socket.on("data", (chunk) => got.push(chunk));
      socket.on("end", () => socket.end());
    });
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    // A server on a port has an address of that kind.
    const { port } = server.address() as AddressInfo;
    const print = labelPrinter({ ...definition, printer: { kind: "tcp", host: "127.0.0.1", port } }, zone);
    expect(await print(attemptOf(1))).toMatchObject({ kind: "printed" });
    await new Promise((done) => server.close(done));
    expect(Buffer.concat(got).toString("utf8")).toBe(toZpl(label(attemptOf(1))));
  });

  test("that is off is told, and nothing is thrown", async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    const print = labelPrinter({ ...definition, printer: { kind: "tcp", host: "127.0.0.1", port } }, zone);
    expect(await print(attemptOf(1))).toEqual({
      kind: "not-printed",
      why: `printer 127.0.0.1:${port}: ECONNREFUSED`,
    });
  });

  test("that takes the connection and then says nothing does not hold up the tray", async () => {
    // It takes the connection and reads nothing; the socket stays open on its side.
    const server = createServer({ allowHalfOpen: true }, (socket) => socket.pause());
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    const { port } = server.address() as AddressInfo;
    const print = labelPrinter(
      { ...definition, printer: { kind: "tcp", host: "127.0.0.1", port } },
      zone,
      200,
    );
    expect(await print(attemptOf(1))).toEqual({
      kind: "not-printed",
      why: `printer 127.0.0.1:${port}: no answer within 0.2 s`,
    });
    server.close();
  });

  test("behind a program gets it on standard input; one that is not there is named", async () => {
    const file = join(folder, "zpl");
    const words = [
      process.execPath,
      "-e",
      `process.stdin.pipe(require("fs").createWriteStream(${JSON.stringify(file)}))`,
    ];
    const print = labelPrinter({ ...definition, printer: { kind: "command", words } }, zone, 60_000);
    expect(await print(attemptOf(1))).toMatchObject({ kind: "printed" });
    expect(readFileSync(file, "utf8")).toBe(toZpl(label(attemptOf(1))));
    const none = labelPrinter(
      { ...definition, printer: { kind: "command", words: ["no-such-program"] } },
      zone,
    );
    expect(await none(attemptOf(1))).toEqual({
      kind: "not-printed",
      why: "no-such-program: there is no such program",
    });
  });
});

describe("a label file", () => {
  const check = (text: string): unknown => {
    const file = join(folder, "l.yaml");
    writeFileSync(file, text);
    const read = readLabel(file);
    return read.ok ? read.value : read.issues.map((issue) => issueText(issue).slice(folder.length + 1));
  };
  const head = "label: a\nsize: { width: 50, height: 25 }\n";

  test("has its defaults", () => {
    expect(
      check(`${head}items: [{ text: "{serial}", x: 1, y: 1, code: qr }]\nprinter: { tcp: zebra1 }\n`),
    ).toEqual({
      name: "a",
      width: 50,
      height: 25,
      dots: 8,
      copies: 1,
      items: [{ kind: "code", code: "qr", text: "{serial}", x: 1, y: 1, module: 0.375, high: 8 }],
      printer: { kind: "tcp", host: "zebra1", port: 9100 },
    });
  });

  test.each([
    [
      `items: [{ text: "{price}", x: 1, y: 1 }]`,
      /^l\.yaml:3:11: items\.0\.text: "\{price\}" found, one of \{barcode\}/,
    ],
    [`items: [{ text: x, x: 60, y: 1 }]`, /it lies outside of 50 by 25 mm/],
    [`items: [{ text: x, x: 1, y: 1 }]\nprinter: {}`, /printer: nothing found, tcp or command was expected/],
    [`items: [{ text: x, x: 1, y: 1, module: 1 }]`, /found beside letters/],
  ])("%s is a mistake with its place", (text, said) => {
    expect(check(`${head}${text}\n`)).toEqual([expect.stringMatching(said)]);
  });
});
