import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { terminalOf } from "../../../../src/transport/usb/usb-terminal.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gangflash-terminal-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const roots = (): { sys: string; dev: string } => ({ sys: join(root, "sys"), dev: join(root, "dev") });

/** A terminal in the folder that its driver keeps it in; `node`: udev has made its file. */
function terminal(folder: string, name: string, node = true): void {
  mkdirSync(join(root, "sys/bus/usb/devices", folder, "tty", name), { recursive: true });
  mkdirSync(join(root, "dev"), { recursive: true });
  if (node) writeFileSync(join(root, "dev", name), "");
}

test("the terminal of a place is found where cdc-acm keeps it, and where drivers of adapters do", () => {
  terminal("1-4.1:1.0", "ttyACM3");
  terminal("1-4.2:1.0/ttyUSB7", "ttyUSB7");
  expect(terminalOf("1-4.1", roots())).toBe(join(root, "dev", "ttyACM3"));
  expect(terminalOf("1-4.2", roots())).toBe(join(root, "dev", "ttyUSB7"));
});

test("a neighbour whose path begins alike is another place", () => {
  terminal("1-4.1:1.0", "ttyACM3");
  expect(terminalOf("1-4", roots())).toBeNull();
  expect(terminalOf("1-4.11", roots())).toBeNull();
});

test("one without its file yet, or a system without USB, has none", () => {
  terminal("1-2:1.0", "ttyACM0", false);
  expect(terminalOf("1-2", roots())).toBeNull();
  expect(terminalOf("9-9", roots())).toBeNull();
});
