import type { Slot } from "../../model/station.ts";
import type { Work } from "../../station/running-station.ts";
import { openStore } from "../../store/open-store.ts";
import { watchUsb } from "../../transport/usb/usb-bus.ts";
import { benchOf, refuseUnfit } from "../bench/bench.ts";
import { CommandError } from "../complain.ts";
import {
  demonstration,
  demonstrationMishap,
  releaseDemonstration,
  temporaryFolder,
} from "./demonstration.ts";
import type { Io } from "../io.ts";
import { batchId, profileOf, stationOf } from "../order/open-order.ts";
import { beginOutbox } from "../outbox/outbox-sender.ts";
import { refuseAlone, refuseOverlap } from "../order/order-desk.ts";
import { labelDesk } from "../papers/label-desk.ts";
import { toolVersion } from "../version.ts";

import { plainShown, show, workOf, type ScreenOptions, type Shown } from "./show-screen.ts";

const none = { kind: "none" } as const;

/** The operator's screen, on the station's files or on the demonstration tray. */
export async function screenCommand(options: ScreenOptions, io: Io): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new CommandError("the operator's screen needs a terminal; without one: gangflash run --help");
  const { station, profile, batch } = options;
  if (station === null && profile === null && batch === null) return await demonstrate(options, io);
  for (;;) {
    let taught = false;
    const code = await openBench(options, io, () => void (taught = true));
    // A station that was taught begins anew, with the ports of its new map.
    if (!taught) return code;
  }
}

async function openBench(options: ScreenOptions, io: Io, taught: () => void): Promise<number> {
  const { station, profile, batch } = options;
  const bench = station === null ? null : stationOf(station);
  const byCode = bench !== null && bench.rules.orders !== null && profile === null && batch === null;
  const missing = [
    ...(station === null ? ["--station FILE"] : []),
    ...(profile === null && !byCode ? ["--profile FILE"] : []),
    ...(batch === null && !byCode ? ["--batch ID"] : []),
  ];
  if (bench === null || missing.length > 0)
    throw new CommandError(
      `${missing.join(", ")} missing: the screen needs all three, or none for the demonstration`,
    );
  const recipe = profile === null ? null : await profileOf(profile, io);
  const id = batch === null ? null : batchId(batch);
  if (recipe !== null) {
    refuseAlone(recipe, bench);
    refuseOverlap(recipe, bench);
  }
  await refuseUnfit(bench.slots, recipe?.chip ?? null);
  // A mistake in the label's file is told before the books are touched.
  const labels = labelDesk(bench);
  const { name, timezone } = bench;
  using store = openStore(options.data, { mode: "owner", station: name, timezone, toolVersion });
  beginOutbox(bench, store);
  store.recover();
  void store.keepSpareRoom();
  using bus = bench.slots.some(({ port }) => port.kind === "usb") ? watchUsb() : null;
  const work =
    recipe === null || id === null ? null : workOf(store, bench, recipe, id, options.operator, null);
  // Of what is scanned later the chip is known when its order is open.
  let making = recipe;
  const placeOf = benchOf(() => making?.chip ?? null, undefined, bus);
  const opened = (next: Work): void => void (making = next.order.profile);
  const entersItself = (slot: Slot): boolean => (slot.entry ?? making?.entry ?? none).kind !== "none";
  const teach = station === null ? null : { file: station, taught };
  const shown: Shown = { ...plainShown, placeOf, bus, entersItself, work, opened, teach, labels };
  return await show(store, bench, shown, options, io);
}

async function demonstrate(options: ScreenOptions, io: Io): Promise<number> {
  const bench = stationOf(demonstration.station);
  const recipe = await profileOf(demonstration.profile, io);
  using folder = temporaryFolder();
  const { name, timezone } = bench;
  using store = openStore(folder.path, { mode: "owner", station: name, timezone, toolVersion });
  releaseDemonstration(store, recipe);
  const { batch: id, barcodes: offered, quantity } = demonstration;
  const placeOf = benchOf(() => recipe.chip, demonstrationMishap);
  const who = { ...options, operator: options.operator ?? "demonstration" };
  const work = workOf(store, bench, recipe, id, who.operator, quantity);
  const code = await show(store, bench, { ...plainShown, placeOf, offered, work, rehearsal: true }, who, io);
  const counts = store.batchCounts(id);
  io.out(
    `Demonstration: ${counts?.passed ?? 0} boards passed, ${counts?.failed ?? 0} did not. Its records are removed.`,
  );
  io.out("Your own bench: see stations/ and profiles/ for files to copy, and gangflash --help.");
  return code;
}
