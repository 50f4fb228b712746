import type { Wire } from "../../model/family.ts";
import type { Trigger } from "../../sim/os/application-device.ts";
import type { Wiring } from "../../sim/os/wired-board.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import { wiringOf } from "./wiring-words.ts";

export interface UsbWords {
  /** `pty`, `cdc`, `gs_usb` or `gs_usb:NAME`: one for all boards that are not USB ones, or one beside each board. */
  readonly adapters: readonly string[];
  /** `old` or `new`: one for all USB boards, or one beside each board; its family's where nothing is said. */
  readonly roms: readonly string[];
  /** What a USB board runs before its loader: one for all, or one beside each board (`none`: it is in its loader). */
  readonly applications: readonly string[];
  /** `boot0=rts,reset=dtr`: which line of a cdc adapter drives which pin. */
  readonly wiring: string | null;
  /** Devices that are no boards, by the name that they tell. */
  readonly foreign: readonly string[];
  /** The port of the USB/IP server; any where nothing is said. */
  readonly serve: number | null;
  /** Whether the kernel shall have the devices; `null`: where it can. */
  readonly attach: boolean | null;
  /** Seconds until a board that left for good is put in again; `null`: never. */
  readonly reseat: number | null;
}

/** How a host reaches a board. */
export type Seat =
  | { readonly kind: "pty" }
  /** An slcan adapter on a pty, with a bus of its own and the board on it. */
  | { readonly kind: "slcan" }
  | {
      readonly kind: "usb";
      readonly rom: "old" | "new" | "family";
      readonly twin: boolean;
      readonly application: Trigger | null;
    }
  | { readonly kind: "cdc"; readonly wiring: Wiring }
  /**
   * A channel of a candleLight adapter over USB/IP, with a bus of its own and the board on it. Boards that name one
   * adapter are on its channels, in their order; `null`: an adapter of its own.
   */
  | { readonly kind: "gs_usb"; readonly adapter: string | null }
  /** Right on an interface of the kernel, as a vcan. */
  | { readonly kind: "socketcan"; readonly name: string };

/** Boards that come over USB/IP, themselves or behind their adapter. */
export function isOnUsb(seat: Seat): seat is Extract<Seat, { kind: "usb" | "cdc" | "gs_usb" }> {
  return seat.kind === "usb" || seat.kind === "cdc" || seat.kind === "gs_usb";
}

/** Where the n-th board sits; `link`: its name for a port. Throws a mistake of the command line. */
export function seatOf(usb: UsbWords, link: string, wire: Wire, i: number, twin: boolean): Seat {
  const choice = (list: readonly string[]): string | undefined => (list.length > 1 ? list[i] : list[0]);
  if (wire === "usb") {
    const rom = choice(usb.roms) ?? "family";
    if (rom !== "old" && rom !== "new" && rom !== "family")
      throw wrong("--rom", `"${rom}" found, old, new or family was expected`);
    return { kind: "usb", rom, twin, application: applicationOf(choice(usb.applications) ?? "none") };
  }
  const adapter = choice(usb.adapters) ?? "pty";
  if (wire === "can") {
    if (adapter === "gs_usb") return { kind: "gs_usb", adapter: null };
    const shared = /^gs_usb:(.+)$/.exec(adapter)?.[1];
    if (shared !== undefined) return { kind: "gs_usb", adapter: shared };
    if (adapter === "slcan" || adapter === "pty" || adapter === "none") return { kind: "slcan" };
    if (adapter !== "socketcan")
      throw wrong(
        "--adapter",
        `"${adapter}" found, slcan, gs_usb, gs_usb:NAME or socketcan was expected for a CAN board`,
      );
    if (!/^[A-Za-z0-9._-]{1,15}$/.test(link) || link === "none")
      throw wrong(
        "--link",
        `"${link}" found, a CAN interface such as vcan0 was expected beside a socketcan board`,
      );
    return { kind: "socketcan", name: link };
  }
  if (adapter !== "pty" && adapter !== "cdc" && adapter !== "none")
    throw wrong("--adapter", `"${adapter}" found, pty or cdc was expected`);
  if (adapter !== "cdc") return { kind: "pty" };
  const wiring = wiringOf(usb.wiring ?? "boot0=rts,reset=dtr");
  if (typeof wiring === "string") throw wrong("--wiring", wiring);
  return { kind: "cdc", wiring };
}

function applicationOf(words: string): Trigger | null {
  const command = /^command=(.+)$/.exec(words)?.[1];
  if (command !== undefined) return { kind: "command", text: command };
  switch (words) {
    case "none":
      return null;
    case "detach":
      return { kind: "detach", willDetach: true };
    case "detach-reset":
      return { kind: "detach", willDetach: false };
    case "touch":
    case "refuse":
    case "deaf":
      return { kind: words };
    default:
      throw wrong(
        "--application",
        `"${words}" found, detach, detach-reset, touch, command=TEXT, refuse, deaf or none was expected`,
      );
  }
}

export function wrong(option: string, why: string): CommandError {
  return new CommandError(`gangflash: ${option}: ${why}`, exitCodes.usage);
}
