import { cleanText } from "../../lib/clean-text.ts";
import { gsUsbPlace, portText, type Port } from "../../model/port.ts";
import type { Station } from "../../model/station.ts";
import { fail, ok, warn, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";
import { installRule } from "./udev-rule.ts";
import { isDfu, parentOf, socketOf, type UsbNode } from "./usb-tree.ts";

/**
 * Boards that one translator of 12 Mbit/s carries without being slowed: a board takes at most 150 KB/s, since its flash
 * is no quicker (protocols/usb-dfu-an3156.md, section 12), control transfers at full speed some 800 KB/s.
 */
const mostShared = 5;

/** The tree itself: devices that may fall asleep, hubs that share their bandwidth, slots without a socket. */
export function checkUsb(
  tree: readonly UsbNode[] | null,
  station: Station | null,
  machine: Machine,
): Finding[] {
  if (machine.platform !== "linux") return [];
  if (tree === null) {
    const isNeeded = station?.slots.some(({ port }) => port.kind === "usb") === true;
    const seen = "this system shows no USB (a container often has none)";
    return [isNeeded ? fail("USB", seen, "run it on the machine that has the hub") : warn("USB", seen, null)];
  }
  return [...sleepers(tree), ...sharing(tree, station), ...slots(tree, station, machine)];
}

function sleepers(tree: readonly UsbNode[]): Finding[] {
  const mine = tree.filter((node) => isDfu(node) || node.terminals.length > 0);
  const asleep = mine.filter(({ sleeps }) => sleeps);
  if (asleep.length === 0)
    return [ok("USB autosuspend", "off for every board and adapter that is plugged in")];
  const paths = asleep.map(({ path }) => path).join(", ");
  return [warn("USB autosuspend", `the kernel may put ${paths} to sleep`, installRule)];
}

/** A hub of full speed, or one whose translator serves all of its sockets. Root hubs have controllers behind them. */
const shares = ({ isHub, parent, speed, protocol }: UsbNode): boolean =>
  isHub && parent !== null && (speed === 12 || (speed === 480 && protocol === 1));

function sharing(tree: readonly UsbNode[], station: Station | null): Finding[] {
  const byPath = new Map(tree.map((node) => [node.path, node]));
  const planned = (station?.slots ?? []).flatMap(({ port }) => (port.kind === "usb" ? [port.path] : []));
  const plugged = tree.filter(({ isHub, speed }) => !isHub && speed === 12).map(({ path }) => path);
  const findings: Finding[] = [];
  for (const hub of tree.filter(shares)) {
    const inside = (path: string): boolean => parentOf(path) === hub.path && byPath.get(path)?.isHub !== true;
    const boards = new Set([...planned, ...plugged].filter(inside)).size;
    if (boards < 2) continue;
    const kind = hub.speed === 12 ? "a full-speed hub" : "a hub with one translator";
    const seen = `${boards} boards share 12 Mbit/s behind ${kind}, ${cleanText(hub.name, 40)}`;
    findings.push(
      boards > mostShared
        ? warn(
            `hub ${hub.path}`,
            `${seen}: each is slower with every other one`,
            "use a high-speed hub with one translator for each port (multi-TT)",
          )
        : ok(`hub ${hub.path}`, `${seen}, which is enough for ${mostShared}`),
    );
  }
  return findings;
}

function slots(tree: readonly UsbNode[], station: Station | null, machine: Machine): Finding[] {
  const byPath = new Map(tree.map((node) => [node.path, node]));
  return (station?.slots ?? []).flatMap((slot): Finding[] => {
    const { port } = slot;
    const what = `slot ${slot.name}`;
    const edit = "gangflash ports, then edit the station file";
    switch (port.kind) {
      case "sim":
        return [];
      case "uart":
        return [serial(what, port, tree, machine, edit)];
      case "can":
        if (port.adapter === "socketcan")
          return machine.text(`/sys/class/net/${port.device}/type`) === null
            ? [fail(what, `there is no interface ${port.device}`, edit)]
            : [ok(what, portText(port))];
        if (port.adapter === "gs_usb") {
          const place = gsUsbPlace(port.device);
          return typeof place === "string"
            ? [fail(what, `"${port.device}" found, ${place} was expected`, edit)]
            : [socket(what, place.path, byPath, edit)];
        }
        return [serial(what, port, tree, machine, edit)];
      case "usb":
        return [socket(what, port.path, byPath, edit)];
      default:
        return port satisfies never;
    }
  });
}

/** A serial adapter, or a CAN adapter behind a serial port. */
function serial(
  what: string,
  port: Extract<Port, { kind: "uart" | "can" }>,
  tree: readonly UsbNode[],
  machine: Machine,
  edit: string,
): Finding {
  return isMissing(port.device, tree, machine)
    ? fail(what, `${portText(port)} is not there`, edit)
    : ok(what, portText(port));
}

function isMissing(device: string, tree: readonly UsbNode[], machine: Machine): boolean {
  const serial = /^serial:(.+)$/.exec(device)?.[1];
  if (serial === undefined) return device.startsWith("/") && machine.mayUse(device) === null;
  return tree.filter((node) => node.serial === serial && node.terminals.length > 0).length !== 1;
}

function socket(what: string, path: string, byPath: ReadonlyMap<string, UsbNode>, edit: string): Finding {
  const there = byPath.get(path);
  if (there !== undefined) return ok(what, `usb:${path}, ${cleanText(there.name, 60)}`);
  const hub = byPath.get(parentOf(path) ?? "");
  if (hub === undefined || !hub.isHub)
    return fail(what, `usb:${path}: there is no hub at ${parentOf(path) ?? path}`, edit);
  if (socketOf(path) > hub.sockets)
    return fail(
      what,
      `usb:${path}: the hub at ${hub.path} has ${hub.sockets} sockets, none with number ${socketOf(path)}`,
      edit,
    );
  return ok(what, `usb:${path}, empty`);
}
