import { createHash } from "node:crypto";
import { z } from "zod";
import { nearest } from "../lib/nearest.ts";
import { simulatedWires } from "../family/table.ts";
import type { ChipChoice, Wire } from "../model/family.ts";
import type { Mishap } from "../model/mishap.ts";
import { parsePort, portText } from "../model/port.ts";
import type { Slot, Station } from "../model/station.ts";
import type { Checked, Issue } from "./issue.ts";
import { checkYaml, readYaml, type YamlFile } from "./read-yaml.ts";

const count = z.int().min(0);
const line = z.enum(["dtr", "rts", "!dtr", "!rts", "none"]);

const mishapSchema = z
  .strictObject({
    pullAt: count.optional().meta({ description: "pulled once so many bytes of the image are written" }),
    nackWrite: z
      .int()
      .optional()
      .meta({ description: "the n-th block is refused once; -n: all from the n-th on" }),
    muteAfter: count
      .optional()
      .meta({ description: "silent once so many bytes are written; 0: from the start" }),
    flipBit: count.optional().meta({ description: "bit 0 of the n-th written byte is wrong in flash" }),
    swapAt: count.optional().meta({ description: "another board lies there once so many bytes are written" }),
    protected: z.boolean().optional().meta({ description: "delivered with read protection level 1" }),
    wrongChip: z.boolean().optional().meta({ description: "answers as another chip" }),
    noiseRead: count.optional().meta({ description: "the n-th block read is spoilt once on the wire" }),
    slowErase: z.number().min(1).optional().meta({ description: "erases take so many times longer" }),
    optionsStick: z
      .boolean()
      .optional()
      .meta({ description: "option bytes are acknowledged and do not hold" }),
    uid: z
      .string()
      .regex(/^[0-9a-f]{24}$/, "24 lower-case hex digits were expected")
      .optional()
      .meta({ description: "this UID instead of one of its own" }),
  })
  .meta({ description: "planned trouble of a simulated board" });

const slotSchema = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,8}$/, "a name of 1 to 8 letters, digits, - or _ was expected"),
  port: z
    .string()
    .meta({ description: "usb:1-4.2, uart:/dev/ttyUSB0, can:socketcan:can0, sim:STM32F405:uart" }),
  baud: z.int().min(1200).max(4_000_000).default(115_200),
  boot0: line.default("none"),
  reset: line.default("none"),
  bitrate: z.int().min(10_000).max(8_000_000).default(500_000),
  supply: z.number().min(1.6).max(5.5).optional().meta({ description: "supply of the board in volts" }),
  bus: z.string().min(1).optional().meta({ description: "slots that name the same bus take turns on it" }),
  pace: z.enum(["fast", "real"]).default("fast").meta({ description: "simulated boards only" }),
  mishap: mishapSchema.optional(),
});

/** `stations/*.yaml`. */
export const stationSchema = z.strictObject({
  station: z.string().min(1).max(40),
  timezone: z
    .string()
    .optional()
    .meta({ description: "IANA name, such as Europe/Berlin; the system's by default" }),
  supply: z.number().min(1.6).max(5.5).optional().meta({ description: "supply of the boards in volts" }),
  tray: z
    .strictObject({ rows: z.int().min(1).max(16), columns: z.int().min(1).max(32) })
    .optional()
    .meta({ description: "how the slots lie on the bench" }),
  slots: z.array(slotSchema).min(1).max(128),
});

type StationYaml = z.infer<typeof stationSchema>;

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
    issues.push(
      yaml.issue(["timezone"], `"${value.timezone}" found, an IANA name such as Europe/Berlin was expected`),
    );
  const rows = value.tray?.rows ?? 1;
  const columns = value.tray?.columns ?? slots.length;
  if (rows * columns < slots.length)
    issues.push(
      yaml.issue(["tray"], `${rows} x ${columns} places found, ${slots.length} slots need as many`),
    );
  if (issues.length > 0) return { ok: false, issues };
  return {
    ok: true,
    value: {
      name: value.station,
      rows,
      columns,
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
  else {
    for (const key of ["mishap", "pace"] as const)
      if (slot[key] !== undefined && (key === "mishap" || slot.pace !== "fast"))
        issues.push(yaml.issue(["slots", i, key], `found beside ${slot.port}, it belongs to a sim: port`));
  }
  if (slot.boot0 !== "none" && slot.boot0.replace("!", "") === slot.reset.replace("!", ""))
    issues.push(
      yaml.issue(["slots", i, "reset"], `${slot.reset} drives BOOT0 already, another line was expected`),
    );
  return {
    name: slot.name,
    port: typeof port === "string" ? { kind: "sim", chip: "", wire: "uart" } : port,
    baud: slot.baud,
    boot0: slot.boot0,
    reset: slot.reset,
    bitrate: slot.bitrate,
    supply: slot.supply ?? yaml.value.supply ?? null,
    bus: slot.bus ?? null,
    pace: slot.pace,
    mishap: toMishap(slot.mishap),
  };
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
    issues.push(yaml.issue(["slots", i, "port"], `"${slot.port}" found: ${why}`));
  };
  const choice = chips(port.chip);
  if ("nearest" in choice) {
    const [close] = choice.nearest;
    const hint =
      close === undefined ? "a part or line such as STM32F405 was expected" : `did you mean "${close}"?`;
    complain(`no chip "${port.chip}" is known, ${hint}`);
    return;
  }
  const wires = simulatedWires(port.chip);
  if (!wires.includes(port.wire)) complain(`the loader of ${port.chip} has ${wires.join(", ")} only`);
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
      issues.push(yaml.issue(["slots", i, "port"], `"${text}" found, slot ${holder} has that port already`));
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

/** A slot name on the command line that is not there: the nearest one that is. */
export function nearestSlot(station: Station, name: string): string | null {
  return nearest(
    name,
    station.slots.map((slot) => slot.name),
  );
}
