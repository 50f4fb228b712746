import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadAtWork } from "./screen-load.ts";
import { latencies } from "./screen-latency.ts";

// One measurement of screen.ts in a process of its own: load-screen, load-headless or latency, and seconds or units.
const [what = "", amount = ""] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "gangflash-screen-"));
try {
  const found =
    what === "latency"
      ? await latencies(folder, Number(amount))
      : await loadAtWork(folder, what === "load-screen", Number(amount));
  process.stdout.write(`${JSON.stringify(found)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.exit();
