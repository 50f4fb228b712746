import { slcanMake, usbWords } from "../../transport/can/slcan-makes.ts";
import type { Machine } from "./machine.ts";

/** A device of the USB tree as the kernel's files show it. */
export interface UsbNode {
  /** `1-4.2`, or `usb1` for a root hub. */
  readonly path: string;
  /** `1-4`, `usb1`; `null` for a root hub. */
  readonly parent: string | null;
  readonly name: string;
  /** Mbit/s. */
  readonly speed: number;
  readonly isHub: boolean;
  /** bDeviceProtocol of a hub: 1 has one transaction translator, 2 one for each port. */
  readonly protocol: number;
  /** Sockets of a hub. */
  readonly sockets: number;
  readonly serial: string;
  /** `1d50:606f`. */
  readonly ids: string;
  /** The make of an adapter whose terminal speaks slcan, not clean; `null`: it does not say so. */
  readonly slcan: string | null;
  /** Its file for programs. */
  readonly file: string;
  /** Class, subclass, protocol of each interface in six hex digits, such as fe0102. */
  readonly interfaces: readonly string[];
  /** Terminals that it is, such as ttyUSB0. */
  readonly terminals: readonly string[];
  /** May it be put to sleep while nobody talks to it. */
  readonly sleeps: boolean;
}

const folder = "/sys/bus/usb/devices";

/** `null` where the system has no USB that it shows. */
export function usbTree(machine: Machine): readonly UsbNode[] | null {
  const names = machine.names(folder);
  if (names.length === 0) return null;
  return names.filter((name) => !name.includes(":")).map((path) => nodeOf(machine, path, names));
}

function nodeOf(machine: Machine, path: string, names: readonly string[]): UsbNode {
  const text = (name: string): string => machine.text(`${folder}/${path}/${name}`) ?? "";
  const own = names.filter((name) => name.startsWith(`${path}:`));
  const pad = (value: string): string => value.trim().padStart(3, "0");
  return {
    path,
    parent: parentOf(path),
    name: [text("manufacturer"), text("product")].filter((word) => word !== "").join(" "),
    speed: Number(text("speed")),
    isHub: text("bDeviceClass") === "09",
    protocol: Number(text("bDeviceProtocol")),
    sockets: Number(text("maxchild")),
    serial: text("serial"),
    ids: `${text("idVendor")}:${text("idProduct")}`,
    slcan: slcanMake(usbWords(text)),
    file: `/dev/bus/usb/${pad(text("busnum"))}/${pad(text("devnum"))}`,
    interfaces: own.map((name) =>
      ["bInterfaceClass", "bInterfaceSubClass", "bInterfaceProtocol"]
        .map((key) => machine.text(`${folder}/${name}/${key}`) ?? "00")
        .join(""),
    ),
    terminals: own.flatMap((name) => terminalsOf(machine, `${folder}/${name}`)),
    sleeps: text("power/control") === "auto",
  };
}

function terminalsOf(machine: Machine, at: string): readonly string[] {
  const deeper = machine.names(at).filter((name) => /^tty.+/.test(name));
  return [...machine.names(`${at}/tty`), ...deeper];
}

/** The hub that a path hangs on: `1-4.2` on `1-4`, `1-4` on `usb1`. */
export function parentOf(path: string): string | null {
  if (path.startsWith("usb")) return null;
  const dot = path.lastIndexOf(".");
  if (dot >= 0) return path.slice(0, dot);
  return `usb${path.slice(0, path.indexOf("-"))}`;
}

/** The socket of that hub, from 1. */
export const socketOf = (path: string): number => Number(/([0-9]+)$/.exec(path)?.[1] ?? "0");

export const isDfu = ({ interfaces }: UsbNode): boolean => interfaces.some((one) => one.startsWith("fe01"));
