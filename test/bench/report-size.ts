/**
 * The size of reports: batches of 10 000 and 100 000 units in every form, each in a process of its own: time and peak
 * memory of the whole process, facts included. Beside PDF what pdfkit alone takes to write the same
 * texts, whose places are known already.
 *
 *   npm run bench:report [-- 10000]
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { standardReport } from "../../src/report/definition.ts";
import { batchReport } from "../../src/report/kinds/batch.ts";
import { loadFonts } from "../../src/report/paper/fonts.ts";
import { composePages, drawPdfPieces } from "../../src/report/paper/pdf.ts";
import { writeXlsx } from "../../src/report/workbook/xlsx.ts";
import { bareLines, textsOf } from "./bare-lines.ts";
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
async function measure(form: Form, units: number): Promise<Taken> {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-size-"));
  const file = join(folder, "report");
  try {
    const written = await write(form, units, file);
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
  file: string,
): Promise<{ readonly seconds: number; readonly lines: number }> {
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
  if (form === "lines") {
    const { blocks, cover } = report.paper(standardReport);
    const pages = composePages(blocks, standardReport, cover, await loadFonts(null));
    const texts = textsOf(pages);
    const start = performance.now();
    const handle = openSync(file, "w");
    for (const piece of await bareLines(texts)) writeSync(handle, piece);
    closeSync(handle);
    const seconds = (performance.now() - start) / 1000;
    return { seconds, lines: texts.reduce((sum, page) => sum + page.length, 0) };
  }
  const start = performance.now();
  if (form === "xlsx") {
    writeFileSync(file, writeXlsx(report.sheets()));
    return { seconds: (performance.now() - start) / 1000, lines: 0 };
  }
  const { blocks, cover } = report.paper(standardReport);
  const handle = openSync(file, "w");
  for (const piece of await drawPdfPieces(blocks, standardReport, cover)) writeSync(handle, piece);
  closeSync(handle);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, lines: 0 };
}

const [first = "", form = ""] = process.argv.slice(2);
const asked = forms.find((one) => one === form);
if (asked !== undefined) {
  process.stdout.write(JSON.stringify(await measure(asked, Number(first))));
} else {
  const sizes = first === "" ? [10_000, 100_000] : [Number(first)];
  process.stdout.write("units    form    s        peak MiB   MB\n");
  for (const units of sizes) {
    const taken = new Map<Form, Taken>();
    for (const one of forms) {
      const words = [import.meta.filename, String(units), one];
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
      `${units} units: PDF ${ratio.toFixed(2)} times pdfkit's own ${taken.get("lines")?.lines ?? 0} texts\n`,
    );
  }
}
