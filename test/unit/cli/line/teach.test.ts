import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { plugged, teachCommand } from "../../../../src/cli/line/teach.ts";
import { dataFolder } from "../../store/books.ts";
import { someIo } from "../some-io.ts";

const text = `# the bench by the window
station: bench
slots:
  - { name: A1, port: "usb:1-1.1" } # left
  - { name: A2, port: "usb:1-1.2" }
  - { name: A3, port: "usb:1-1.3" }
`;

function bench() {
  const file = join(dataFolder(), "bench.yaml");
  writeFileSync(file, text);
  const hand = someIo();
  let plug = (_port: string): void => {};
  let keep = (): void => {};
  const nothing = { [Symbol.dispose]: () => {} };
  const code = teachCommand(
    file,
    hand.io,
    async (appeared) => {
      plug = appeared;
      return await Promise.resolve(nothing);
    },
    (kept) => {
      keep = kept;
      return nothing;
    },
  );
  return { file, hand, code, plug: (port: string) => plug(port), keep: () => keep() };
}
const turn = async (): Promise<void> => await new Promise((done) => setImmediate(done));

describe("boards plugged in one after another", () => {
  test("become the ports of the slots in their order, and the rest of the file stays", async () => {
    const lesson = bench();
    await turn();
    lesson.plug("usb:2-1");
    lesson.keep();
    lesson.plug("uart:/dev/serial/by-path/x");
    expect(await lesson.code).toBe(0);
    expect(readFileSync(lesson.file, "utf8")).toBe(
      text.replace("usb:1-1.1", "usb:2-1").replace("usb:1-1.3", "uart:/dev/serial/by-path/x"),
    );
  });

  test("the same place twice is told and waits for another one", async () => {
    const lesson = bench();
    await turn();
    lesson.plug("usb:2-1");
    lesson.plug("usb:2-1");
    expect(lesson.hand.err.at(-1)).toContain("usb:2-1 is A1 already");
    lesson.plug("usb:2-2");
    lesson.plug("usb:2-3");
    expect(await lesson.code).toBe(0);
    expect(readFileSync(lesson.file, "utf8")).toContain('{ name: A2, port: "usb:2-2" }');
  });

  test("Ctrl-C leaves the file as it was", async () => {
    const lesson = bench();
    await turn();
    lesson.plug("usb:2-1");
    lesson.hand.interrupt();
    expect(await lesson.code).toBe(130);
    expect(readFileSync(lesson.file, "utf8")).toBe(text);
  });

  test("two slots with one port are never written", async () => {
    const lesson = bench();
    await turn();
    lesson.plug("usb:1-1.2");
    lesson.keep();
    lesson.keep();
    await expect(lesson.code).rejects.toThrow("usb:1-1.2");
    expect(readFileSync(lesson.file, "utf8")).toBe(text);
  });
});

describe("a computer on which not every port can be watched", () => {
  const no = async (why: string) => await Promise.resolve({ ok: false as const, why });
  const none = async () => await Promise.resolve({ ok: true as const, found: [] });

  test("asks for what it can see, and says what it cannot", async () => {
    const file = join(dataFolder(), "bench.yaml");
    writeFileSync(file, text);
    const hand = someIo();
    const lists = { listUsb: async () => await no("USB cannot be read: no rights"), listSerial: none };
    const nobody = { [Symbol.dispose]: () => {} };
    const code = teachCommand(
      file,
      hand.io,
      async (appeared, blind) => await plugged(appeared, blind, lists),
      () => nobody,
    );
    await turn();
    expect(hand.out[0]).toContain("A1: plug a serial adapter in now.");
    expect(hand.err).toEqual(["note: USB cannot be read: no rights; only serial adapters are seen now"]);
    hand.interrupt();
    expect(await code).toBe(130);
  });

  test("asks for nothing where it sees nothing", async () => {
    const lists = { listUsb: async () => await no("no USB"), listSerial: async () => await no("no serial") };
    const blind = plugged(
      () => {},
      () => {},
      lists,
    );
    await expect(blind).rejects.toThrow("no port can be watched here: no USB; no serial");
  });
});
