import { expect, test } from "vitest";
import { firmware, plugIn, profileText, run, wantedFlash, type Board } from "./boards.ts";

const flashBytes = 1024 * 1024;
const running = (application: string): Board => ({ board: "STM32F405:usb", application });

test(
  "boards that run their application are asked for their loader by a real kernel, again after each reset",
  { timeout: 400_000 },
  async () => {
    const image = firmware(8192);
    const boards = ["detach", "detach-reset", "touch", "command=dfu", "detach", "deaf"].map(running);
    const entries = [
      "{ by: dfu-detach }",
      "{ by: dfu-detach }",
      "{ by: touch }",
      '{ by: command, send: "dfu" }',
      undefined,
      '{ by: command, send: "dfu" }',
    ];
    await using bench = await plugIn(boards);
    const held = bench.held.map((one, i) => {
      const entry = entries[i];
      return entry === undefined ? one : { ...one, entry };
    });
    // Option bytes reset the chip, which ends in the application that was just written.
    const profile = profileText("optionBytes: { BOR_LEV: 1 }\n");
    const end = await run(bench.folder, held, { image, profile });
    const outcome = (name: string): string => {
      const unit = end.units.get(name);
      return `${unit?.outcome} ${unit?.failure?.code ?? ""} ${unit?.failure?.detail ?? ""}`.trim();
    };
    expect(end.err).toBe("");
    for (const name of ["S1", "S2", "S3", "S4"]) expect(outcome(name), name).toBe("PASS");
    expect(outcome("S5")).toContain("SKIPPED FOREIGN_DEVICE");
    expect(outcome("S6")).toContain("TIMEOUT ENTRY_IGNORED");
    const notes = (name: string): string[] =>
      end.lines
        .filter((line) => line["type"] === "note" && line["slot"] === name)
        .map((line) => String(line["text"]));
    for (const [name, how] of [
      ["S1", "DFU DETACH"],
      ["S2", "DFU DETACH"],
      ["S3", "a touch at 1200 baud, to /dev/ttyACM"],
      ["S4", 'the command "dfu" at 115200 baud, to /dev/ttyACM'],
    ] as const) {
      const asked = notes(name).filter((text) => text.includes(`its loader was entered by ${how}`));
      expect(asked, name).toHaveLength(2);
    }
    const flashes = await bench.end();
    for (const [i, { name }] of bench.held.slice(0, 4).entries()) {
      const wanted = wantedFlash(flashBytes, image, end.units.get(name)?.serial ?? "");
      expect(Buffer.compare(flashes[i] ?? new Uint8Array(), wanted), name).toBe(0);
    }
  },
);
