import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, unzipSync } from "fflate";
import { readCsv } from "../../lib/read-csv.ts";
import type { ReportFormat } from "../../report/file-name.ts";
import { differences, noComplaints, same, type Checks } from "./check.ts";
import type { SelftestBench } from "./bench.ts";
import { pdfTexts } from "./pdf-texts.ts";
import type { RawBooks } from "./read-books.ts";

/** Books that papers are made of. */
export interface PaperBooks {
  readonly data: string;
  readonly batch: string;
  readonly raw: RawBooks;
}

interface Counts {
  readonly attempts: number;
  readonly passed: number;
  readonly serials: number;
}

const countWords = ({ attempts, passed, serials }: Counts): string =>
  `${attempts} attempts, ${passed} PASS, ${serials} serial numbers`;

/** Reports and the pack of a batch, each counted against the rows of the books; signature and hashes checked anew. */
export async function* papers(
  { data, batch, raw }: PaperBooks,
  bench: Pick<SelftestBench, "folder" | "commands" | "io">,
): Checks {
  const { folder, commands, io } = bench;
  const wanted = countsOf(raw.records);
  async function report(format: ReportFormat): Promise<Buffer> {
    const out = join(folder, `report.${format}`);
    const about = { kind: "batch", batch } as const;
    await commands.report({ about, format, out, print: false, definition: null, data }, io);
    return readFileSync(out);
  }
  yield await same("Batch report as CSV", countWords(wanted), async () =>
    countWords(csvCounts(await report("csv"))),
  );
  yield await same("Batch report as JSON", countWords(wanted), async () =>
    countWords(jsonCounts(await report("json"))),
  );
  yield await same("Batch report as XLSX", countWords(wanted), async () =>
    countWords(xlsxCounts(await report("xlsx"))),
  );
  yield await same("Batch report as PDF", countWords(wanted), async () =>
    countWords(pdfCounts(await report("pdf"))),
  );

  const out = join(folder, "pack.zip");
  let files: Record<string, Uint8Array> = {};
  yield await same("The pack of the batch", `${raw.records.length} records, each with its hash`, async () => {
    await commands.pack({ batch, out, pdf: true, by: "selftest", data }, io);
    files = unzipSync(readFileSync(out));
    return `${linkedRecords(textOf(files, "records.jsonl"))} records, each with its hash`;
  });
  yield await noComplaints(
    "The pack's list of files",
    "each file has the SHA-256 that SHA256SUMS names",
    () => sumComplaints(files),
  );
  yield await same(
    "The station's signature of the batch",
    "good; not for a statement of which one letter differs",
    () => {
      const statement = Buffer.from(textOf(files, "statement.json"), "utf8");
      const key = createPublicKey(textOf(files, "station.pub.pem"));
      const signature = files["statement.sig"] ?? new Uint8Array();
      const other = Buffer.from(statement);
      other[statement.length >> 1] = (other[statement.length >> 1] ?? 0) ^ 1;
      const good = verify(null, statement, key, signature) ? "good" : "not good";
      return `${good}; ${verify(null, other, key, signature) ? "also" : "not"} for a statement of which one letter differs`;
    },
  );
}

function countsOf(rows: readonly { readonly outcome: unknown; readonly serial: unknown }[]): Counts {
  const serials = rows.flatMap(({ serial }) => (typeof serial === "string" && serial !== "" ? [serial] : []));
  return {
    attempts: rows.length,
    passed: rows.filter(({ outcome }) => outcome === "PASS").length,
    serials: new Set(serials).size,
  };
}

function csvCounts(bytes: Buffer): Counts {
  const read = readCsv(bytes.toString("utf8"));
  if (!read.ok) throw new Error(`line ${read.line}: ${read.why}`);
  return tableCounts(read.rows.map(({ fields }) => fields));
}

function tableCounts([head = [], ...rows]: readonly (readonly string[])[]): Counts {
  const column = (name: string): number => head.indexOf(name);
  return countsOf(rows.map((row) => ({ outcome: row[column("outcome")], serial: row[column("serial")] })));
}

function jsonCounts(bytes: Buffer): Counts {
  const said = JSON.parse(bytes.toString("utf8")) as {
    readonly attempts: readonly {
      readonly outcome: { readonly kind: string };
      readonly serial: string | null;
    }[];
  };
  return countsOf(said.attempts.map(({ outcome, serial }) => ({ outcome: outcome.kind, serial })));
}

/** The sheet of attempts, by its name in the workbook, its cells read as any spreadsheet does. */
function xlsxCounts(bytes: Buffer): Counts {
  const files = unzipSync(bytes);
  const names = [...textOf(files, "xl/workbook.xml").matchAll(/<sheet [^>]*name="([^"]*)"/g)].map(
    ([, name]) => name,
  );
  const sheet = textOf(files, `xl/worksheets/sheet${names.indexOf("Attempts") + 1}.xml`);
  const shared = files["xl/sharedStrings.xml"] === undefined ? "" : textOf(files, "xl/sharedStrings.xml");
  const strings = [...shared.matchAll(/<si>.*?<t[^>]*>([^]*?)<\/t>.*?<\/si>/g)].map(([, text = ""]) => text);
  const rows = [...sheet.matchAll(/<row [^>]*>([^]*?)<\/row>/g)].map(([, row = ""]) => {
    const cells: string[] = [];
    for (const [, column = "A", kind, value = ""] of row.matchAll(
      /<c r="([A-Z]+)\d+"(?:[^>]*? t="(\w+)")?[^>]*?>(?:<is><t[^>]*>|<v>)([^<]*)/g,
    ))
      cells[columnNumber(column)] = kind === "s" ? (strings[Number(value)] ?? "") : value;
    return Array.from(cells, (cell) => cell ?? "");
  });
  return tableCounts(rows);
}

const columnNumber = (letters: string): number =>
  Array.from(letters).reduce((sum, letter) => 26 * sum + letter.charCodeAt(0) - 64, 0) - 1;

/** Of the table of attempts: a result such as `sim PASS` and a number are a cell each. */
function pdfCounts(bytes: Buffer): Counts {
  const all = pdfTexts(bytes);
  // Failures stand on page 1, too.
  const texts = all.slice(all.findIndex((text) => text.startsWith("Every unit: ")));
  const results = texts.filter((text) => /^sim (PASS|FAIL|TIMEOUT|ERROR|ABORTED)( marginal)?$/.test(text));
  const serials = new Set(texts.filter((text) => /^ST-\d{6}$/.test(text)));
  return {
    attempts: results.length,
    passed: results.filter((text) => text.startsWith("sim PASS")).length,
    serials: serials.size,
  };
}

function textOf(files: Record<string, Uint8Array>, name: string): string {
  const bytes = files[name];
  if (bytes === undefined) throw new Error(`there is no ${name} in it`);
  return strFromU8(bytes);
}

/** Counts the lines whose hash is that of their text (docs/chain.md), worked out here. Throws at the first that is not. */
function linkedRecords(lines: string): number {
  let count = 0;
  for (const line of lines.split("\n")) {
    if (line === "") continue;
    const [hash, previous, body] = [line.slice(9, 73), line.slice(87, 151), line.slice(162, -1)];
    const place = Buffer.alloc(8);
    place.writeBigUInt64BE(BigInt((JSON.parse(body) as { readonly seq: number }).seq));
    const own = createHash("sha256")
      .update(Uint8Array.of(1))
      .update(Buffer.from(previous, "hex"))
      .update(place)
      .update(body, "utf8");
    if (own.digest("hex") !== hash)
      throw new Error(`line ${count + 1} of records.jsonl has another hash than its text`);
    count += 1;
  }
  return count;
}

function sumComplaints(files: Record<string, Uint8Array>): string[] {
  const sums = new Map(
    textOf(files, "SHA256SUMS")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => [line.slice(66), line.slice(0, 64)]),
  );
  const names = Object.keys(files).filter((name) => name !== "SHA256SUMS");
  return [
    ...differences([["files", names.length, sums.size]]),
    ...names.flatMap((name) =>
      createHash("sha256")
        .update(files[name] ?? new Uint8Array())
        .digest("hex") === sums.get(name)
        ? []
        : [`${name} has another one`],
    ),
  ];
}
