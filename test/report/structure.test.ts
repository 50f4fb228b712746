import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getDocumentProxy } from "unpdf";
import { expect, test } from "vitest";
import { standardReport, type ReportDefinition } from "../../src/report/definition.ts";
import { sealText } from "../../src/report/paper/seal.ts";
import { draw } from "./drawn.ts";
import { attemptOf, factsOf, largeBatch } from "./some-batch.ts";
import { somePng } from "./some-png.ts";

const facts = factsOf(largeBatch(60));
/** poppler draws a page anew for each text of the tree, so a small one. */
const few = factsOf(largeBatch(3));
const short: ReportDefinition = { ...standardReport, sections: ["settings", "units"] };

const poppler = ((): boolean => {
  try {
    execFileSync("pdfinfo", ["-v"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

/** The tree as poppler tells it: elements by their depth, texts in quotes. */
function structText(pdf: Uint8Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-structure-"));
  try {
    const file = join(folder, "report.pdf");
    writeFileSync(file, pdf);
    const said = execFileSync("pdfinfo", ["-struct-text", file], { encoding: "utf8", stdio: "pipe" });
    return said.split("\n");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Cells of each row, of the tables under a heading. */
function rowsUnder(lines: readonly string[], heading: string): string[][] {
  const from = lines.findIndex(
    (line, i) => line.trim().startsWith(`"${heading}`) && lines[i - 1]?.startsWith("  H2 ") === true,
  );
  const end = lines.findIndex((line, i) => i > from && /^ {2}H2 /.test(line));
  const rows: string[][] = [];
  for (const line of lines.slice(from + 1, end === -1 ? undefined : end)) {
    const what = line.trim();
    if (what === "TR") rows.push([]);
    else if (/^T[DH]\b/.test(what)) rows.at(-1)?.push("");
    else if (what.startsWith('"')) rows.at(-1)?.splice(-1, 1, what.slice(1, -1));
  }
  return rows;
}

test.skipIf(!poppler)(
  "a reader without eyes is told every unit, cell by cell, and a row that is empty in a column stays in its columns",
  async () => {
    const lines = structText(await draw(few, short));
    const [head, ...rows] = rowsUnder(lines, "Every unit");
    expect(head).toEqual(["unit", "serial", "UID", "slot", "try", "result", "s", "record"]);
    expect(rows.map((cells) => [0, 1, 2, 3, 4, 7].map((i) => cells[i]))).toEqual(
      few.attempts.map((a) => [
        a.barcode,
        a.serial ?? "-",
        a.uid?.replaceAll(/.{8}(?=.)/g, "$& ") ?? "-",
        a.slot,
        String(a.attempt),
        String(a.seq),
      ]),
    );
    expect(rowsUnder(lines, "Chip settings")[1]).toEqual(["RDP", "0xAA", "0xAA", "0xAA", "", "3"]);
    const headings = lines.filter((_, i) => /^ {2}H2 /.test(lines[i - 1] ?? ""));
    expect(headings).toEqual([
      '    "Chip settings"',
      expect.stringMatching(/^ {4}"Every unit: 3 units, \d attempts"$/),
    ]);
    expect(lines.filter((line) => line.includes("page 1 of"))).toEqual([]);
  },
);

interface Node {
  readonly role?: string;
  readonly alt?: string;
  readonly children?: readonly object[];
}
const flat = (node: Node): Node[] => [node, ...(node.children ?? []).flatMap(flat)];

test("charts, codes and the logo say in words what they show", async () => {
  const logo = { bytes: somePng(40, 12), width: 40, height: 12 };
  const document = await getDocumentProxy(await draw(facts, { ...standardReport, logo }));
  const alts: string[] = [];
  for (let n = 1; n <= document.numPages; n += 1) {
    const tree: Node | null = await (await document.getPage(n)).getStructTree();
    if (tree !== null)
      alts.push(...flat(tree).flatMap(({ role, alt }) => (role === "Figure" ? [alt ?? ""] : [])));
  }
  expect(alts).toEqual([
    "Logo",
    `Data Matrix: ${sealText(facts)}`,
    expect.stringMatching(/^from 06:00: passed \d+, failed \d+; from 06:10: /),
    expect.stringMatching(/^LINK_SILENT 3, 75\.0% of failures; VERIFY_MISMATCH 1, /),
    expect.stringMatching(/^A1 100\.0%, 8 of 8, 67\.6 to 100\.0; A2 /),
    expect.stringMatching(/^erase 3\.1 s, 21\.3%; write /),
  ]);
  expect((await document.getMarkInfo())?.Marked).toBe(true);
});

test("all that is on a page is either of the document's structure or an artifact", async () => {
  const raw = Buffer.from(
    await draw(factsOf([...largeBatch(30), attemptOf(31, { barcode: "W".repeat(200) })])),
  ).toString("latin1");
  const pages = [...raw.matchAll(/stream\n(1 0 0 -1 [^]*?)\nendstream/g)].map(([, page = ""]) =>
    page.split("\n"),
  );
  expect(pages.length).toBeGreaterThan(3);
  for (const page of pages) {
    let inside = 0;
    const bare: string[] = [];
    for (const words of page) {
      if (/ B[DM]C$/.test(words)) inside += 1;
      else if (words === "EMC") inside -= 1;
      else if (inside !== 1 && / (?:Tj ET|re|f|S|Do|l|m|c)$/.test(words)) bare.push(words);
    }
    expect(bare).toEqual([]);
    expect(inside).toBe(0);
  }
});

test("every marked content has its element, and every element its parent", async () => {
  const raw = Buffer.from(await draw(facts)).toString("latin1");
  const objects = new Map(
    [...raw.matchAll(/^(\d+) 0 obj\n([^]*?)\nendobj/gm)].map(([, id = "", body = ""]) => [id, body]),
  );
  const elements = [...objects].filter(([, body]) => body.startsWith("<</S/"));
  const parentOf = (body: string): string => /\/P (\d+) 0 R/.exec(body)?.[1] ?? "";
  for (const [id, body] of elements)
    expect(objects.get(parentOf(body)) ?? "").toMatch(new RegExp(`\\b${id} 0 R`));
  const tree = /<<\/Nums \[([^\]]*)\]>>/.exec(raw)?.[1] ?? "";
  const owners = [...tree.matchAll(/\d+ (\d+) 0 R/g)].map(
    ([, id = ""]) => objects.get(id)?.match(/\d+ 0 R/g)?.length,
  );
  const contents = [...raw.matchAll(/\/MCID \d+>> BDC/g)].length;
  expect(owners.reduce<number>((sum, n) => sum + (n ?? 0), 0)).toBe(contents);
});
