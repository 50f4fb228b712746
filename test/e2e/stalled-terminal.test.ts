import { spawn } from "node:child_process";
import { closeSync, constants, openSync, readSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { libc } from "../../src/sim/os/libc.ts";
import { bench, firmware, gangflash, profileText, program, runWords, simStation } from "./gangflash.ts";

const flags = constants.O_RDWR | constants.O_NOCTTY;

/** A terminal that nobody reads until `read` is called; it holds a few kilobytes. */
async function heldTerminal() {
  const c = await libc();
  const master = openSync("/dev/ptmx", flags | constants.O_NONBLOCK);
  const name = new Uint8Array(128);
  c.grantpt(master);
  c.unlockpt(master);
  c.ptsname_r(master, name, name.length);
  const slave = openSync(Buffer.from(name.subarray(0, name.indexOf(0))).toString("utf8"), flags);
  const piece = new Uint8Array(65536);
  let text = "";
  return {
    slave,
    /** All that has come so far. */
    read(): string {
      try {
        for (let n = 1; n > 0;) {
          n = readSync(master, piece);
          text += Buffer.from(piece.subarray(0, n)).toString("utf8");
        }
      } catch {
        // Nothing more is there now.
      }
      return text;
    },
    close() {
      closeSync(slave);
      closeSync(master);
    },
  };
}

const slots = ["A1", "A2", "A3", "A4", "B1", "B2", "B3", "B4"];

test.skipIf(process.platform !== "linux")(
  "boards are programmed while nobody reads the terminal, and every line comes when somebody does",
  async () => {
    const folder = bench({
      "station.yaml": simStation(
        Object.fromEntries(slots.map((slot) => [slot, 'port: "sim:STM32F405:uart"'])),
      ),
      "profile.yaml": profileText(),
      "fw.bin": firmware(40_000),
    });
    const terminal = await heldTerminal();
    try {
      const units = slots.map((slot, i) => `${slot}=UNIT-000${i}`);
      const child = spawn(process.execPath, [program, ...runWords(folder, units)], {
        stdio: ["ignore", terminal.slave, terminal.slave],
      });
      const code = new Promise((done) => void child.on("exit", done));
      const books = ["batch", "show", "WO-1", "--json", "--data", `${folder}/data`];
      await vi.waitFor(async () => expect((await gangflash(books)).out).toContain('"passed":8'), {
        timeout: 60_000,
        interval: 300,
      });
      // It ends only when its last line was taken.
      expect(child.exitCode).toBe(null);
      await vi.waitFor(() => expect(terminal.read()).toContain('{"type":"summary","passed":8'), {
        timeout: 30_000,
        interval: 5,
      });
      expect(await code).toBe(0);
      const lines = terminal.read().trimEnd().split("\r\n");
      expect(lines.map((line) => (JSON.parse(line) as { type: string }).type)).toContain("run");
      expect(terminal.read().length).toBeGreaterThan(65_536);
    } finally {
      terminal.close();
    }
  },
  120_000,
);
