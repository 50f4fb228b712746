import { chipTable, deviceKeys } from "../../family/table.ts";
import {
  chipById,
  chipByStrings,
  readOptionBlocks,
  recogniseById,
  statedFlashKiB,
} from "../../job/recognise.ts";
import { readUid } from "../../job/steps/bind.ts";
import { hexShort } from "../../lib/bytes.ts";
import { cleanText } from "../../lib/clean-text.ts";
import type { DeviceFamily } from "../../model/family.ts";
import { Fault } from "../../model/fault.ts";
import { decodeOptions } from "../../model/option-codec.ts";
import { parsePort } from "../../model/port.ts";
import type { Slot } from "../../model/station.ts";
import type { Bootloader, Identity } from "../../protocol/bootloader.ts";
import { aboutCan } from "./can-place.ts";
import { simulatedComplaint } from "../chips.ts";
import { benchOf, portComplaint } from "./bench.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptCode, type Io } from "../io.ts";

export interface ProbeOptions {
  /** The contract's spelling of a port. */
  readonly port: string;
  readonly baud: number | null;
}

/** What one board says of itself; `null` where its wire or its protection does not let it be read. */
interface Probed {
  readonly chip: readonly string[];
  readonly productId: number | null;
  readonly protocolVersion: number;
  readonly bootloaderId: number | null;
  readonly uid: string | null;
  readonly flashKiB: number | null;
  readonly protection: "off" | "on" | null;
  readonly options: ReadonlyMap<string, number> | null;
  readonly memoryStrings: readonly string[];
  readonly issues: readonly string[];
}

/** `gangflash probe`: one board, looked at and not touched; it stays in its loader. */
export async function probeCommand(options: ProbeOptions, io: Io): Promise<number> {
  const slot = slotOf(options);
  const why = await portComplaint(slot, null);
  if (why !== null) throw new CommandError(`gangflash: ${options.port}: ${why}`, exitCodes.unfit);
  let adapter: string | null = null;
  try {
    if (slot.port.kind === "can") adapter = cleanText(await aboutCan(slot, slot.port, io.signal), 200);
    await using loader = await benchOf(() => null)(slot, "probe").connect(io.signal);
    const probed = await look(loader, io.signal);
    if (io.json) io.out(JSON.stringify(jsonLine(options.port, adapter, probed)));
    else for (const line of textLines(options.port, adapter, probed)) io.out(line);
    return exitCodes.ok;
  } catch (error) {
    const interrupted = interruptCode(io.signal);
    if (interrupted !== null) return interrupted;
    if (!(error instanceof Fault)) throw error;
    // The adapter is the station's; whatever comes after it is the board's.
    const code = error.code.startsWith("ADAPTER_") ? exitCodes.unfit : exitCodes.failed;
    const answers = adapter === null ? "" : `; the adapter answers: ${adapter}`;
    throw new CommandError(
      `gangflash: ${options.port}: ${error.code}: ${cleanText(error.detail)}${answers}`,
      code,
    );
  }
}

function slotOf({ port: text, baud }: ProbeOptions): Slot {
  const port = parsePort(text);
  if (typeof port === "string")
    throw new CommandError(`gangflash: "${cleanText(text)}" found, ${port} was expected`);
  const unknown = port.kind === "sim" ? simulatedComplaint(port.chip, port.wire) : null;
  if (unknown !== null) throw new CommandError(`gangflash: ${cleanText(text)}: ${cleanText(unknown)}`);
  if (baud !== null && (baud < 1200 || baud > 4_000_000))
    throw new CommandError(`gangflash: --baud: ${baud} found, a rate from 1200 to 4000000 was expected`);
  return {
    name: "probe",
    port,
    baud: baud ?? 115_200,
    boot0: "none",
    reset: "none",
    entry: null,
    bitrate: 500_000,
    supply: null,
    power: null,
    bus: null,
    pace: "fast",
    mishap: {},
  };
}

async function look(loader: Bootloader, signal: AbortSignal): Promise<Probed> {
  const identity = await loader.identify(signal);
  const { productId } = identity;
  return productId === null
    ? await lookByStrings(loader, identity, signal)
    : await lookById(loader, identity, productId, signal);
}

async function lookById(
  loader: Bootloader,
  identity: Identity,
  productId: number,
  signal: AbortSignal,
): Promise<Probed> {
  try {
    const { family, bootloaderId } = await recogniseById(loader, productId, chipTable, signal);
    const flashKiB = await statedFlashKiB(loader, family, signal);
    const uid = await readUid(loader, family, signal);
    const size = flashKiB ?? family.knownSizesKiB.at(-1) ?? 0;
    const { layout } = await chipById(loader, family, size, chipTable, signal);
    const blocks = layout === null ? null : await readOptionBlocks(loader, layout, signal);
    return {
      ...nothing(identity),
      chip: [family.name],
      bootloaderId,
      uid,
      flashKiB,
      protection: "off",
      options: layout === null || blocks === null ? null : decodeOptions(layout, blocks),
      issues: issuesOf(family),
    };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "PROTECTED") throw error;
    const family = chipTable.familyOf(productId, null);
    return { ...nothing(identity), chip: family === null ? [] : [family.name], protection: "on" };
  }
}

/** Over DFU no product id is told: every chip whose sectors are the ones that the loader describes. */
async function lookByStrings(loader: Bootloader, identity: Identity, signal: AbortSignal): Promise<Probed> {
  const fitting = productIds().flatMap((id) => {
    const found = fits(identity, id);
    return found === null ? [] : [found];
  });
  const [first, ...others] = fitting;
  const chip = [...new Set(fitting.map(({ family }) => family.name))];
  if (first === undefined) return nothing(identity);
  const known = { ...nothing(identity), chip, flashKiB: first.flashKiB };
  const { uid: place } = first.family;
  const sameUid = others.every(({ family }) => family.uid.address === place.address);
  loader.adopt(first.family);
  try {
    const uid = sameUid ? await readUid(loader, first.family, signal) : null;
    const layout = others.length === 0 ? first.layout : null;
    const blocks = layout === null ? null : await readOptionBlocks(loader, layout, signal);
    return {
      ...known,
      uid,
      protection: (await loader.tryRead(first.family.flashStart, 4, signal)) === null ? null : "off",
      options: layout === null || blocks === null ? null : decodeOptions(layout, blocks),
      issues: others.length === 0 ? issuesOf(first.family) : [],
    };
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "PROTECTED") throw error;
    return { ...known, protection: "on" };
  }
}

const productIds = (): number[] => [...new Set(deviceKeys().map((key) => Number(key.split("/")[0])))];

function fits(identity: Identity, productId: number) {
  const choice = {
    name: hexShort(productId),
    kind: "line",
    productIds: [productId],
    flashKiB: { least: 0, most: 0 },
  } as const;
  try {
    return chipByStrings(identity, choice, chipTable);
  } catch (error) {
    if (error instanceof Fault) return null;
    throw error;
  }
}

function nothing(identity: Identity): Probed {
  return {
    chip: [],
    productId: identity.productId,
    protocolVersion: identity.protocolVersion,
    bootloaderId: null,
    uid: null,
    flashKiB: null,
    protection: null,
    options: null,
    memoryStrings: identity.memoryStrings,
    issues: [],
  };
}

function issuesOf(family: DeviceFamily): string[] {
  return family.issues
    .filter(({ handling }) => handling === "warned" || handling === "refused")
    .map((issue) => `${issue.id}: ${issue.text}`);
}

function jsonLine(port: string, adapter: string | null, probed: Probed): object {
  const { options, ...rest } = probed;
  return {
    type: "probe",
    port,
    adapter,
    ...rest,
    options: options === null ? null : Object.fromEntries(options),
  };
}

function textLines(port: string, adapter: string | null, probed: Probed): string[] {
  const { productId, protocolVersion: version, bootloaderId } = probed;
  const id = productId === null ? "" : ` (${hexShort(productId)})`;
  const names = probed.chip.length === 0 ? "in no table" : probed.chip.join(", or ");
  const protocol = productId === null ? hexShort(version) : `${version >>> 4}.${version & 15}`;
  const loader = bootloaderId === null ? "" : `, loader id ${hexShort(bootloaderId)}`;
  const unread = probed.protection === "on" ? "protected" : "not readable over this wire";
  const rows: (readonly [string, string])[] = [
    ...(adapter === null ? [] : [["adapter", adapter] as const]),
    ["chip", `${names}${id}`],
    ["loader", `protocol ${protocol}${loader}`],
    ["uid", probed.uid ?? unread],
    ["flash", probed.flashKiB === null ? unread : `${probed.flashKiB} KiB`],
    ...probed.memoryStrings.map((text) => ["memory", cleanText(text)] as const),
    ["protection", probed.protection ?? "unknown"],
    [
      "options",
      optionText(probed.options) ??
        (probed.chip.length > 1 ? "the same address means other things on each of these chips" : unread),
    ],
    ...probed.issues.map((issue) => ["known fault", issue] as const),
  ];
  return [cleanText(port), ...rows.map(([name, value]) => `  ${name.padEnd(12)}${value}`)];
}

function optionText(options: ReadonlyMap<string, number> | null): string | null {
  if (options === null) return null;
  return [...options].map(([name, value]) => `${name} ${value > 9 ? hexShort(value) : value}`).join(", ");
}
