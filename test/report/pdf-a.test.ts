import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRequire } from "node:module";
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BatchFacts } from "../../src/model/facts.ts";
import { sealText } from "../../src/report/paper/seal.ts";
import { draw } from "./drawn.ts";
import { attemptOf, factsOf, largeBatch } from "./some-batch.ts";

function has(tool: string): boolean {
  try {
    execFileSync(tool, ["--version"], { stdio: "ignore" });
    return true;
  } catch (error) {
    // poppler's tools answer, but not with 0.
    return !(error instanceof Error && "code" in error && error.code === "ENOENT");
  }
}
const poppler = has("pdftotext");
const qpdf = has("qpdf");

const hostile = `WO <4711> & "co" ]]>`;
const base = factsOf(largeBatch(240));
const facts: BatchFacts = { ...base, batch: { ...base.batch, id: hostile } };
const packed = (text: string): string => text.replaceAll(/\s+/g, "");

// Its own way to its WebAssembly is a download.
const wasm = createRequire(import.meta.url).resolve("zxing-wasm/reader/zxing_reader.wasm");
prepareZXingModule({ overrides: { wasmBinary: new Uint8Array(readFileSync(wasm)).buffer } });

let folder = "";
let file = "";
let raw = "";
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "gangflash-pdf-"));
  file = join(folder, "report.pdf");
  writeFileSync(file, await draw(facts));
  raw = readFileSync(file, "latin1");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a report is PDF/A-2b, as far as public tools see", () => {
  test("its XMP packet says part 2, level B, in XML that a title cannot break", () => {
    const packet = /<\?xpacket begin[^]*?<\?xpacket end="w"\?>/.exec(raw)?.[0] ?? "";
    const xmp = Buffer.from(packet, "latin1").toString("utf8");
    expect(xmp).toContain("<pdfaid:part>2</pdfaid:part>");
    expect(xmp).toContain("<pdfaid:conformance>B</pdfaid:conformance>");
    expect(xmp).toContain("Batch report WO &lt;4711&gt; &amp;");
    // Every tag that is opened is closed, none stands in a text.
    const open: string[] = [];
    const wrong: string[] = [];
    for (const [, close = "", name = "", self = ""] of xmp.matchAll(/<(\/?)([\w:]+)(?:\s[^>]*?)?(\/?)>/g))
      if (close === "" && self === "") open.push(name);
      else if (close !== "" && open.pop() !== name) wrong.push(name);
    expect([...open, ...wrong]).toEqual([]);
    expect(xmp.replaceAll(/<[^<>]*>/g, "")).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
  });

  test("one output intent with an ICC profile for RGB, no encryption, no script, no transparency", () => {
    expect(raw.match(/\/S \/GTS_PDFA1/g)?.length).toBe(1);
    expect(raw).toMatch(/\/OutputIntents \[\d+ 0 R\]/);
    expect(raw).toMatch(/\/N 3\b/);
    expect(raw).toContain("acsp");
    expect(raw).not.toMatch(/\/Encrypt|\/JavaScript|\/DeviceCMYK|\/SMask|\/ca 0|\/LZWDecode/);
    expect(raw.startsWith("%PDF-1.7\n%\xff\xff\xff\xff\n")).toBe(true);
    expect(raw).toMatch(/\/ID \[<[0-9a-f]{32}> <[0-9a-f]{32}>\]/);
  });

  test.skipIf(!poppler)("every font is embedded, and knows what its letters mean (pdffonts)", () => {
    const rows = execFileSync("pdffonts", [file], { encoding: "utf8" }).trim().split("\n").slice(2);
    expect(rows.length).toBe(2);
    for (const row of rows) expect(row).toMatch(/CID TrueType\s+Identity-H\s+yes yes yes/);
  });

  test.skipIf(!poppler)("its properties are those of the batch (pdfinfo)", () => {
    const said = execFileSync("pdfinfo", ["-isodates", file], { encoding: "utf8" });
    expect(said).toContain(`Title:           Batch report ${hostile}`);
    expect(said).toMatch(/Encrypted:\s+no/);
    expect(said).toMatch(/JavaScript:\s+no/);
  });

  test.skipIf(!qpdf)("its structure is sound (qpdf --check)", () => {
    const said = execFileSync("qpdf", ["--check", file], { encoding: "utf8" });
    expect(said).toContain("No syntax or stream encoding errors found");
  });
});

describe.skipIf(!poppler)("what stands on the pages, as poppler reads it", () => {
  test("each page has its number, each attempt its row, in the order of the chain", () => {
    const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" });
    const pages = text.split("\f").slice(0, -1);
    expect(pages.length).toBeGreaterThan(6);
    pages.forEach((page, i) => expect(page).toContain(`page ${i + 1} of ${pages.length}`));
    const rows = [
      ...text.matchAll(
        /^\s*(UNIT-\d{5})\s+(V60-\d{4}-\d{5}|-)\s+(?:[0-9a-f]{8} ){3}|^\s*(UNIT-\d{5})\s+-\s+-\s/gm,
      ),
    ];
    expect(rows.map(([, a, , b]) => a ?? b)).toEqual(facts.attempts.map(({ barcode }) => barcode));
    const all = packed(text);
    const said = facts.attempts.flatMap(({ uid, serial }) => [uid ?? "", serial ?? ""]);
    expect(said.filter((words) => !all.includes(words))).toEqual([]);
    const { counts } = facts;
    expect(all).toContain(packed(`${counts.passed}/240`));
    expect(all).toContain(packed(`${counts.firstPass} of ${counts.firstSeen} units first seen here`));
    for (const { code, count } of facts.failures)
      expect(all).toMatch(new RegExp(`${code}${count}\\d+\\.\\d%of`));
    expect(all).toContain(packed(facts.batch.profileHash));
    expect(all).toContain(facts.head?.hash);
  });

  test("text comes in reading order without a layout to help: title, figures, recipe, place", () => {
    const text = execFileSync("pdftotext", ["-raw", "-l", "1", file, "-"], { encoding: "utf8" });
    const places = ["Batch report", "PASSED", "Order", "Profile hash", "Station", "Operator"].map((word) =>
      text.indexOf(word),
    );
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(-1);
  });

  test.each([150, 200, 300])("the code of the chain head is read back from page 1 at %i dpi", async (dpi) => {
    const image = join(folder, `page-${dpi}`);
    execFileSync("pdftoppm", ["-r", String(dpi), "-l", "1", "-singlefile", "-png", file, image]);
    const found = await readBarcodes(readFileSync(`${image}.png`), { formats: ["DataMatrix"] });
    expect(found.map((code) => code.text)).toEqual([sealText(facts)]);
  });
});

test("a batch of one simulated board is PDF/A too, with its marks", async () => {
  const sim = factsOf([attemptOf(1, { realm: "sim", trial: true })]);
  const pdf = await draw(sim);
  expect(Buffer.from(pdf).toString("latin1")).toContain("TRIAL: SIMULATED: Batch report WO-4711</rdf:li>");
});
