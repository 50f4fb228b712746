import { cleanText } from "../../lib/clean-text.ts";
import { gsUsbIds } from "../../transport/can/gs-usb-ids.ts";
import { ok, warn, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";
import type { UsbNode } from "./usb-tree.ts";

/** ARPHRD_CAN */
const canType = "280";
const latencyFolder = "/sys/bus/usb-serial/devices";

/** FTDI adapters, CAN adapters and CAN interfaces, as the kernel's files show them. */
export function checkWires(machine: Machine, tree: readonly UsbNode[]): Finding[] {
  if (machine.platform !== "linux") return [];
  return [...latencies(machine), ...canAdapters(tree), ...canInterfaces(machine)];
}

/** Named by what they are; what they can do only they themselves say, and nobody opens them for a list. */
function canAdapters(tree: readonly UsbNode[]): Finding[] {
  return tree.flatMap((node): Finding[] => {
    const asks = (port: string): string => `"gangflash probe ${port}" asks what it can do`;
    if (gsUsbIds.has(node.ids)) {
      const name = `${cleanText(node.name, 60)}, a gs_usb adapter`;
      return [ok(`CAN adapter ${node.path}`, `${name}: ${asks(`can:gs_usb:${node.path}`)}`)];
    }
    const [terminal] = node.terminals;
    if (node.slcan === null || terminal === undefined) return [];
    const seen = `${cleanText(node.slcan, 60)} at /dev/${terminal}, speaks slcan`;
    return [ok(`CAN adapter ${node.path}`, `${seen}: ${asks(`can:slcan:/dev/${terminal}`)}`)];
  });
}

// An FTDI adapter keeps what it has heard for so long before it passes it on, which each answer of a board pays.
// Opening a port asks its driver for low latency, which ftdi_sio answers with 1 ms; UNCONFIRMED on a real adapter.
function latencies(machine: Machine): Finding[] {
  return machine.names(latencyFolder).flatMap((name): Finding[] => {
    const text = machine.text(`${latencyFolder}/${name}/latency_timer`);
    if (text === null) return [];
    const what = `FTDI ${name}`;
    if (Number(text) <= 2) return [ok(what, `latency timer ${text} ms`)];
    return [
      ok(
        what,
        `latency timer ${text} ms; a slot that opens /dev/${name} sets it to 1 ms for as long as it is plugged in`,
      ),
    ];
  });
}

function canInterfaces(machine: Machine): Finding[] {
  const found = machine
    .names("/sys/class/net")
    .filter((name) => machine.text(`/sys/class/net/${name}/type`) === canType);
  if (found.length === 0) return [ok("CAN", "the kernel has no CAN interface")];
  return found.map((name) => {
    const flags = Number(machine.text(`/sys/class/net/${name}/flags`) ?? "0");
    const state = machine.text(`/sys/class/net/${name}/operstate`) ?? "unknown";
    const isUp = (flags & 1) !== 0;
    return isUp
      ? ok(`CAN ${name}`, `up (${state}); its bit rate: ip -details link show ${name}`)
      : warn(`CAN ${name}`, "down", `sudo ip link set ${name} up type can bitrate 125000`);
  });
}
