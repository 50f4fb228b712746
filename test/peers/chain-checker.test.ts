import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { packCommand } from "../../src/cli/papers/pack.ts";
import { checkerOf } from "../../src/report/pack.ts";
import { someIo } from "../unit/cli/some-io.ts";
import {
  databaseOf,
  dataFolder,
  failed,
  morning,
  ready,
  run,
  serialSpec,
  withoutTriggers,
} from "../unit/store/books.ts";

const has = (program: string, ...words: string[]): boolean => spawnSync(program, words).status === 0;
const python = has("python3", "--version");
const tools = python && has("openssl", "version") && has("sha256sum", "--version") && has("unzip", "-v");
const document = readFileSync(join(import.meta.dirname, "../../docs/chain.md"), "utf8");
const why = { reason: "fixture was not closed", by: "A. Kim", role: null, at: morning } as const;

/** Books with two batches whose rows lie between one another, one of them closed and one attempt void. */
function books(): string {
  const folder = dataFolder();
  const store = ready(folder);
  store.openBatch({
    id: "WO-2",
    profile: {
      hash: "ab".repeat(32),
      name: "vesc-60",
      revision: "C",
      text: "profile: vesc-60\nrevision: C\n",
    },
    product: "VESC 60",
    quantity: null,
    trial: false,
    by: "lead",
    at: morning,
  });
  const specs = [serialSpec("consume-on-success")];
  for (let i = 1; i <= 9; i += 1)
    run(store, `UNIT-${i} Ω\ud800`, {
      specs,
      opening: { batch: i % 3 === 0 ? "WO-2" : "WO-1" },
      ...(i % 4 === 0 ? { outcome: failed("NO_BOARD") } : {}),
    });
  store.voidAttempt({ barcode: "UNIT-2 Ω\ud800", realm: "line" }, null, why);
  store.closeBatch("WO-1", "lead", morning);
  store.close();
  return folder;
}

function checker(): string {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-checker-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, "check.py");
  writeFileSync(file, checkerOf(document));
  return file;
}

const check = (file: string) => spawnSync("python3", [checker(), file], { encoding: "utf8" });

async function packed(folder: string, batch = "WO-1", name = "pack.zip"): Promise<string> {
  const file = join(folder, name);
  const { io } = someIo();
  expect(await packCommand({ batch, out: file, pdf: false, by: "QA", data: folder }, io)).toBe(0);
  return file;
}

test("the checker in the document has no more than twenty lines", () => {
  expect(checkerOf(document).trimEnd().split("\n").length).toBeLessThanOrEqual(20);
});

describe.skipIf(!python)("the checker of docs/chain.md, in Python (python3 is needed)", () => {
  test("finds a copy of the books whole, with the heads that the audit tells", () => {
    const folder = books();
    const said = check(databaseOf(folder));
    expect(said).toMatchObject({ status: 0, stderr: "" });
    expect(said.stdout).toMatch(/^records whole, head 9:[0-9a-f]{64}\ndeeds whole, head 4:[0-9a-f]{64}\n$/);
  });

  test.each([
    [
      "a record's text",
      "UPDATE records SET body = replace(body, 'op7', 'op8') WHERE seq = 5",
      "records row 5: broken",
    ],
    ["a record that is gone", "DELETE FROM records WHERE seq = 5", "records row 6: broken"],
    ["a deed's text", "UPDATE deeds SET body = replace(body, 'fixture', 'fixturf')", "deeds row 3: broken"],
  ])("names %s in a copy", (_, sql, row) => {
    const folder = books();
    withoutTriggers(folder).exec(sql);
    expect(check(databaseOf(folder))).toMatchObject({ status: 1, stderr: `${row}\n` });
  });

  test("finds an untouched pack whole, with rows of another batch between its own", async () => {
    const said = check(await packed(books()));
    expect(said).toMatchObject({ status: 0, stderr: "" });
    expect(said.stdout).toMatch(/^records whole, head 8:[0-9a-f]{64}\ndeeds whole, head 4:/);
  });
});

/** Puts entries into a pack that SHA256SUMS knows nothing of; a name that stands there already gets a second entry. */
const more = `
import sys, zipfile
whole = zipfile.ZipFile(sys.argv[1])
entries = [(name, whole.read(name)) for name in whole.namelist()]
extra = (sys.argv[2], b"not of the station")
with zipfile.ZipFile(sys.argv[1], "w") as pack:
    for name, content in [extra, *entries]: pack.writestr(name, content)
`;

describe.skipIf(!python)("a pack that somebody put a file into", () => {
  test.each(["reports/other.pdf", "records.jsonl", "../x"])(
    "%s is found out by the checker",
    async (name) => {
      const file = await packed(books());
      execFileSync("python3", ["-W", "ignore", "-c", more, file, name]);
      expect(check(file)).toMatchObject({
        status: 1,
        stdout: "",
        stderr: "files: not those that SHA256SUMS names\n",
      });
    },
  );
});

describe.skipIf(!tools)(
  "a pack, with public tools alone (python3, openssl, sha256sum and unzip are needed)",
  () => {
    async function unpacked(): Promise<string> {
      const folder = books();
      const file = await packed(folder);
      const into = join(folder, "pack");
      execFileSync("unzip", ["-q", file, "-d", into]);
      return into;
    }
    const openssl = (folder: string) =>
      spawnSync(
        "openssl",
        "pkeyutl -verify -pubin -inkey station.pub.pem -rawin -in statement.json -sigfile statement.sig".split(
          " ",
        ),
        { cwd: folder, encoding: "utf8" },
      );
    const sumOf = (folder: string, file: string): string =>
      execFileSync("sh", ["-c", `cut -c10-73 ${file} | sha256sum`], { cwd: folder, encoding: "utf8" }).slice(
        0,
        64,
      );

    test("checks: its files, its signature, its rows, and that none was left out", async () => {
      const folder = await unpacked();
      expect(spawnSync("sha256sum", ["-c", "SHA256SUMS"], { cwd: folder }).status).toBe(0);
      expect(openssl(folder).status).toBe(0);
      const statement = JSON.parse(readFileSync(join(folder, "statement.json"), "utf8")) as {
        readonly records: { readonly sha256: string; readonly count: number };
        readonly deeds: { readonly sha256: string; readonly count: number };
      };
      expect(statement).toMatchObject({ records: { count: 6 }, deeds: { count: 3 } });
      expect(sumOf(folder, "records.jsonl")).toBe(statement.records.sha256);
      expect(sumOf(folder, "deeds.jsonl")).toBe(statement.deeds.sha256);
      expect(readFileSync(join(folder, "profile.yaml"), "utf8")).toBe("profile: vesc-60\nrevision: C\n");
      expect(readFileSync(join(folder, "images.sha256"), "utf8")).toBe(`${"ef".repeat(32)}  fw.bin\n`);
      expect(JSON.parse(readFileSync(join(folder, "batch.json"), "utf8"))).toMatchObject({
        voids: [{ barcode: "UNIT-2 Ω\ud800", reason: why.reason }],
      });
      for (const line of readFileSync(join(folder, "records.jsonl"), "utf8").trimEnd().split("\n"))
        expect(JSON.parse(line)).toMatchObject({ record: { batch: "WO-1" } });
    });

    test("does not check when a letter of it is another one", async () => {
      const folder = await unpacked();
      const statement = join(folder, "statement.json");
      writeFileSync(statement, readFileSync(statement, "utf8").replace("lead", "leae"));
      expect(openssl(folder).status).toBe(1);
      expect(spawnSync("sha256sum", ["-c", "--quiet", "SHA256SUMS"], { cwd: folder }).status).toBe(1);
    });
  },
);

test("the same facts give the same pack, byte for byte, also after it was taken out once", async () => {
  const folder = books();
  const one = readFileSync(await packed(folder, "WO-1", "one.zip"));
  const two = readFileSync(await packed(folder, "WO-1", "two.zip"));
  expect(two.equals(one)).toBe(true);
});

test("a pack that cannot be written leaves nothing behind; one of an open batch says that it is not signed", async () => {
  const folder = books();
  const none = packCommand(
    { batch: "WO-1", out: join(folder, "none", "pack.zip"), pdf: false, by: null, data: folder },
    someIo().io,
  );
  await expect(none).rejects.toThrow("there is no such folder");
  const { io, err } = someIo();
  const file = join(folder, "open.zip");
  await packCommand({ batch: "WO-2", out: file, pdf: false, by: "QA", data: folder }, io);
  expect(err.join("\n")).toContain("not signed");
});
