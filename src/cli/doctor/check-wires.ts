import { ok, warn, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** ARPHRD_CAN */
const canType = "280";
const latencyFolder = "/sys/bus/usb-serial/devices";

/** FTDI adapters and CAN interfaces, as the kernel's files show them. */
export function checkWires(machine: Machine): Finding[] {
  if (machine.platform !== "linux") return [];
  return [...latencies(machine), ...canInterfaces(machine)];
}

// An FTDI adapter keeps what it has heard for so long before it passes it on, which each answer of a board pays.
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
