/**
 * The size of reports: batches of 10 000 and 100 000 units in every form, each in a process of its own: time and peak
 * memory of the whole process, facts included. Beside PDF what pdfkit alone takes to write as many lines of text.
 *
 *   npm run bench:report [-- 10000]
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { standardReport } from "../../src/report/definition.ts";
import { batchReport } from "../../src/report/kinds/batch.ts";
import { loadFonts } from "../../src/report/fonts.ts";
import { drawPdf } from "../../src/report/pdf.ts";
import { writeXlsx } from "../../src/report/xlsx.ts";
import { attemptOf, factsOf, largeBatch } from "../report/some-batch.ts";

interface Taken {
  readonly seconds: number;
  readonly peakMiB: number;
  readonly bytes: number;
  readonly lines: number;
}

const forms = ["pdf", "lines", "xlsx", "csv", "json"] as const;
type Form = (typeof forms)[number];

/** One form, measured from ready facts to a written file. */
async function measure(form: Form, units: number, lines: number): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-size-"));
  const file = join(folder, "report");
  try {
    const written = await write(form, units, lines, file);
    // ru_maxrss of Linux and macOS through Node: KiB.
    const peakMiB = process.resourceUsage().maxRSS / 1024;
    return { ...written, peakMiB, bytes: statSync(file).size };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function write(
  form: Form,
  units: number,
  lines: number,
  file: string,
): Promise<{ readonly seconds: number; readonly lines: number }> {
  if (form === "lines") {
    const start = performance.now();
    writeFileSync(file, await plainLines(lines));
    return { seconds: (performance.now() - start) / 1000, lines };
  }
  if (form === "csv" || form === "json") {
    // Attempts are made as they are asked for, as the books give them: memory is the writer's own.
    const { attempts: _none, ...head } = factsOf([], { head: { seq: units, hash: "0".repeat(64) } });
    const source = function* (): Generator<ReturnType<typeof attemptOf>> {
      for (let seq = 1; seq <= units; seq += 1) yield attemptOf(seq);
    };
    const report = batchReport(head, source, () => factsOf([]));
    const start = performance.now();
    const handle = openSync(file, "w");
    for (const piece of form === "csv" ? report.csv() : report.json()) writeSync(handle, piece);
    closeSync(handle);
    return { seconds: (performance.now() - start) / 1000, lines: 0 };
  }
  const facts = factsOf(largeBatch(units));
  const { attempts: _all, ...head } = facts;
  const report = batchReport(
    head,
    () => facts.attempts,
    () => facts,
  );
  const start = performance.now();
  if (form === "xlsx") {
    writeFileSync(file, await writeXlsx(report.sheets()));
    return { seconds: (performance.now() - start) / 1000, lines: 0 };
  }
  const { blocks, cover } = report.paper(standardReport);
  const pdf = await drawPdf(blocks, standardReport, cover);
  const seconds = (performance.now() - start) / 1000;
  writeFileSync(file, pdf);
  // Every text of the report is one text operation in its pages.
  const texts =
    Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length).toString("latin1").split("\nBT\n").length - 1;
  return { seconds, lines: texts };
}

/** As many texts as the report has, of the length of its own, by pdfkit alone with the same font. */
async function plainLines(count: number): Promise<Uint8Array> {
  const { default: PDFDocument } = await import("pdfkit");
  const { regular } = await loadFonts(null);
  const document = new PDFDocument({
    autoFirstPage: false,
    compress: false,
    fontLayoutCache: false,
    size: "A4",
    margin: 0,
  });
  const chunks: Buffer[] = [];
  document.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((done) => document.on("end", done));
  document.registerFont("regular", Buffer.from(regular));
  const aPage = 8 * 52;
  for (let n = 0; n < count; n += 1) {
    if (n % aPage === 0) document.addPage().font("regular").fontSize(8.5).fillColor("#000000");
    const place = n % aPage;
    const y = 40 + Math.floor(place / 8) * 14;
    document.text(`V60-${n}`, 40 + (place % 8) * 65, y, { lineBreak: false, baseline: "alphabetic" });
  }
  document.end();
  await ended;
  return Buffer.concat(chunks);
}

const [first = "", form = "", lines = "0"] = process.argv.slice(2);
const asked = forms.find((one) => one === form);
if (asked !== undefined) {
  process.stdout.write(JSON.stringify(await measure(asked, Number(first), Number(lines))));
} else {
  const sizes = first === "" ? [10_000, 100_000] : [Number(first)];
  process.stdout.write("units    form    s        peak MiB   MB\n");
  for (const units of sizes) {
    const taken = new Map<Form, Taken>();
    for (const one of forms) {
      const words = [import.meta.filename, String(units), one, String(taken.get("pdf")?.lines ?? 0)];
      const said = execFileSync(process.execPath, words, {
        encoding: "utf8",
        stdio: ["ignore", "pipe", "inherit"],
      });
      // Our own process wrote it.
      const row = JSON.parse(said) as Taken;
      taken.set(one, row);
      process.stdout.write(
        `${String(units).padEnd(9)}${one.padEnd(8)}${row.seconds.toFixed(1).padEnd(9)}` +
          `${row.peakMiB.toFixed(0).padEnd(11)}${(row.bytes / 1e6).toFixed(1)}\n`,
      );
    }
    const ratio = (taken.get("pdf")?.seconds ?? 0) / (taken.get("lines")?.seconds ?? 1);
    process.stdout.write(
      `${units} units: PDF ${ratio.toFixed(2)} times pdfkit's own ${taken.get("pdf")?.lines} texts\n`,
    );
  }
}
