import type { Segment } from "../model/memory.ts";
import type { AttemptOpening } from "../model/attempt.ts";
import type { Profile } from "../model/profile.ts";
import type { Slot, Station } from "../model/station.ts";
import type { ChipTable } from "../job/job.ts";
import type { Place } from "../job/run-attempt.ts";

/** What is made now, on which bench, by whom: fixed for one start of the program. */
export interface Order {
  readonly station: Station;
  readonly profile: Profile;
  /** The images' segments, joined. */
  readonly base: readonly Segment[];
  readonly batch: string;
  readonly trial: boolean;
  readonly releasedBy: string | null;
  /** Words for what can never be undone that the profile and its release both hold. */
  readonly irreversible: readonly string[];
  readonly operator: string;
  readonly toolVersion: string;
  readonly table: ChipTable;
}

/** Where an attempt of this unit runs: opens the slot's port, real or simulated. */
export type PlaceOf = (slot: Slot, barcode: string) => Place;

/** One unit about to be programmed. */
export interface UnitStart {
  readonly slot: Slot;
  readonly barcode: string;
  readonly panel: string | null;
  /** Why a unit that passed is done again. */
  readonly reworkReason: string | null;
}

/** What ran on simulated boards is never the line's. */
export const realmOf = (slot: Slot): "line" | "sim" => (slot.port.kind === "sim" ? "sim" : "line");

/** The first lines of a record, written down before the first byte leaves. */
export function openingOf(
  order: Order,
  unit: UnitStart,
  place: Place,
  reason: AttemptOpening["reason"],
  startedAt: Date,
): AttemptOpening {
  const { profile, station } = order;
  return {
    batch: order.batch,
    slot: unit.slot.name,
    port: place.portText,
    wire: place.wire,
    bitRate: place.bitRate,
    barcode: unit.barcode,
    panel: unit.panel,
    realm: realmOf(unit.slot),
    trial: order.trial,
    reason,
    reworkReason: unit.reworkReason,
    operator: order.operator,
    station: station.name,
    stationHash: station.hash,
    profile: profile.name,
    revision: profile.revision,
    profileHash: profile.hash,
    releasedBy: order.releasedBy,
    product: profile.product.name,
    partNumber: profile.product.part,
    images: profile.images.map(({ file, sha256, image }) => ({
      file,
      sha256,
      ranges: image.segments.map(({ address, bytes }) => ({ start: address, end: address + bytes.length })),
    })),
    toolVersion: order.toolVersion,
    startedAt,
  };
}
