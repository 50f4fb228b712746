import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseArgs } from "../../../src/cli/args.ts";
import type { Call } from "../../../src/cli/command.ts";
import { dataFolder } from "../../../src/cli/data-folder.ts";
import { number, text, texts } from "../../../src/cli/given.ts";

function words(argv: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const result = parseArgs(
    argv,
    "1.2.3",
    (line) => void out.push(line),
    (line) => void err.push(line),
  );
  return { result, out: out.join("\n"), err: err.join("\n") };
}

function parsed(argv: readonly string[]): Call & { command: string; json: boolean } {
  const { result, err } = words(argv);
  if (result.kind !== "command") throw new Error(`${argv.join(" ")}: ${err}`);
  const { command, json, call } = result.parsed;
  return { ...call, command, json };
}

/** As a shell cuts a line: at blanks, single quotes around what has some. */
const cut = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? "");

const commands: readonly string[] = [
  "screen",
  "run",
  "ports",
  "probe",
  "image",
  "profile check",
  "profile release",
  "profile list",
  "profile show",
  "batch open",
  "batch close",
  "batch list",
  "batch show",
  "report",
  "yield",
  "pack",
  "unit",
  "unit void",
  "unit rework",
  "unit scrap",
  "station key",
  "import numbers",
  "people list",
  "people add",
  "people leave",
  "people return",
  "audit",
  "backup",
  "simulate",
  "schema",
];
const wordsOf = (command: string): string[] => (command === "screen" ? [] : command.split(" "));

describe("--help", () => {
  test.each(commands)("of %s has an example that is that command", (command) => {
    const { result, out, err } = words([...wordsOf(command), "--help"]);
    expect(result).toEqual({ kind: "exit", code: 0 });
    expect(err).toBe("");
    const example = /^Example:\n {2}\$ gangflash ?(.*)$/m.exec(out)?.[1];
    expect(example).toBeDefined();
    // What stands behind a > is the shell's.
    const [line = ""] = (example ?? "").split(" > ");
    expect(parsed(cut(line)).command).toBe(command);
  });

  test.each(commands)("of %s names the options that every command has", (command) => {
    const { out } = words([...wordsOf(command), "--help"]);
    for (const option of ["--data <dir>", "--json", "--no-color", "--help"]) expect(out).toContain(option);
  });

  test.each([["profile"], ["batch"], ["station"], ["people"], ["import"]])(
    "of the group %s has an example",
    (group) => {
      const { result, out } = words([group, "--help"]);
      expect(result).toEqual({ kind: "exit", code: 0 });
      expect(out).toMatch(/\nExample:\n {2}\$ gangflash /);
    },
  );

  test("of the program names every command and every exit code", () => {
    const { out } = words(["--help"]);
    for (const command of commands.slice(1))
      expect(out).toMatch(new RegExp(`^ {2}${command.split(" ")[0] ?? ""}\\b`, "m"));
    for (const code of [0, 1, 2, 3, 130, 143]) expect(out).toMatch(new RegExp(`\\b${code} \\w`));
  });

  test("`help COMMAND` is the same", () => {
    expect(words(["help", "image"]).out).toBe(words(["image", "--help"]).out);
    expect(words(["help"]).out).toBe(words(["--help"]).out);
  });
});

test("--version is the package's", () => {
  expect(words(["--version"])).toMatchObject({ result: { kind: "exit", code: 0 }, out: "1.2.3" });
});

describe("the options of every command", () => {
  test.each([
    [["--data", "d", "--json", "--no-color", "audit"]],
    [["audit", "--data", "d", "--json", "--no-color"]],
    [["--data", "d", "audit", "--json", "--no-color"]],
    [["--json", "batch", "show", "WO-1", "--data=d", "--no-color"]],
    [["--no-color", "profile", "list", "--json", "--data", "d"]],
    [["--data", "d", "--json", "--no-color"]],
  ])("%j: before the command or behind it", (argv) => {
    expect(parsed(argv)).toMatchObject({ data: resolve("d"), json: true, color: false });
  });

  test("left out", () => {
    expect(parsed(["audit"])).toMatchObject({ data: dataFolder(null), json: false, color: true });
  });

  test("the data folder behind the command goes before the one in front of it", () => {
    expect(parsed(["--data", "a", "audit", "--data", "b"]).data).toBe(resolve("b"));
  });
});

describe("a command and what it was given", () => {
  test("no command is the screen", () => {
    const { command, given } = parsed(["--station", "s", "--profile", "p", "--batch", "b"]);
    expect(command).toBe("screen");
    expect([
      text(given, "station"),
      text(given, "profile"),
      text(given, "batch"),
      text(given, "operator"),
    ]).toEqual(["s", "p", "b", null]);
  });

  const run = ["run", "--station", "s", "--profile", "p", "--batch", "b"];
  test("units are repeated, and keep their order", () => {
    const { given } = parsed([...run, "--unit", "A1=U1", "--unit", "A2=U2=x", "--rework", "U1 reflowed"]);
    expect(texts(given, "unit")).toEqual(["A1=U1", "A2=U2=x"]);
    expect(text(given, "rework")).toBe("U1 reflowed");
    expect(parsed([...run, "--all", "--panel", "P-{n}"]).given["all"]).toBe(true);
  });

  test("what is not repeated yet is empty, not missing", () => {
    expect(texts(parsed(run).given, "unit")).toEqual([]);
    expect(number(parsed(["probe", "uart:COM7"]).given, "baud")).toBeNull();
  });

  test("files are words", () => {
    expect(parsed(["image", "a.bin", "b.hex", "--at", "0x08000000"]).words).toEqual(["a.bin", "b.hex"]);
    expect(parsed(["profile", "check", "a.yaml", "b.yaml"]).words).toEqual(["a.yaml", "b.yaml"]);
    expect(parsed(["image", "--", "--odd.bin"]).words).toEqual(["--odd.bin"]);
  });

  test("numbers are numbers", () => {
    expect(number(parsed(["probe", "x", "--baud", "57600"]).given, "baud")).toBe(57_600);
    expect(
      number(parsed(["batch", "open", "x", "--profile", "p", "--quantity", "240"]).given, "quantity"),
    ).toBe(240);
  });

  test("--print takes a printer or none", () => {
    expect(parsed(["report", "WO-1", "--print"]).given["print"]).toBe(true);
    expect(parsed(["report", "WO-1", "--print", "Zebra"]).given["print"]).toBe("Zebra");
    expect(text(parsed(["report", "WO-1"]).given, "format")).toBe("pdf");
  });
});

describe("a mistake in the words ends with 2, says it, and says where help is", () => {
  test.each<[readonly string[], RegExp]>([
    [["imgae", "x.bin"], /unknown command 'imgae'\n\(Did you mean image\?\)/],
    [["Run"], /unknown command 'Run'\n\(Did you mean run\?\)/],
    [["burn-it"], /unknown command 'burn-it'\n\(There are run, /],
    [["profile", "chek", "x"], /unknown command 'chek'\n\(Did you mean check\?\)/],
    [["batch", "opn", "x"], /unknown command 'opn'\n\(Did you mean open\?\)/],
    [["--statoin", "x"], /unknown option '--statoin'\n\(Did you mean --station\?\)/],
    [["image", "x", "--jsn"], /unknown option '--jsn'\n\(Did you mean --json\?\)/],
    [["audit", "--flie", "x"], /unknown option '--flie'\n\(Did you mean --file\?\)/],
    [["run"], /required option '--station <file>' not specified/],
    [["run", "--station", "s", "--profile", "p"], /required option '--batch <id>' not specified/],
    [["run", "--station"], /option '--station <file>' argument missing/],
    [["batch", "open", "x"], /required option '--profile <file>' not specified/],
    [["image"], /missing required argument 'file'/],
    [["probe"], /missing required argument 'port'/],
    [["schema"], /missing required argument 'kind'/],
    [["unit"], /missing required argument 'what'/],
    [["audit", "x"], /too many arguments for 'audit'/],
    [["unit", "x", "y"], /too many arguments for 'unit'/],
    [["report", "x", "--format", "doc"], /'doc' is invalid\. Allowed choices are /],
    [["probe", "x", "--baud", "fast"], /'fast' is invalid\. a whole number was expected/],
    [["probe", "x", "--baud", "-1"], /a whole number was expected/],
    [["batch", "open", "x", "--profile", "p", "--quantity", "0"], /a whole number from 1 on was expected/],
    [["batch", "open", "x", "--profile", "p", "--quantity", "1.5"], /a whole number from 1 on was expected/],
    [["help", "imgae"], /Usage: gangflash/],
    [["profile"], /Usage: gangflash profile/],
    [["batch"], /Usage: gangflash batch/],
  ])("%j", (argv, said) => {
    const { result, out, err } = words(argv);
    expect(result).toEqual({ kind: "exit", code: 2 });
    expect(out).toBe("");
    expect(err).toMatch(said);
    expect(err).toMatch(/--help/);
  });

  test("what was typed does not steer the terminal that it is shown on", () => {
    const { err } = words(["\u001b[31mred\u0007"]);
    expect(err).toContain("unknown command '[31mred'");
    expect(err).not.toMatch(/[^\P{Cc}\n]/u);
  });
});
