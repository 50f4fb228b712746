import { createServer, type AddressInfo, type Server } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openTerminal, tmuxThere } from "../tools/terminal.ts";
import { bench, firmware, gangflash, profileText, program, runWords, simStation } from "./gangflash.ts";

/** A label printer on a port of this machine: what it was sent. It may be switched off and on again. */
async function printer() {
  const got: string[] = [];
  const make = (): Server =>
    createServer({ allowHalfOpen: true }, (socket) => {
      let text = "";
      socket.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
      socket.on("end", () => {
        got.push(text);
        socket.end();
      });
    });
  const listen = async (server: Server, port: number): Promise<void> =>
    await new Promise((done) => void server.listen(port, "127.0.0.1", done));
  let server = make();
  await listen(server, 0);
  // A server on a port has an address of that kind.
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => void server.close());
  return {
    port,
    got,
    off: async () => await new Promise<void>((done) => void server.close(() => done())),
    on: async () => {
      server = make();
      await listen(server, port);
    },
  };
}

const files = (port: number, slots: Readonly<Record<string, string>>, more = "") => ({
  "station.yaml": simStation(slots, `labels: { file: unit.yaml }\n${more}`),
  "unit.yaml": `label: unit
size: { width: 50, height: 25 }
items:
  - { text: "{barcode}", x: 2, y: 2 }
  - { text: "{serial}", x: 2, y: 8, code: datamatrix }
printer: { tcp: "127.0.0.1:${port}" }
`,
  "profile.yaml": profileText(),
  "fw.bin": firmware(8192),
});
const usb = 'port: "sim:STM32F405:usb"';

test("a gang run prints a label of each unit that passed, and of no other, and the books say so", async () => {
  const at = await printer();
  const folder = bench(files(at.port, { A1: usb, A2: `${usb}, mishap: { flipBit: 100 }` }));
  const run = await gangflash(runWords(folder, ["A1=UNIT-0001", "A2=UNIT-0002"]));
  expect(run.code, run.err).toBe(1);
  expect(run.lines().filter(({ type }) => type === "label")).toEqual([
    { type: "label", slot: "A1", barcode: "UNIT-0001", printed: true, why: null },
  ]);
  expect(at.got).toEqual([expect.stringContaining("UNIT-0001")]);
  const life = await gangflash(["unit", "UNIT-0001", "--data", "data"], { cwd: folder });
  expect(life.out).toMatch(/label-printed/);
});

test("a gang run with its printer off passes all the same, and says which unit has no label", async () => {
  const at = await printer();
  await at.off();
  const folder = bench(files(at.port, { A1: usb }));
  const words = runWords(folder, ["A1=UNIT-0001"]).filter((word) => word !== "--json");
  const run = await gangflash(words);
  expect(run.code, run.err).toBe(0);
  expect(run.err).toContain(
    `warning: UNIT-0001 passed and has no label: printer 127.0.0.1:${at.port}: ECONNREFUSED.`,
  );
});

test("a label file that names no printer stops a run before a board is touched", async () => {
  const given = files(9100, { A1: usb });
  const folder = bench({ ...given, "unit.yaml": given["unit.yaml"].replace(/printer:.*\n/, "") });
  const run = await gangflash(runWords(folder, ["A1=UNIT-0001"]));
  expect(run.code).toBe(2);
  expect(run.err).toMatch(/unit\.yaml: printer: missing, tcp or command was expected/);
});

test.skipIf(!tmuxThere)(
  "at the station: printer off, PASS stays; printer on, Enter prints; another label is refused, its own closes the unit",
  { timeout: 120_000 },
  async () => {
    const at = await printer();
    await at.off();
    const folder = bench(files(at.port, { A1: usb, A2: usb }));
    const words = `"${process.execPath}" "${program}" --station station.yaml --profile profile.yaml --batch WO-1 --data data`;
    using screen = openTerminal(`cd "${folder}" && NO_COLOR=1 TERM=xterm-256color exec ${words}`, 80, 24);
    await screen.until((text) => text.includes("Scan next board: the one in A1."));
    screen.scan("UNIT-0001");
    const off = await screen.until((text) => text.includes("A1: Printer is off. Board is good"));
    expect(off.join("\n")).toMatch(/PASS 1 .*[^]*1 without label/);
    await at.on();
    await pause(400);
    screen.key("Enter");
    await screen.until((text) => text.includes("A1: Stick the label on UNIT-0001, scan the label."));
    expect(at.got).toHaveLength(1);
    screen.scan("T-00077");
    await screen.until((text) => text.includes("T-00077: Not the label of the board in A1."));
    screen.scan("T-00001");
    await screen.until((text) => text.includes("Scan next board: the one in A2."));
    screen.key("C-c");
    await screen.until(() => screen.exitCode() !== null);
    const life = await gangflash(["unit", "UNIT-0001", "--data", "data"], { cwd: folder });
    for (const deed of ["label-printed", "label-refused", "label-confirmed"])
      expect(life.out).toContain(deed);
  },
);

test("a label file without a printer is told before an order is opened", async () => {
  const folder = bench({
    ...files(9100, { A1: usb }),
    "unit.yaml": 'label: unit\nsize: { width: 50, height: 25 }\nitems: [{ text: "{barcode}", x: 2, y: 2 }]\n',
  });
  const run = await gangflash(runWords(folder, ["A1=UNIT-0001"]));
  expect(run).toMatchObject({ code: 2, err: expect.stringContaining("printer: missing") });
  const list = await gangflash(["batch", "list", "--data", "data"], { cwd: folder });
  expect(list.err).toContain("there is no batch yet");
});
