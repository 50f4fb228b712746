import type { Station } from "../../model/station.ts";
import type { HubFacts } from "../../protocol/hub-class.ts";
import { hubOf } from "../../transport/usb/hub-power.ts";
import { ok, warn, type Finding } from "./finding.ts";
import { installRule } from "./udev-rule.ts";
import type { UsbNode } from "./usb-tree.ts";

/** What a hub says of itself; `null`: it may not be asked. */
export type AskHub = (hub: string) => Promise<HubFacts | null>;

/** Whether hubs can switch the power of their sockets: those that a station wants to switch, else every plugged one. */
export async function checkPower(
  tree: readonly UsbNode[],
  station: Station | null,
  ask: AskHub,
): Promise<Finding[]> {
  const wanted = (station?.slots ?? []).flatMap(({ name, power }) =>
    power === null ? [] : [{ name, hub: hubOf(power).hub }],
  );
  const plugged = tree.filter(({ isHub, parent, speed }) => isHub && parent !== null && speed <= 480);
  const hubs = new Set(wanted.length > 0 ? wanted.map(({ hub }) => hub) : plugged.map(({ path }) => path));
  const findings: Finding[] = [];
  for (const hub of hubs) {
    const slots = wanted.filter((one) => one.hub === hub).map(({ name }) => name);
    findings.push(finding(hub, slots, await ask(hub)));
  }
  return findings;
}

function finding(hub: string, slots: readonly string[], facts: HubFacts | null): Finding {
  const what = `power of hub ${hub}`;
  const isWanted = slots.length > 0;
  if (hub.startsWith("usb"))
    return isWanted
      ? warn(what, "sockets of the computer itself: whether they switch cannot be asked; Linux tries", null)
      : ok(what, "sockets of the computer itself: whether they switch cannot be asked");
  const without = `take "power:" off slot ${slots.join(", ")}, or use a hub that switches each socket`;
  switch (facts?.switching) {
    case undefined:
      return isWanted
        ? warn(what, "the hub may not be asked whether it switches", installRule)
        : ok(what, "the hub may not be asked whether it switches");
    case "each":
      if (facts === null || !facts.unguarded)
        return ok(what, "switches each of its sockets, as it says of itself");
      return isWanted
        ? warn(
            what,
            "says that it switches each of its sockets, and that it has no over-current protection: such hubs often have no switches",
            `see whether a board in slot ${slots[0] ?? ""} goes dark in a retry; if not, ${without}`,
          )
        : ok(what, "says that it switches each of its sockets, and that it has no over-current protection");
    case "all together":
      return isWanted && slots.length > 1
        ? warn(what, "switches all of its sockets together: not while another board is plugged in", without)
        : ok(what, "switches all of its sockets together");
    case "not at all":
      return isWanted ? warn(what, "does not switch", without) : ok(what, "does not switch");
    default:
      return facts?.switching as never;
  }
}
