import { visibleJson } from "../../lib/clean-text.ts";
import { firstPassYield, type Batch } from "../../model/batch.ts";
import { openStore } from "../../store/open-store.ts";
import type { StoreReader } from "../../store/store.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import { batchId, foundBatch, profileOf, refuseForEver, storedProfile } from "./open-order.ts";
import { allowed, person } from "../person.ts";
import { readerOrNone } from "../engineer/profile.ts";
import { refuseNoBooks } from "../refuse-no-books.ts";
import { toolVersion } from "../version.ts";

export interface BatchOpenOptions {
  readonly id: string;
  readonly profile: string;
  readonly quantity: number | null;
  readonly by: string | null;
  readonly data: string;
}

/** `batch open ID --profile FILE [--quantity N]`: a work order. Where people are kept, a lead opens it. */
export async function batchOpen(options: BatchOpenOptions, io: Io): Promise<number> {
  const id = batchId(options.id, "batch open");
  const profile = await profileOf(options.profile, io);
  using store = openStore(options.data, { mode: "owner", station: null, timezone: null, toolVersion });
  const by = allowed(store, person(options.by), ["open-order"], "--by").name;
  const release = store.releaseOf(profile.hash);
  refuseForEver(profile, release?.irreversible ?? []);
  const batch = store.openBatch({
    id,
    profile: storedProfile(profile),
    product: profile.product.name,
    quantity: options.quantity,
    trial: release === null,
    by,
    at: new Date(),
  });
  show(batch, store, io);
  return exitCodes.ok;
}

/** `batch close ID`: no unit is started in it any more. Where people are kept, a lead closes it. */
export function batchClose(id: string, by: string | null, data: string, io: Io): number {
  refuseNoBooks(data);
  using store = openStore(data, { mode: "owner", station: null, timezone: null, toolVersion });
  foundBatch(store, id);
  const who = allowed(store, person(by), ["close-order"], "--by").name;
  // What a crash had left open must not hold the order open.
  store.recover();
  show(store.closeBatch(id, who, new Date()), store, io);
  return exitCodes.ok;
}

/** `batch list`: newest first. */
export function batchList(data: string, io: Io): number {
  using store = readerOrNone(data);
  const batches = store?.batches() ?? [];
  for (const batch of batches) if (store !== null) show(batch, store, io);
  if (batches.length === 0)
    io.err("there is no batch yet: the first run opens one, or gangflash batch open ID --profile FILE");
  return exitCodes.ok;
}

/** `batch show ID`. */
export function batchShow(id: string, data: string, io: Io): number {
  using store = openStore(data, { mode: "reader" });
  foundBatch(store, id);
  const batch = store.findBatch(id);
  if (batch === null) throw new CommandError(`there is no batch ${id}`);
  show(batch, store, io);
  if (io.json) return exitCodes.ok;
  const facts = store.batchFacts(id);
  for (const { code, count } of facts?.failures ?? []) io.out(`  ${code.padEnd(20)} ${count}`);
  return exitCodes.ok;
}

function show(batch: Batch, store: StoreReader, io: Io): void {
  const counts = store.batchCounts(batch.id);
  const simulated = store.isSimulated(batch.id);
  const yieldOf = counts === null ? null : firstPassYield(counts);
  if (io.json) {
    io.out(
      visibleJson({
        type: "batch",
        ...batch,
        openedAt: batch.openedAt.toISOString(),
        closedAt: batch.closedAt?.toISOString() ?? null,
        counts,
        firstPassYield: yieldOf,
        simulated,
      }),
    );
    return;
  }
  const state =
    batch.closedAt === null ? "open" : `closed ${batch.closedAt.toISOString()} by ${batch.closedBy ?? ""}`;
  const target = batch.quantity === null ? "" : ` of ${batch.quantity}`;
  const share = yieldOf === null ? "" : `, first pass ${yieldOf.toFixed(1)} %`;
  io.out(
    `${batch.id}  ${batch.product}, ${batch.profile} revision ${batch.revision}${batch.trial ? ", TRIAL" : ""}${simulated ? ", SIMULATED" : ""}  ` +
      `${counts?.passed ?? 0}${target} passed, ${counts?.failed ?? 0} failed${share}  ${state}`,
  );
}
