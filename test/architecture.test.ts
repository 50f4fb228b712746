import { globSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

/** Which folder of src may import which: the layers of the house. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  model: ["lib"],
  family: ["model", "lib"],
  image: ["model", "lib"],
  inject: ["model", "lib"],
  plan: ["model", "lib"],
  protocol: ["model", "lib"],
  transport: ["protocol", "model", "lib"],
  sim: ["protocol", "model", "lib"],
  job: ["plan", "inject", "protocol", "model", "lib"],
  station: ["job", "protocol", "model", "lib"],
  store: ["model", "lib"],
  report: ["model", "lib"],
  ui: ["model", "lib"],
  // Of report it takes what a record looks like as JSON.
  outbox: ["model", "lib", "report/json-schema.ts"],
  // Of report it takes what a definition file may say, nothing that draws.
  config: ["family", "model", "lib", "report/definition.ts"],
};
const src = resolve(import.meta.dirname, "../src");
const files = globSync("**/*.{ts,tsx}", { cwd: src });

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, name = ""]) =>
    relative(src, resolve(src, dirname(file), name)),
  );
}

const roomOf = (file: string): string => file.split("/")[0] ?? "";

describe("the rooms of the house", () => {
  test("every folder stands in the table, and the table names no other", () => {
    const rooms = new Set(files.filter((file) => file.includes("/")).map(roomOf));
    expect([...rooms].toSorted()).toEqual([...Object.keys(arrows), "cli"].toSorted());
  });

  test.each(Object.keys(arrows))("%s imports only what it may", (room) => {
    const allowed = [room, ...(arrows[room] ?? [])];
    const wrong = files
      .filter((file) => roomOf(file) === room)
      .flatMap((file) => importsOf(file).map((target) => ({ file, target })))
      .filter(({ target }) => !allowed.includes(roomOf(target)) && !allowed.includes(target));
    expect(wrong).toEqual([]);
  });

  test("nothing imports main", () => {
    expect(files.filter((file) => importsOf(file).includes("main.ts"))).toEqual([]);
  });

  test("only the command line loads a native wire or a screen before it is asked for", () => {
    const natives = ["usb", "serialport", "@serialport/bindings-cpp", "better-sqlite3", "koffi", "ink"];
    const wrong = files
      .filter((file) => !["transport", "store", "ui", "sim", "cli"].includes(roomOf(file)))
      .filter((file) => {
        const text = readFileSync(join(src, file), "utf8");
        return natives.some((name) => text.includes(`from "${name}"`));
      });
    expect(wrong).toEqual([]);
  });
});
