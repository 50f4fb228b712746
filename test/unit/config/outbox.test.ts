import { resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { checkStation } from "../../../src/config/station-file.ts";
import { chipChoice } from "../../../src/family/table.ts";
import { targetText, type Destination } from "../../../src/model/outbox.ts";
import { linesOf } from "./lines.ts";

const checked = (outbox: string) =>
  checkStation(
    "stations/bench.yaml",
    `station: bench\noutbox:\n${outbox}\nslots:\n  - { name: A1, port: "usb:1-4.1" }\n`,
    chipChoice,
  );
const check = (outbox: string): string[] => linesOf(checked(outbox));
function destinations(outbox: string): readonly Destination[] {
  const read = checked(outbox);
  if (!read.ok) throw new Error(linesOf(read).join("\n"));
  return read.value.rules.outbox;
}

describe("an outbox that is good", () => {
  test("has its defaults: production only, from now on", () => {
    expect(destinations('  - { name: mes, http: "https://mes.example.com/in" }')).toEqual([
      {
        name: "mes",
        to: { kind: "http", url: "https://mes.example.com/in", headers: {}, token: null, ca: null },
        from: "now",
        trial: false,
        simulated: false,
      },
    ]);
  });

  test("takes files from the folder of the station file", () => {
    const [mes, share] = destinations(
      [
        '  - { name: mes, http: "https://mes.example.com/in", ca: plant.pem, headers: { X-Line: line1 },',
        '      token: { file: mes.token, header: X-Api-Key, value: "{token}" }, from: beginning, also: [trial, simulated] }',
        "  - { name: share, folder: out }",
      ].join("\n"),
    );
    expect(mes).toMatchObject({
      to: {
        ca: resolve("stations/plant.pem"),
        headers: { "X-Line": "line1" },
        token: {
          in: { kind: "file", file: resolve("stations/mes.token") },
          header: "X-Api-Key",
          value: "{token}",
        },
      },
      from: "beginning",
      trial: true,
      simulated: true,
    });
    expect(share?.to).toEqual({ kind: "folder", path: resolve("stations/out") });
  });

  test("is shown without the words of its query", () => {
    const [mes] = destinations('  - { name: mes, http: "https://mes.example.com/in?line=1" }');
    expect(mes === undefined ? "" : targetText(mes.to)).toBe("https://mes.example.com/in");
  });
});

describe("a mistake in an outbox is told with its place", () => {
  test.each([
    ["neither of the two", "  - { name: mes }", "http or folder was expected"],
    [
      "both",
      '  - { name: mes, http: "http://a/", folder: out }',
      "http and folder found, one of them was expected",
    ],
    [
      "no address",
      "  - { name: mes, http: mes.example.com }",
      "an address such as https://mes.example.com/gangflash",
    ],
    ["another kind of address", '  - { name: mes, http: "ftp://a/" }', "an address such as"],
    [
      "a password in the address",
      '  - { name: mes, http: "https://u:p4ss@a/" }',
      "a name or password found in the address",
    ],
    [
      "a key in the address",
      '  - { name: mes, http: "https://a/?apiKey=s3cret" }',
      "a secret found in the address",
    ],
    [
      "a secret header",
      '  - { name: mes, http: "https://a/", headers: { Authorization: Bearer s3cret } }',
      "a secret was expected in a file or an environment variable: token",
    ],
    [
      "a header of ours",
      '  - { name: mes, http: "https://a/", headers: { Content-Type: text/plain } }',
      "the request has that header of its own",
    ],
    [
      "a broken header",
      '  - { name: mes, http: "https://a/", headers: { "X Line": a } }',
      "letters, digits and dashes",
    ],
    ["a token beside a folder", "  - { name: mes, folder: out, token: { env: T } }", "found beside folder"],
    ["a token in the file itself", '  - { name: mes, http: "https://a/", token: s3cret }', "outbox"],
    ["a token from nowhere", '  - { name: mes, http: "https://a/", token: {} }', "file or env was expected"],
    [
      "a token from two places",
      '  - { name: mes, http: "https://a/", token: { env: T, file: f } }',
      "file and env found",
    ],
    [
      "a token without its place",
      '  - { name: mes, http: "https://a/", token: { env: T, value: Bearer } }',
      "{token} was expected in it",
    ],
    ["an authority without TLS", '  - { name: mes, http: "http://a/", ca: a.pem }', "beside https only"],
    [
      "a name twice",
      "  - { name: mes, folder: a }\n  - { name: mes, folder: b }",
      '"mes" found a second time',
    ],
  ])("%s", (_, outbox, said) => {
    const lines = check(outbox);
    expect(lines.join("\n")).toContain(said);
    expect(lines.every((line) => /^stations\/bench\.yaml:[345]:\d+: outbox/.test(line))).toBe(true);
    // What somebody took for a place of secrets is not said again on a screen.
    expect(lines.join("\n")).not.toMatch(/p4ss|s3cret/);
  });
});
