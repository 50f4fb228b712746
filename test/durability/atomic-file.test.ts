import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { straceHere } from "./traced-run.ts";

const module = resolve(import.meta.dirname, "../../src/lib/write-atomic.ts");

test.skipIf(!straceHere)(
  "a file gets its name after its bytes are on the disk, and its folder is brought there behind it",
  () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "gangflash-atomic-")));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, "report.json");
    const trace = join(folder, "trace");
    const script = `import(${JSON.stringify(module)}).then(({ writeAtomic }) => writeAtomic(${JSON.stringify(file)}, Buffer.from("whole")))`;
    const calls = "trace=fsync,fdatasync,rename,renameat,renameat2";
    const run = spawnSync("strace", ["-f", "-y", "-e", calls, "-o", trace, process.execPath, "-e", script], {
      encoding: "utf8",
    });
    expect(run).toMatchObject({ status: 0 });
    expect(readFileSync(file, "utf8")).toBe("whole");
    const steps = readFileSync(trace, "utf8")
      .split("\n")
      .filter((line) => line.includes(folder))
      .map((line) => {
        if (/rename/.test(line)) return "named";
        return line.includes(".part>") ? "bytes on the disk" : "folder on the disk";
      });
    expect(steps).toEqual(["bytes on the disk", "named", "folder on the disk"]);
  },
);
