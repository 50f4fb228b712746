import { layOver, patch } from "../inject/patch.ts";
import type { NumberSpec } from "../model/ledger.ts";
import type { Reservation } from "../model/ledger.ts";
import type { Segment } from "../model/memory.ts";
import type { Profile } from "../model/profile.ts";
import { fillFormat, type DateParts } from "../model/serial.ts";
import type { ChipTable, Desk, Job } from "./job.ts";

/** The numbers that a unit of this profile needs, in the order in which its reservations come back. */
export function numberSpecs(profile: Profile, dates: DateParts, barcode: string): NumberSpec[] {
  const { serial, mac } = profile;
  const specs: NumberSpec[] = [];
  if (serial !== null)
    specs.push({
      kind: "serial",
      series: serial.series,
      start: serial.start,
      end: serial.end,
      policy: serial.policy,
      text: (n) => fillFormat(serial.format, { ...dates, barcode }, n),
    });
  if (mac !== null)
    specs.push({
      kind: "mac",
      series: mac.series,
      start: 0,
      end: mac.count - 1,
      policy: serial?.policy ?? "consume-on-success",
      text: (n) =>
        (mac.first + BigInt(n))
          .toString(16)
          .toUpperCase()
          .padStart(2 * mac.bytes, "0"),
    });
  return specs;
}

/** What all units of a profile have in flash: the images' segments, sorted and joined. */
export function baseOf(profile: Profile): Segment[] {
  return layOver(
    [],
    profile.images.flatMap(({ image }) => image.segments),
  );
}

/** Freezes what one attempt needs. `reservations` are in the order of `numberSpecs`. */
export function buildJob(input: {
  readonly profile: Profile;
  readonly base: readonly Segment[];
  readonly barcode: string;
  readonly reservations: readonly Reservation[];
  readonly dates: DateParts;
  readonly supply: number | null;
  readonly table: ChipTable;
  readonly desk: Desk;
  readonly irreversible: readonly string[];
}): Job {
  const { profile, base, barcode, dates, supply, table, desk, irreversible } = input;
  const [first, second] = input.reservations;
  const serial = profile.serial === null ? null : (first ?? null);
  const mac = profile.mac === null ? null : ((profile.serial === null ? first : second) ?? null);
  return { profile, base, barcode, serial, mac, dates, supply, table, desk, irreversible };
}

/**
 * Why this unit's data cannot be laid over the image (too long for its field, not ASCII), before any board is touched;
 * `null` when it can. The UID, which only the board knows, is taken as 24 zeros.
 */
export function dataComplaint(
  job: Pick<Job, "profile" | "base" | "barcode" | "serial" | "mac" | "dates">,
): string | null {
  const patched = patch(
    job.base,
    job.profile.data,
    {
      ...job.dates,
      barcode: job.barcode,
      uid: "0".repeat(24),
      ...(job.serial === null ? {} : { serial: job.serial.text, n: job.serial.number }),
      ...(job.mac === null ? {} : { mac: job.mac.text }),
    },
    0xff,
  );
  return typeof patched === "string" ? patched : null;
}
