import type { ChipChoice, DeviceFamily } from "../model/family.ts";
import type { Reservation } from "../model/ledger.ts";
import type { MemoryMap } from "../model/memory.ts";
import type { OptionLayout } from "../model/option-bytes.ts";
import type { Profile } from "../model/profile.ts";
import type { DateParts } from "../model/serial.ts";
import type { Segment } from "../model/memory.ts";

/** What an attempt asks the chip table. */
export interface ChipTable {
  familyOf(productId: number, bootloaderId: number | null): DeviceFamily | null;
  variantsOf(productId: number): readonly DeviceFamily[];
  foreignDevice(productId: number): string | null;
  mapOf(family: DeviceFamily, flashKiB: number, optionBits: ReadonlyMap<string, number>): MemoryMap;
  /** True where the bank mode decides the sectors, so that option bits must be read first. */
  mapHangsOnOptions(family: DeviceFamily, flashKiB: number): boolean;
  /** One set of option bits for each map that a chip of this size can have. */
  mapVariants(family: DeviceFamily, flashKiB: number): readonly ReadonlyMap<string, number>[];
  optionLayoutOf(family: DeviceFamily): OptionLayout | null;
}

/**
 * What an attempt asks the books while it runs. Each answer is durable before it is given; each may throw a Fault.
 * The attempt knows no store: this is all it gets.
 */
export interface Desk {
  /** Binds the barcode to the chip: Fault UNIT_MISMATCH when either has another partner already. */
  bind(uid: string | null): void;
  /** A number of the series found in the chip: the reservation to go on with, or Fault SERIAL_OTHER. */
  adopt(series: string, number: number, text: string): Reservation;
  /** The unit's numbers are about to leave the station; they may once the promise holds. */
  written(): Promise<void>;
}

/** Frozen input of one attempt. */
export interface Job {
  readonly profile: Profile;
  readonly barcode: string;
  /** The image's segments, before the unit's data. */
  readonly base: readonly Segment[];
  readonly serial: Reservation | null;
  /** Reserved address as hex digits without separators. */
  readonly mac: Reservation | null;
  readonly dates: DateParts;
  /** Supply of the board in volts, where the station says it. */
  readonly supply: number | null;
  readonly table: ChipTable;
  readonly desk: Desk;
  /** Words for what can never be undone that the profile and its release both hold; a trial has none. */
  readonly irreversible: readonly string[];
}

export type { ChipChoice };
