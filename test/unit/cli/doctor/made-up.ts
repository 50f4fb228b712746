import { posix } from "node:path";
import type { Machine } from "../../../../src/cli/doctor/machine.ts";

export interface MadeUp {
  /** Text of each file; folders follow from the names. */
  readonly files?: Readonly<Record<string, string>>;
  /** Files that are there and not for this user. */
  readonly denied?: readonly string[];
  readonly more?: Partial<Machine>;
}

/** A Linux machine of these files. */
export function madeUp({ files = {}, denied = [], more = {} }: MadeUp = {}): Machine {
  const all = Object.keys(files);
  const isFolder = (path: string): boolean => all.some((name) => name.startsWith(`${path}/`));
  return {
    platform: "linux",
    nodeVersion: "24.21.0",
    text: (path) => files[path] ?? null,
    names(path) {
      const inside = all.filter((name) => name.startsWith(`${path}/`));
      const first = inside.map((name) => name.slice(path.length + 1).split("/")[0] ?? "");
      return [...new Set(first)].toSorted();
    },
    real: (path) => posix.normalize(path),
    mayUse: (path) => (denied.includes(path) ? false : path in files || isFolder(path) ? true : null),
    user: { name: "op7", uid: 1000, groups: [1000, 20] },
    env: { TERM: "xterm-256color", LANG: "de_DE.UTF-8" },
    screen: { columns: 120, rows: 40 },
    now: () => new Date("2026-11-26T08:00:00Z"),
    loads: () => Promise.resolve(null),
    clockIsKept: () => Promise.resolve(true),
    askHub: () => Promise.resolve(null),
    ...more,
  };
}

export interface MadeUpUsb {
  readonly speed?: number;
  readonly hub?: { readonly sockets: number; readonly translators?: 1 | 2 };
  /** Six hex digits each. */
  readonly interfaces?: readonly string[];
  readonly terminal?: string;
  readonly sleeps?: boolean;
  readonly product?: string;
  /** `1d50:606f`. */
  readonly ids?: string;
  readonly serial?: string;
}

/** The kernel's files of a USB tree: devices by path, `usb1` for a root hub; each has its number as its address. */
export function usbFiles(devices: Readonly<Record<string, MadeUpUsb>>): Record<string, string> {
  const files: Record<string, string> = {};
  for (const [i, [path, device]] of Object.entries(devices).entries()) {
    const {
      speed = 12,
      hub,
      interfaces = [],
      terminal,
      sleeps = false,
      product = "Thing",
      ids = "0000:0000",
      serial = "",
    } = device;
    const at = `/sys/bus/usb/devices/${path}`;
    Object.assign(files, {
      [`${at}/speed`]: String(speed),
      [`${at}/bDeviceClass`]: hub === undefined ? "00" : "09",
      [`${at}/bDeviceProtocol`]: hub === undefined ? "00" : `0${hub.translators ?? 0}`,
      [`${at}/maxchild`]: String(hub?.sockets ?? 0),
      [`${at}/product`]: product,
      [`${at}/serial`]: serial,
      [`${at}/idVendor`]: ids.slice(0, 4),
      [`${at}/idProduct`]: ids.slice(5),
      [`${at}/busnum`]: "1",
      [`${at}/devnum`]: String(i + 1),
      [`${at}/power/control`]: sleeps ? "auto" : "on",
      [`/dev/bus/usb/001/${String(i + 1).padStart(3, "0")}`]: "",
    });
    for (const [n, one] of interfaces.entries()) {
      const own = `${at}:1.${n}`;
      Object.assign(files, {
        [`${own}/bInterfaceClass`]: one.slice(0, 2),
        [`${own}/bInterfaceSubClass`]: one.slice(2, 4),
        [`${own}/bInterfaceProtocol`]: one.slice(4),
      });
      if (terminal !== undefined && n === 0)
        Object.assign(files, { [`${own}/tty/${terminal}/dev`]: "166:0", [`/dev/${terminal}`]: "" });
    }
  }
  return files;
}
