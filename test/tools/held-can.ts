import { readFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { simulateCommand } from "../../src/cli/simulate/simulate.ts";
import { someIo } from "../unit/cli/some-io.ts";

/** Simulated CAN boards that are held while `use` runs with their ports; what their flash was at the end. */
export async function heldCan<T>(
  boards: readonly string[],
  folder: string,
  use: (ports: readonly string[]) => Promise<T>,
  interfaces: readonly string[] = [],
): Promise<{ readonly got: T; readonly flash: readonly Buffer[] }> {
  const { io, out, interrupt } = someIo(false);
  const links = interfaces.length > 0 ? interfaces : boards.map((_, i) => join(folder, `adapter${i}`));
  const dumps = boards.map((_, i) => join(folder, `board${i}.flash`));
  const usb = {
    adapters: [interfaces.length > 0 ? "socketcan" : "slcan"],
    roms: [],
    wiring: null,
    foreign: [],
    serve: null,
    attach: null,
    reseat: null,
    applications: [],
  };
  const ended = simulateCommand(
    { boards, links, dumps, mishaps: [], uids: [], pace: "fast", baud: null, usb },
    io,
  );
  try {
    await Promise.race([
      ended,
      vi.waitFor(() => out.length === boards.length || Promise.reject(new Error("no board")), 30_000),
    ]);
    const got = await use(out.map((line) => line.split(" ")[0] ?? ""));
    interrupt();
    await ended;
    return { got, flash: dumps.map((dump) => readFileSync(dump)) };
  } finally {
    interrupt();
  }
}

/** An image without the place of its serial number and check, which `profileText` puts at 0x3F00. */
export function apartFromItsNumber(bytes: Uint8Array = new Uint8Array(), length: number): string {
  const copy = Buffer.from(bytes.subarray(0, length));
  return copy.fill(0, 0x3f00, 0x3f14).toString("base64");
}
