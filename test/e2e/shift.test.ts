import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { openTerminal, tmuxThere } from "../tools/terminal.ts";
import { bench, firmware, gangflash, profileText, program, runWords, simStation } from "./gangflash.ts";

// The built program in a real terminal, driven by keys and scans, read off its screen. The screens are kept as text in
// test/ui/frames/shift; whoever writes them anew (vitest -u) looks at them.

const usb = 'port: "sim:STM32F405:usb"';
const uart = 'port: "sim:STM32F405:uart"';
const slots = {
  A1: usb,
  A2: uart,
  A3: `${usb}, mishap: { flipBit: 100 }`,
  A4: usb,
  B1: uart,
  B2: `${usb}, mishap: { pullAt: 4096 }`,
  B3: uart,
  B4: `${uart}, pace: real`, // seconds, so that a scan can come while it runs
};
const rules = `tray: { rows: 2, columns: 4 }
login: badge
badge: "^B-[0-9]{4}$"
orders: { pattern: "^(?<order>WO-[0-9]+)(;(?<profile>[a-z]+);(?<quantity>[0-9]+))?$", profiles: "." }
`;
const files = {
  "station.yaml": simStation(slots, rules),
  "plain.yaml": simStation({ A1: usb }),
  "test.yaml": `${profileText()}firstArticle: true\n`,
  "profile.yaml": profileText().replace("profile: test", "profile: other"),
  "fw.bin": firmware(8192),
};

/** The screen without what no two runs have alike: times, and how many of the last results find room. */
const steady = (rows: readonly string[]): string =>
  rows
    .map((row) =>
      row
        .replaceAll(/[ /]+\d+s(?=[ /]|$)/g, (found) => " 0s".padStart(found.length, "/"))
        .replace(/ ?\d?\d [A-Z][a-z]{2} \d{4} \d\d:\d\d/, " 22 Nov 2026 10:42")
        .replace(/\d?\d [A-Z][a-z]{2}, M\. Lang[ /]*/, "22 Nov, M. Lang ~ ")
        .replace(/ +\d+ an hour.*/, "")
        .replaceAll(/\b\d+ (m?s)\b/g, "0 $1")
        .replace(/^ [#.]{20,}.*/, " (bar)")
        .replaceAll(/\b\d\d:\d\d\b/g, "10:42")
        .replace(/^( TAKT +).*/, "$1~")
        .replace(/^ +[+!] clock .*/, "   ~ clock")
        .replace(/\d+ [GM]B free/, "~ free")
        .replace(/last \d?\d [A-Z][a-z]{2} 10:42/, "last 22 Nov 10:42")
        .replace(/head [0-9a-f ]+/, "head ~")
        .replace(/^( LAST [^|]*) \|.*/, "$1")
        .trimEnd(),
    )
    .join("\n");

test.skipIf(!tmuxThere)(
  "a shift in a terminal: badges, an order, its first article, three trays, refused scans, a retired slot, the report",
  { timeout: 600_000 },
  async () => {
    const folder = bench(files);
    const tell = async (...words: string[]): Promise<string> => {
      const ended = await gangflash([...words, "--data", "data"], { cwd: folder });
      expect(ended.code, ended.err).toBe(0);
      return ended.out;
    };
    const add = async (name: string, role: string, badge: string): Promise<string> =>
      await tell("people", "add", name, "--role", role, "--badge", badge, "--by", "M. Lang");
    await add("M. Lang", "lead", "B-1001");
    await add("A. Novak", "operator", "B-1002");
    await add("A. Kim", "quality", "B-1003");
    await add("P. Ruiz", "engineer", "B-1004");
    for (const file of ["test.yaml", "profile.yaml"])
      await tell("profile", "release", file, "--by", "P. Ruiz", "--reviewed-by", "A. Kim");
    // A unit of another order, which stays open.
    const other = runWords(folder, ["A1=UNIT-0900"], ["--operator", "A. Novak"]);
    const made = await gangflash(
      other.map((word) => (word === join(folder, "station.yaml") ? join(folder, "plain.yaml") : word)),
    );
    expect(made.code, made.err).toBe(0);

    const words = `"${process.execPath}" "${program}" --station station.yaml --data data`;
    using at = openTerminal(`cd "${folder}" && NO_COLOR=1 TERM=xterm-256color exec ${words}`, 80, 24);
    const keep = async (name: string, rows: readonly string[]): Promise<void> =>
      await expect(`${steady(rows)}\n`).toMatchFileSnapshot(`../ui/frames/shift/${name}.txt`);
    const refusals: string[] = [];
    /** A code that is not taken: its sentence, until Esc. */
    const refused = async (code: string, why: string): Promise<void> => {
      at.scan(code);
      const rows = await at.until((text) => text.includes(why));
      refusals.push(rows[5] ?? "");
      await press("Escape", (text) => !text.includes(why));
    };
    /** What has just appeared is not acknowledged unseen: a key within 300 ms does nothing, and is pressed again. */
    const press = async (key: string, done: (text: string) => boolean): Promise<readonly string[]> => {
      for (let i = 0; ; i += 1) {
        await pause(400);
        at.key(key);
        try {
          return await at.until(done, 5000);
        } catch (error) {
          if (i === 5) throw error;
        }
      }
    };
    /** A unit is scanned, and has its verdict before the next one is. */
    const make = async (unit: string): Promise<readonly string[]> => {
      at.scan(`UNIT-${unit}`);
      return await at.until((text) => new RegExp(`LAST {2}.. ${unit} (PASS|FAIL)`).test(text));
    };
    const badge = async (code: string, name: string): Promise<void> => {
      at.scan(code);
      await at.until((text) => text.includes(name));
    };

    // What the station found of itself comes a moment after the first frame.
    const fit = (text: string): boolean =>
      text.includes("Scan your badge.") && text.includes("STATION IS FIT");
    await keep("01-log-in", await at.until(fit));
    await refused("UNIT-0101", "Nobody is logged in.");
    await refused("B-9999", "Nobody here has this badge.");
    await badge("B-1002", "A. Novak, operator");
    await keep("02-order", await at.until((text) => text.includes("Scan the work order.")));
    await refused("UNIT-0101", "No order is open.");
    await refused("WO-99", "No profile is known for this order.");
    at.scan("WO-4711;test;19");
    await keep("03-first-scan", await at.until((text) => text.includes("Scan next board: the one in A1.")));
    await refused("HELLO", "Not a label of this product.");
    await refused("UNIT-0900", "Belongs to order WO-1.");

    await make("0101");
    await keep("04-first-article", await at.until((text) => text.includes("First article A1 passed.")));
    await refused("UNIT-0102", "First article is not accepted yet.");
    await refused("B-1002", "A. Novak may not do that.");
    at.scan("B-1003");
    await at.until((text) => text.includes("Scan next board: the one in A2."));

    // The first tray. B4 takes seconds.
    for (const unit of ["0102", "0103", "0104", "0105", "0106", "0107"]) await make(unit);
    at.scan("UNIT-0108");
    await refused("UNIT-0108", "Lies in the tray already: B4.");
    await at.until((text) => text.includes("LAST  B4 0108 PASS"));
    await refused("UNIT-0103", "First press Enter for slot A3.");
    const failedA3 = (text: string): boolean => text.includes("A3: Flash differs from the image.");
    const failedB2 = (text: string): boolean => text.includes("B2: Board came out.");
    const scanA1 = (text: string): boolean => text.includes("Scan next board: the one in A1.");
    await keep("05-tray-1-failed", await at.until(failedA3));
    await keep("06-tray-1-pulled", await press("Enter", failedB2));
    await press("Enter", scanA1);
    await refused("UNIT-0101", "Has passed already.");
    // The board that came out is put back and runs again where it lies.
    await make("0106");

    for (const unit of ["0201", "0202", "0203", "0204", "0205", "0206", "0207", "0208"]) await make(unit);
    await at.until(failedA3);
    await press("Enter", failedB2);
    await press("Enter", scanA1);
    await refused("UNIT-0103", "Failed before, no rework noted.");
    await refused("GF:F5", "A. Novak may not do that.");

    await badge("B-1001", "M. Lang, lead");
    for (const slot of ["A1", "A2", "A3"]) await press("Right", (text) => text.includes(`>${slot} `));
    await keep("07-retire", await press("F5", (text) => text.includes("Retire A3 for: contact.")));
    await keep("08-retired", await press("F5", (text) => text.includes("RETIRED")));
    await refused("GF:SLOT:A3", "This slot is retired.");
    await badge("B-1002", "A. Novak, operator");

    for (const unit of ["0301", "0302", "0303", "0304", "0305", "0306", "0307"]) await make(unit);
    await refused("UNIT-0308", "Order is complete.");
    await refused("B-1001", "First press Enter for slot B2.");
    await keep("09-done", await press("Enter", (text) => text.includes("Red bin must hold")));
    await badge("B-1001", "Scan the work order.");
    await keep("10-closed", await at.until((text) => !text.includes("WO-4711")));
    await refused("WO-4711;test;19", "is closed");
    await expect(`${refusals.join("\n")}\n`).toMatchFileSnapshot("../ui/frames/shift/refused.txt");
    await press("C-c", () => at.exitCode() !== null);
    expect(at.exitCode()).toBe(0);

    await tell("report", "WO-4711", "--format", "json");
    const report: unknown = JSON.parse(readFileSync(join(folder, "SIMULATED-WO-4711.json"), "utf8"));
    const deed = (kind: string, by: string, more: object) =>
      expect.objectContaining({ kind, by, ...more }) as unknown;
    expect(report).toMatchObject({
      batch: { quantity: 19, openedBy: "A. Novak", closedBy: "M. Lang" },
      counts: { passed: 19, failed: 4, seen: 23 },
      failures: [
        { code: "BOARD_LEFT", count: 3 },
        { code: "VERIFY_MISMATCH", count: 2 },
      ],
      deeds: expect.arrayContaining([
        deed("first-article-accepted", "A. Kim", { barcode: "UNIT-0101" }),
      ]) as unknown,
    });
  },
);
