import { deadline } from "../lib/deadline.ts";
import { Fault } from "../model/fault.ts";
import type { ChipChoice } from "../model/family.ts";
import { endOf, type Segment } from "../model/memory.ts";
import type { DataField } from "../model/profile.ts";
import type { ChipTable } from "./job.ts";
import { decodeOptions } from "../model/option-codec.ts";
import { chipByStrings, readOptionBlocks, recogniseById } from "./recognise.ts";
import type { Place } from "./run-attempt.ts";
import type { Bootloader } from "../protocol/bootloader.ts";
import { readUid } from "./steps/bind.ts";

/** What a board says when it is only read; `null` where its wire cannot read that. */
export interface BoardRead {
  readonly chip: string;
  /** 24 hex digits. */
  readonly uid: string | null;
  /** Whether flash holds all of the image now, the unit's own fields left out. */
  readonly image: boolean | null;
  /** Where it differs first. */
  readonly differsAt: number | null;
  /** The read protection byte, as its option bytes have it. */
  readonly rdp: number | null;
  /** The unit's own fields as they are in the chip. */
  readonly fields: readonly { readonly field: DataField; readonly bytes: Uint8Array | null }[];
}

/** What a board is held against. */
export interface BoardWanted {
  readonly choice: ChipChoice;
  readonly base: readonly Segment[];
  readonly data: readonly DataField[];
}

/** A board that is there answers at once. */
const peekMs = 3000;

/** What a board says that it is, nothing read and nothing written; `null`: nothing that names its chip. Throws a Fault. */
export async function peekBoard(
  place: Place,
  choice: ChipChoice | null,
  table: ChipTable,
  signal: AbortSignal,
): Promise<string | null> {
  using limit = deadline(
    place.clock,
    signal,
    peekMs,
    () => new Fault("LINK_SILENT", `no answer within ${peekMs} ms`),
  );
  await using loader = await place.connect(limit.signal);
  const identity = await loader.identify(limit.signal);
  if (choice === null || identity.productId !== null) return null;
  return chipByStrings(identity, choice, table).family.name;
}

/**
 * Identifies a board, reads its UID, protection, the unit's fields and all of the image, and writes nothing; it stays in its loader.
 * `progress`: the share that is read, from 0 to 1, at each hundredth. Throws a Fault.
 */
export async function readBoard(
  place: Place,
  { choice, base, data }: BoardWanted,
  table: ChipTable,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<BoardRead> {
  await using loader = await place.connect(signal);
  const identity = await loader.identify(signal);
  const { family } =
    identity.productId === null
      ? chipByStrings(identity, choice, table)
      : await recogniseById(loader, identity.productId, table, signal);
  loader.adopt(family);
  const uid = await readUid(loader, family, signal);
  const layout = table.optionLayoutOf(family);
  const blocks = layout === null ? null : await readOptionBlocks(loader, layout, signal);
  const rdp = layout === null || blocks === null ? null : (decodeOptions(layout, blocks).get("RDP") ?? null);
  const fields: BoardRead["fields"][number][] = [];
  for (const field of data)
    fields.push({ field, bytes: await loader.tryRead(field.at, field.length, signal) });
  const found = await compare(loader, withoutFields(base, data), progress, signal);
  return { chip: family.name, uid, rdp, fields, ...found };
}

/** The first difference is enough: what follows it is not read. */
async function compare(
  loader: Bootloader,
  wanted: readonly Segment[],
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Pick<BoardRead, "image" | "differsAt">> {
  const all = wanted.reduce((sum, { bytes }) => sum + bytes.length, 0);
  if (all === 0) return { image: null, differsAt: null };
  let done = 0;
  let told = -1;
  for (const { address, bytes } of wanted)
    for (let at = 0; at < bytes.length; at += loader.blockBytes) {
      const part = bytes.subarray(at, at + loader.blockBytes);
      const found = await loader.tryRead(address + at, part.length, signal);
      if (found === null) return { image: null, differsAt: null };
      const other = part.findIndex((byte, i) => byte !== found[i]);
      if (other >= 0) return { image: false, differsAt: address + at + other };
      done += part.length;
      const hundredth = Math.floor((100 * done) / all);
      if (hundredth > told) progress(done / all);
      told = hundredth;
    }
  return { image: true, differsAt: null };
}

/** What every unit has: the image without the places of fields. */
function withoutFields(base: readonly Segment[], data: readonly DataField[]): readonly Segment[] {
  return data.reduce<readonly Segment[]>(
    (segments, { at, length }) =>
      segments.flatMap((segment) => {
        const { address, bytes } = segment;
        if (endOf(segment) <= at || address >= at + length) return [segment];
        const before = { address, bytes: bytes.subarray(0, Math.max(0, at - address)) };
        const after = { address: at + length, bytes: bytes.subarray(at + length - address) };
        return [before, after].filter((one) => one.bytes.length > 0);
      }),
    base,
  );
}
