import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Where the system's files are; another place in tests. */
interface Roots {
  readonly sys: string;
  readonly dev: string;
}

/**
 * The terminal that the system made for the device at a place of the USB tree, `/dev/ttyACM0`: the first where it has
 * several; `null` until there is one. cdc-acm keeps it in the interface's folder `tty`, drivers of other adapters one
 * folder deeper. Linux only: elsewhere `null`.
 */
export function terminalOf(path: string, roots: Roots = { sys: "/sys", dev: "/dev" }): string | null {
  const folder = join(roots.sys, "bus", "usb", "devices");
  for (const name of namesIn(folder).filter((one) => one.startsWith(`${path}:`))) {
    const own = join(folder, name);
    const deeper = namesIn(own).filter((one) => one.startsWith("tty") && one !== "tty");
    const names = [own, ...deeper.map((one) => join(own, one))].flatMap((at) => namesIn(join(at, "tty")));
    const terminal = names.map((one) => join(roots.dev, one)).find((one) => existsSync(one));
    if (terminal !== undefined) return terminal;
  }
  return null;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).toSorted();
  } catch {
    return [];
  }
}
