import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** The kernel's virtual hub (vhci_hcd; protocols/usbip.md, section 6), as its files in sysfs show it. */

const vhciFolder = "/sys/devices/platform/vhci_hcd.0";
const usbFolder = "/sys/bus/usb/devices";

export interface VhciPort {
  /** As `attach` and `detach` count them. */
  readonly port: number;
  readonly kind: "hs" | "ss";
  readonly state: "free" | "taken" | "addressed" | "broken";
  /** Where the device sits for the rest of the system, `3-1`; `null` until it has an address. */
  readonly path: string | null;
}

/** Why no device can be attached on this machine, or `null`. */
export function vhciComplaint(): string | null {
  if (process.platform !== "linux") return "USB/IP devices are attached on Linux only";
  if (!existsSync(join(vhciFolder, "attach")))
    return 'this kernel has no virtual USB hub: "modprobe vhci-hcd" as root loads it, where there is one';
  if (process.getuid?.() !== 0) return "only root may attach devices to the kernel's virtual USB hub";
  return null;
}

/** All ports of all controllers: the first one's file has no number. */
export function vhciPorts(folder: string): VhciPort[] {
  return readdirSync(folder)
    .filter((name) => /^status(\.[0-9]+)?$/.test(name))
    .flatMap((name) => parseStatus(readFileSync(join(folder, name), "utf8")))
    .sort((a, b) => a.port - b.port);
}

const stateNames: Readonly<Record<string, VhciPort["state"]>> = {
  "004": "free",
  "005": "taken",
  "006": "addressed",
};

/** `hs  0000 006 002 00010002 000003 3-1`, below a line of headings. */
export function parseStatus(text: string): VhciPort[] {
  return text.split("\n").flatMap((line) => {
    const [kind, port = "", state = "", , , , path = ""] = line.trim().split(/\s+/);
    if ((kind !== "hs" && kind !== "ss") || !/^[0-9]+$/.test(port)) return [];
    const at = stateNames[state] ?? "broken";
    return [
      { port: Number(port), kind, state: at, path: at === "addressed" && path !== "0-0" ? path : null },
    ];
  });
}

export interface VirtualHub {
  readonly folder: string;
  /** As it is now, or was a moment ago. */
  port(port: number): VhciPort | undefined;
  /** True while the system still has the device that sat there, though its socket may be free already. */
  remembers(path: string): boolean;
  /** Where a full-speed device can be plugged. */
  freePorts(): number[];
  /** Unplugs what is there; nothing where nothing is. */
  detach(port: number): void;
}

/** Twenty boards that wait look at the same files: they are read once in so many ms, not twenty times. */
const freshMs = 40;

export function virtualHub(folder: string = vhciFolder, devices: string = usbFolder): VirtualHub {
  let seen: { readonly at: number; readonly ports: readonly VhciPort[] } | null = null;

  function ports(): readonly VhciPort[] {
    const now = performance.now();
    if (seen === null || now - seen.at > freshMs) seen = { at: now, ports: vhciPorts(folder) };
    return seen.ports;
  }

  return {
    folder,
    port: (port) => ports().find((one) => one.port === port),
    remembers: (path) => existsSync(join(devices, path)),
    freePorts: () =>
      ports()
        .filter(({ kind, state }) => kind === "hs" && state === "free")
        .map(({ port }) => port),
    detach(port) {
      try {
        writeFileSync(join(folder, "detach"), String(port));
      } catch {
        // Gone by itself meanwhile.
      }
    },
  };
}
