import { createHash } from "node:crypto";
import { didYouMean, nearest } from "../lib/nearest.ts";
import { simulatedWires } from "../family/table.ts";
import type { ChipChoice, Wire } from "../model/family.ts";
import type { Mishap } from "../model/mishap.ts";
import { parsePort, portText, type Port } from "../model/port.ts";
import type { Slot, Station } from "../model/station.ts";
import { trayPlaces } from "../model/tray-places.ts";
import { toBenchRules } from "./bench-rules.ts";
import { toEntry } from "./entry-schema.ts";
import { inOrder, type Checked, type Issue } from "./issue.ts";
import { checkYaml, readYaml, type YamlFile } from "./read-yaml.ts";
import { stationSchema, type StationYaml } from "./station-schema.ts";

/** What the check must know of chips: which `sim:` boards there can be. */
export type ChipNames = (name: string) => ChipChoice | { readonly nearest: readonly string[] };

export function readStation(file: string, chips: ChipNames): Checked<Station> {
  const read = readYaml(file, stationSchema);
  return read.ok ? toStation(read.value, chips) : read;
}

export function checkStation(file: string, text: string, chips: ChipNames): Checked<Station> {
  const read = checkYaml(file, text, stationSchema);
  return read.ok ? toStation(read.value, chips) : read;
}

function toStation(yaml: YamlFile<StationYaml>, chips: ChipNames): Checked<Station> {
  const { value } = yaml;
  const issues: Issue[] = [];
  const slots = value.slots.map((slot, i) => toSlot(yaml, slot, i, chips, issues));
  checkPlaces(yaml, issues);
  if (value.timezone !== undefined && !isTimezone(value.timezone))
    issues.push(yaml.issue(["timezone"], `"${value.timezone}" found, ${zoneHint(value.timezone)}`));
  const rules = toBenchRules(yaml, issues);
  const skip = [...new Set(value.tray?.skip ?? [])];
  const rows = value.tray?.rows ?? 1;
  const columns = value.tray?.columns ?? slots.length + skip.length;
  const gap = skip.find((place) => place > rows * columns);
  if (gap !== undefined)
    issues.push(
      yaml.issue(["tray", "skip"], `${gap} found, the tray has the places 1 to ${rows * columns} only`),
    );
  const { from = "top-left", along = "rows" } = value.tray ?? {};
  if (rows * columns - skip.length < slots.length)
    issues.push(
      yaml.issue(
        ["tray"],
        `${rows} x ${columns}${skip.length === 0 ? "" : ` - ${skip.length} skipped`} = ${rows * columns - skip.length} places found, at least ${slots.length} were expected, one for each slot`,
      ),
    );
  if (issues.length > 0) return { ok: false, issues: inOrder(issues) };
  return {
    ok: true,
    value: {
      name: value.station,
      rows,
      columns,
      places: trayPlaces({ rows, columns, from, along, skip }, slots.length),
      rules,
      timezone: value.timezone ?? null,
      slots,
      hash: createHash("sha256").update(yaml.text).digest("hex"),
    },
  };
}

type SlotYaml = StationYaml["slots"][number];

function toSlot(
  yaml: YamlFile<StationYaml>,
  slot: SlotYaml,
  i: number,
  chips: ChipNames,
  issues: Issue[],
): Slot {
  const port = parsePort(slot.port);
  if (typeof port === "string")
    issues.push(yaml.issue(["slots", i, "port"], `"${slot.port}" found, ${port} was expected`));
  else if (port.kind === "sim") checkSimulated(yaml, slot, i, port, chips, issues);
  else checkBeside(yaml, slot, i, port, issues);
  if (slot.boot0 !== "none" && slot.boot0.replace("!", "") === slot.reset.replace("!", ""))
    issues.push(
      yaml.issue(
        ["slots", i, "reset"],
        `"${slot.reset}" found, boot0 has that line already, the other one was expected`,
      ),
    );
  return {
    name: slot.name,
    port: typeof port === "string" ? { kind: "sim", chip: "", wire: "uart" } : port,
    baud: slot.baud,
    boot0: slot.boot0,
    reset: slot.reset,
    entry:
      slot.entry === undefined
        ? null
        : toEntry(slot.entry, (key, message) => issues.push(yaml.issue(["slots", i, "entry", key], message))),
    bitrate: slot.bitrate,
    supply: slot.supply ?? yaml.value.supply ?? null,
    power: toPower(yaml, slot, i, port, issues),
    bus: slot.bus ?? null,
    pace: slot.pace,
    mishap: toMishap(slot.mishap),
  };
}

/** `hub` is the slot's own socket. */
function toPower(
  yaml: YamlFile<StationYaml>,
  { power }: SlotYaml,
  i: number,
  port: Port | string,
  issues: Issue[],
): string | null {
  if (power === "none" || typeof port === "string") return null;
  if (port.kind === "sim") {
    issues.push(
      yaml.issue(["slots", i, "power"], `found beside ${portText(port)}, which has none to switch`),
    );
    return null;
  }
  if (power !== "hub") return power.slice("usb:".length);
  if (port.kind === "usb") return port.path;
  issues.push(
    yaml.issue(
      ["slots", i, "power"],
      `hub found beside ${portText(port)}, the socket that feeds the board was expected, such as usb:1-4.3`,
    ),
  );
  return null;
}

/** What stands beside a real port and would do nothing there: somebody believes that it does. */
function checkBeside(
  yaml: YamlFile<StationYaml>,
  slot: SlotYaml,
  i: number,
  port: Port,
  issues: Issue[],
): void {
  const given = {
    mishap: { found: slot.mishap !== undefined, of: ["sim"] },
    pace: { found: slot.pace !== "fast", of: ["sim"] },
    boot0: { found: slot.boot0 !== "none", of: ["uart"] },
    reset: { found: slot.reset !== "none", of: ["uart"] },
    entry: { found: slot.entry !== undefined, of: ["usb"] },
    bitrate: { found: slot.bitrate !== 500_000, of: ["can"] },
  } as const;
  for (const [key, { found, of }] of Object.entries(given))
    if (found && !of.some((kind) => kind === port.kind))
      issues.push(
        yaml.issue(
          ["slots", i, key],
          `found beside ${slot.port}, it was expected beside a ${of.join()}: port only`,
        ),
      );
}

function checkSimulated(
  yaml: YamlFile<StationYaml>,
  slot: SlotYaml,
  i: number,
  port: { readonly chip: string; readonly wire: Wire },
  chips: ChipNames,
  issues: Issue[],
): void {
  const complain = (why: string): void => {
    issues.push(yaml.issue(["slots", i, "port"], `"${slot.port}" found, ${why}`));
  };
  const choice = chips(port.chip);
  if ("nearest" in choice) {
    const hint = didYouMean(choice.nearest[0], "a part or line such as STM32F405 was expected");
    complain(`no chip "${port.chip}" is known, ${hint}`);
    return;
  }
  const wires = simulatedWires(port.chip);
  if (!wires.includes(port.wire)) complain(`the loader of ${port.chip} speaks ${wires.join(" and ")} only`);
}

// Optional keys that are absent must not become keys that are undefined.
function toMishap(mishap: SlotYaml["mishap"]): Mishap {
  return Object.fromEntries(Object.entries(mishap ?? {}).filter(([, value]) => value !== undefined));
}

function checkPlaces(yaml: YamlFile<StationYaml>, issues: Issue[]): void {
  const names = new Map<string, number>();
  const ports = new Map<string, string>();
  for (const [i, slot] of yaml.value.slots.entries()) {
    const first = names.get(slot.name);
    if (first !== undefined)
      issues.push(
        yaml.issue(["slots", i, "name"], `"${slot.name}" found a second time, each slot needs its own name`),
      );
    names.set(slot.name, i);
    const port = parsePort(slot.port);
    if (typeof port === "string" || port.kind === "sim") continue;
    const text = portText(port);
    const holder = ports.get(text);
    if (holder !== undefined)
      issues.push(
        yaml.issue(
          ["slots", i, "port"],
          `"${text}" found, slot ${holder} has that port already, each slot needs its own`,
        ),
      );
    ports.set(text, slot.name);
  }
}

function isTimezone(name: string): boolean {
  try {
    Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Towns are easier to remember than the continents before them. */
function zoneHint(name: string): string {
  const zones = Intl.supportedValuesOf("timeZone");
  const town = zones.find((zone) => zone.toLowerCase().endsWith(`/${name.toLowerCase()}`));
  return didYouMean(town ?? nearest(name, zones), "an IANA name such as Europe/Berlin was expected");
}
