import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { complain } from "../../../src/cli/complain.ts";
import { outFile } from "../../../src/cli/out-file.ts";
import { someIo } from "./some-io.ts";

function folders(): { readonly made: string; readonly data: string } {
  const made = mkdtempSync(join(tmpdir(), "gangflash-out-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  const data = join(made, "data");
  mkdirSync(data);
  writeFileSync(join(data, "gangflash.db"), "books");
  return { made, data };
}

test("a folder that is there takes the file under its own name; one that is not there is not made", () => {
  const { made, data } = folders();
  expect(outFile(made, "WO-1.pdf", data)).toBe(join(made, "WO-1.pdf"));
  expect(outFile(join(made, "mine.pdf"), "WO-1.pdf", data)).toBe(join(made, "mine.pdf"));
  expect(() => outFile(`${made}/none/`, "WO-1.pdf", data)).toThrow(
    `--out: ${made}/none/: there is no such folder`,
  );
});

test.skipIf(process.platform === "win32")("no report takes the place of the books, by whatever way", () => {
  const { made, data } = folders();
  symlinkSync(data, join(made, "way"));
  symlinkSync(join(data, "gangflash.db"), join(made, "books"));
  for (const out of [join(data, "gangflash.db"), join(made, "way", "gangflash.db-wal"), join(made, "books")])
    expect(() => outFile(out, "WO-1.pdf", data), out).toThrow("not one of the books' own was expected");
  expect(outFile(data, "WO-1.pdf", data)).toBe(join(data, "WO-1.pdf"));
});

test("what the system says of a file is told as a sentence, never as a mistake of the program", () => {
  const { io, err } = someIo();
  const error = Object.assign(new Error("ENAMETOOLONG: name too long, stat 'xxx'"), {
    code: "ENAMETOOLONG",
    path: "xxx",
  });
  expect(complain(error, io)).toBe(2);
  expect(err).toEqual(["gangflash: xxx: ENAMETOOLONG: name too long"]);
});
