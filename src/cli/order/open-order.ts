import { readStation } from "../../config/station-file.ts";
import { chipChoice, chipTable } from "../../family/table.ts";
import { baseOf } from "../../job/build-job.ts";
import { cleanText, isClean } from "../../lib/clean-text.ts";
import { isForEver, levelTwoWord } from "../../model/option-write.ts";
import type { Profile } from "../../model/profile.ts";
import type { Station } from "../../model/station.ts";
import type { Order } from "../../station/order.ts";
import type { Store, StoreReader } from "../../store/store.ts";
import type { StoredProfile } from "../../store/terms.ts";
import { profileChips } from "../chips.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import type { Io } from "../io.ts";
import { loadProfile } from "./load-profile.ts";
import { toolVersion } from "../version.ts";

/** A checked station file. Throws FileMistakes. */
export function stationOf(file: string): Station {
  const read = readStation(file, chipChoice);
  if (!read.ok) throw new FileMistakes(read.issues);
  return read.value;
}

/** A checked profile with its images; remarks go to standard error. Throws FileMistakes. */
export async function profileOf(file: string, io: Io): Promise<Profile> {
  const read = await loadProfile(file);
  if (!read.ok) throw new FileMistakes(read.issues);
  for (const warning of read.value.warnings) io.err(`note: ${warning}`);
  return read.value.profile;
}

/** What the books keep of a profile for ever: its text, and which images it had. */
export const storedProfile = ({ name, revision, hash, text, images }: Profile): StoredProfile => ({
  name,
  revision,
  hash,
  text,
  images: images.map(({ file, sha256 }) => ({ file, sha256 })),
});

/** A name of a batch as it may stand on paper and in a file name. Throws CommandError. */
export function batchId(text: string, where = "--batch"): string {
  if (isClean(text) && text.trim() === text && text.length <= 40) return text;
  throw new CommandError(
    `${where}: "${cleanText(text, 60)}" found, a name of 1 to 40 visible characters was expected`,
  );
}

/** An order that may run, and the writing that makes it one; until then the books know nothing of it. */
export interface PlannedOrder {
  readonly order: Order;
  /** Opens the batch where it is new, and keeps the profile. Throws StoreError. */
  readonly open: () => void;
}

/** Plans an order and opens it at once. Throws CommandError, StoreError. */
export function openOrder(...asked: Parameters<typeof planOrder>): Order {
  const { order, open } = planOrder(...asked);
  open();
  return order;
}

/**
 * Finds the batch open with this very profile, or sees that it may be opened, and says what runs. A profile that is not
 * released runs as a trial; one that asks for what can never be undone does not run without its release. Throws
 * CommandError.
 */
export function planOrder(
  store: Store,
  station: Station,
  profile: Profile,
  batch: string,
  operator: string,
  quantity: number | null = null,
): PlannedOrder {
  const at = new Date();
  const release = store.releaseOf(profile.hash);
  const released = release?.irreversible ?? [];
  refuseForEver(profile, released);
  const { name, revision, hash } = profile;
  const stored = storedProfile(profile);
  const found = store.findBatch(batch);
  if (found !== null && found.closedAt !== null)
    throw new CommandError(
      `batch ${batch} was closed on ${found.closedAt.toISOString()} by ${found.closedBy ?? "somebody"}; open another one`,
    );
  if (found !== null && found.profileHash !== hash)
    throw new CommandError(
      `batch ${batch} was opened with ${found.profile} revision ${found.revision} (${found.profileHash.slice(0, 16)}); ` +
        `this profile is ${name} revision ${revision} (${hash.slice(0, 16)}): open another batch for it`,
    );
  const order: Order = {
    station,
    profile,
    base: baseOf(profile),
    batch,
    // A work order that began as a trial stays one: its report says TRIAL, so each of its records does.
    trial: release === null || found?.trial === true,
    releasedBy: release?.by ?? null,
    irreversible: profile.irreversible.filter((word) => released.includes(word)),
    operator,
    toolVersion,
    table: chipTable,
  };
  return {
    order,
    open() {
      if (found === null)
        store.openBatch({
          id: batch,
          profile: stored,
          product: profile.product.name,
          quantity,
          trial: release === null,
          by: operator,
          // Not the moment of the writing: the first unit that asks for the order would have begun before it.
          at,
        });
      store.keepProfile(stored);
    },
  };
}

/** Without a release that has its word, what can never be undone has no order either. Throws CommandError. */
export function refuseForEver(profile: Profile, released: readonly string[]): void {
  const fields = profileChips.layouts(profile.chip).flatMap((layout) => layout.fields);
  for (const [name, value] of profile.optionBytes) {
    const danger = fields.find((field) => field.name === name)?.danger ?? null;
    if (isForEver(danger, value) && !released.includes(levelTwoWord))
      throw new CommandError(
        `${name}: 0xCC can never be undone; a release with the word ${levelTwoWord} was expected: ` +
          `gangflash profile release FILE --irreversible ${levelTwoWord}`,
      );
  }
}

/** What reading commands say when there is nothing yet. */
export function foundBatch(store: StoreReader, id: string): void {
  if (store.findBatch(id) !== null) return;
  const known = store.batches().slice(0, 5);
  const hint =
    known.length === 0 ? "there is none yet" : `the newest are ${known.map((b) => b.id).join(", ")}`;
  throw new CommandError(`there is no batch ${cleanText(id, 60)}; ${hint}`);
}
