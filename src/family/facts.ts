import type { CanLoader, LoaderIssue, Range, Wire } from "../model/family.ts";
import {
  at,
  entries,
  list,
  listOf,
  number,
  oneOf,
  orNull,
  readTable,
  text,
  yes,
  type Node,
} from "./read-json.ts";

/** When a sector layout holds: for these sizes, with this option bit, or under one of several such conditions. */
export interface LayoutCondition {
  readonly flashKiB: readonly number[] | null;
  readonly optionBit: { readonly name: string; readonly equals: number } | null;
  readonly anyOf: readonly LayoutCondition[] | null;
}

/** How a layout shrinks to the size that a chip states. */
const trims = ["truncate", "half", "fixed-bank2", "bank1-full-then-bank2", "none"] as const;

export interface BankFacts {
  readonly start: number;
  /** Count and size of equal sectors, in address order. */
  readonly sectors: readonly { readonly count: number; readonly size: number }[];
  /** Number of the first sector, where the loader does not count on from the bank before. */
  readonly firstIndex: number | null;
}

export interface SectorLayout {
  readonly id: string;
  readonly trim: (typeof trims)[number];
  readonly banks: readonly BankFacts[];
  readonly when: LayoutCondition | null;
}

/** One entry of devices.json, as it stands there. */
export interface DeviceFacts {
  readonly key: string;
  readonly productId: number;
  readonly bootloaderId: number | null;
  /** Every loader id of this variant that is documented. */
  readonly bootloaderIds: readonly number[];
  readonly bootloaderIdAddress: number | null;
  readonly name: string;
  readonly family: string;
  readonly wires: readonly Wire[];
  readonly can: CanLoader | null;
  readonly flash: {
    readonly start: number;
    readonly maxBytes: number;
    readonly knownSizesKiB: readonly number[];
    readonly sizeRegister: { readonly address: number; readonly mask: number };
    readonly erasedByte: number;
    readonly programBytes: number;
    readonly writeAlignBytes: number;
    readonly massErase: boolean;
  };
  readonly layouts: readonly SectorLayout[];
  readonly ram: { readonly start: number; readonly bytes: number; readonly usable: readonly Range[] };
  readonly systemMemory: readonly Range[];
  readonly optionBytes: { readonly layout: string; readonly ranges: readonly Range[] };
  readonly uid: { readonly address: number; readonly wordOffsets: readonly [number, number, number] };
  readonly otp: Range | null;
  readonly deviceFeature: number | null;
  readonly bootMs: number | null;
  readonly timeouts: {
    readonly eraseUnitMs: number;
    readonly massEraseMs: number | null;
    readonly writeBlockMs: number;
    readonly unprotectMs: number;
  };
  /** Name of its timings; `null` where no source gives any. */
  readonly timing: string | null;
  readonly flags: readonly string[];
  /** Faults of this variant; `bootloaderIds`: only of these loader ids. */
  readonly issues: readonly { readonly id: string; readonly bootloaderIds: readonly number[] | null }[];
  readonly dfuStrings: readonly string[];
  readonly unconfirmed: readonly string[];
}

export interface TimingFacts {
  /** `bytes` null: any unit of the family. */
  readonly erase: readonly {
    readonly bytes: number | null;
    readonly typMs: number;
    readonly maxMs: number;
    readonly widthBytes: number | null;
  }[];
  readonly mass: { readonly typMs: number | null; readonly maxMs: number; readonly perBank: boolean } | null;
  readonly program: { readonly bytes: number; readonly typUs: number | null };
}

export interface IssueFacts {
  readonly severity: LoaderIssue["severity"];
  readonly text: string;
  /** True where no entry names it because all have it. */
  readonly everywhere: boolean;
}

export interface Facts {
  readonly devices: ReadonlyMap<string, DeviceFacts>;
  readonly products: ReadonlyMap<number, { readonly standard: string; readonly variants: readonly string[] }>;
  readonly timings: ReadonlyMap<string, TimingFacts>;
  readonly issues: ReadonlyMap<string, IssueFacts>;
  readonly foreign: ReadonlyMap<number, string>;
}

const range = (node: Node): Range => {
  const [start = 0, end = 0] = list(node).map(number);
  if (end <= start) throw new RangeError(`${node.place}: a range was expected`);
  return { start, end };
};

const rangeBySize = (node: Node): Range => {
  const start = number(at(node, "start"));
  return { start, end: start + number(at(node, "bytes")) };
};

function condition(node: Node): LayoutCondition {
  return {
    flashKiB: orNull(at(node, "flashKiB"), (sizes) => list(sizes).map(number)),
    optionBit: orNull(at(node, "optionBit"), (bit) => ({
      name: text(at(bit, "name")),
      equals: number(at(bit, "equals")),
    })),
    anyOf: orNull(at(node, "anyOf"), (all) => list(all).map(condition)),
  };
}

function sectorLayout(node: Node): SectorLayout {
  return {
    id: text(at(node, "id")),
    trim: oneOf(at(node, "trim"), trims),
    banks: list(at(node, "banks")).map((bank) => ({
      start: number(at(bank, "start")),
      sectors: list(at(bank, "sectors")).map((run) => {
        const [count = 0, size = 0] = list(run).map(number);
        return { count, size };
      }),
      firstIndex: orNull(at(bank, "firstIndex"), number),
    })),
    when: orNull(at(node, "when"), condition),
  };
}

function device(node: Node): DeviceFacts {
  const [flash, ram, options, uid] = ["flash", "ram", "optionBytes", "uid"].map((key) => at(node, key)) as [
    Node,
    Node,
    Node,
    Node,
  ];
  const size = at(flash, "sizeRegister");
  const timeouts = at(node, "timeouts");
  const [l0, l1, l2] = list(at(uid, "wordOffsets")).map(number);
  if (l0 === undefined || l1 === undefined || l2 === undefined)
    throw new RangeError(`${uid.place}: three offsets were expected`);
  return {
    key: text(at(node, "key")),
    productId: number(at(node, "productId")),
    bootloaderId: orNull(at(node, "bootloaderId"), number),
    bootloaderIds: listOf(at(node, "bootloaderIds"), number),
    bootloaderIdAddress: orNull(at(node, "bootloaderIdAddress"), number),
    name: text(at(node, "name")),
    family: text(at(node, "family")),
    wires: list(at(node, "wires")).map((wire) => oneOf(wire, ["uart", "usb", "can"])),
    can: orNull(at(node, "can"), (can) => ({
      bitrate: number(at(can, "bitrate")),
      dataBitrate: orNull(at(can, "dataBitrate"), number),
      version: number(at(can, "version")),
    })),
    flash: {
      start: number(at(flash, "start")),
      maxBytes: number(at(flash, "maxBytes")),
      knownSizesKiB: list(at(flash, "knownSizesKiB")).map(number),
      sizeRegister: { address: number(at(size, "address")), mask: number(at(size, "mask")) },
      erasedByte: number(at(flash, "erasedByte")),
      programBytes: number(at(flash, "programBytes")),
      writeAlignBytes: number(at(flash, "writeAlignBytes")),
      massErase: yes(at(flash, "massErase")),
    },
    layouts: list(at(node, "layouts")).map(sectorLayout),
    ram: {
      start: number(at(ram, "start")),
      bytes: number(at(ram, "bytes")),
      usable: list(at(ram, "usable")).map(range),
    },
    systemMemory: list(at(node, "systemMemory")).map(range),
    optionBytes: { layout: text(at(options, "layout")), ranges: list(at(options, "ranges")).map(range) },
    uid: { address: number(at(uid, "address")), wordOffsets: [l0, l1, l2] },
    otp: orNull(at(node, "otp"), rangeBySize),
    deviceFeature: orNull(at(node, "deviceFeature"), number),
    bootMs: orNull(at(node, "bootMs"), number),
    timeouts: {
      eraseUnitMs: number(at(timeouts, "eraseUnitMs")),
      massEraseMs: orNull(at(timeouts, "massEraseMs"), number),
      writeBlockMs: number(at(timeouts, "writeBlockMs")),
      unprotectMs: number(at(timeouts, "unprotectMs")),
    },
    timing: orNull(at(node, "timing"), text),
    flags: listOf(at(node, "flags"), text),
    issues: list(at(node, "issues")).map((issue) => ({
      id: text(at(issue, "id")),
      bootloaderIds: orNull(at(issue, "bootloaderIds"), (ids) => list(ids).map(number)),
    })),
    dfuStrings: listOf(at(node, "dfuStrings"), text),
    unconfirmed: listOf(at(node, "unconfirmed"), text),
  };
}

function timing(node: Node): TimingFacts {
  const program = at(node, "program");
  return {
    erase: list(at(node, "erase")).map((row) => ({
      bytes: orNull(at(row, "bytes"), number),
      typMs: number(at(row, "typMs")),
      maxMs: number(at(row, "maxMs")),
      widthBytes: orNull(at(row, "widthBytes"), number),
    })),
    mass: orNull(at(node, "mass"), (mass) => ({
      typMs: orNull(at(mass, "typMs"), number),
      maxMs: number(at(mass, "maxMs")),
      perBank: yes(at(mass, "perBank")),
    })),
    program: { bytes: number(at(program, "bytes")), typUs: orNull(at(program, "typUs"), number) },
  };
}

/** devices.json, every value of it checked for its kind. Throws a RangeError with the place of a mistake. */
export function readFacts(): Facts {
  const root = readTable("devices.json");
  const devices = list(at(root, "devices")).map(device);
  return {
    devices: new Map(devices.map((one) => [one.key, one])),
    products: new Map(
      entries(at(root, "products")).map(([id, node]) => [
        Number(id),
        { standard: text(at(node, "default")), variants: list(at(node, "variants")).map(text) },
      ]),
    ),
    timings: new Map(entries(at(root, "timings")).map(([name, node]) => [name, timing(node)])),
    issues: new Map(
      entries(at(root, "issues")).map(([id, node]) => [
        id,
        {
          severity: oneOf(at(node, "severity"), ["low", "medium", "high"]),
          text: text(at(node, "text")),
          everywhere: at(node, "appliesTo").value === "all",
        },
      ]),
    ),
    foreign: new Map(
      list(at(root, "foreign")).map((node) => [number(at(node, "productId")), text(at(node, "name"))]),
    ),
  };
}
