import type { Station } from "../model/station.ts";
import type { Profile } from "../model/profile.ts";
import { runStation, type StationOptions } from "../station/run-station.ts";
import { realmOf } from "../station/order.ts";
import { colourMode } from "../ui/theme.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import { benchOf, refuseUnfit } from "./bench.ts";
import { CommandError } from "./complain.ts";
import {
  demonstration,
  demonstrationMishap,
  releaseDemonstration,
  temporaryFolder,
} from "./demonstration.ts";
import { exitCodes } from "./exit-codes.ts";
import { interruptCode, type Io } from "./io.ts";
import { openLog } from "./log.ts";
import { batchId, openOrder, profileOf, stationOf } from "./open-order.ts";
import { person } from "./person.ts";
import { toolVersion } from "./version.ts";

export interface ScreenOptions {
  readonly station: string | null;
  readonly profile: string | null;
  readonly batch: string | null;
  readonly operator: string | null;
  readonly data: string;
  readonly color: boolean;
}

/** The operator's screen, on the station's files or on the demonstration tray. */
export async function screenCommand(options: ScreenOptions, io: Io): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new CommandError("the operator's screen needs a terminal; without one: gangflash run --help");
  const { station, profile, batch } = options;
  if (station === null && profile === null && batch === null) return await demonstrate(options, io);
  const missing = [
    ...(station === null ? ["--station FILE"] : []),
    ...(profile === null ? ["--profile FILE"] : []),
    ...(batch === null ? ["--batch ID"] : []),
  ];
  if (station === null || profile === null || batch === null)
    throw new CommandError(
      `${missing.join(", ")} missing: the screen needs all three, or none for the demonstration`,
    );
  const bench = stationOf(station);
  const recipe = await profileOf(profile, io);
  const id = batchId(batch);
  await refuseUnfit(bench.slots, recipe.chip);
  const { name, timezone } = bench;
  using store = openStore(options.data, { mode: "owner", station: name, timezone, toolVersion });
  store.recover();
  return await show(
    store,
    bench,
    recipe,
    { id, offered: [], quantity: null, placeOf: benchOf(recipe.chip) },
    options,
    io,
  );
}

async function demonstrate(options: ScreenOptions, io: Io): Promise<number> {
  const bench = stationOf(demonstration.station);
  const recipe = await profileOf(demonstration.profile, io);
  using folder = temporaryFolder();
  const { name, timezone } = bench;
  using store = openStore(folder.path, { mode: "owner", station: name, timezone, toolVersion });
  releaseDemonstration(store, recipe);
  const { batch: id, barcodes: offered, quantity } = demonstration;
  const placeOf = benchOf(recipe.chip, demonstrationMishap);
  const who = { ...options, operator: options.operator ?? "demonstration" };
  const code = await show(store, bench, recipe, { id, offered, quantity, placeOf }, who, io);
  const counts = store.batchCounts(id);
  io.out(
    `Demonstration: ${counts?.passed ?? 0} boards passed, ${counts?.failed ?? 0} did not. Its records are removed.`,
  );
  io.out("Your own bench: see stations/ and profiles/ for files to copy, and gangflash --help.");
  return code;
}

interface Shown {
  readonly id: string;
  readonly offered: readonly string[];
  readonly quantity: number | null;
  readonly placeOf: StationOptions["placeOf"];
}

async function show(
  store: Store,
  bench: Station,
  recipe: Profile,
  shown: Shown,
  options: ScreenOptions,
  io: Io,
): Promise<number> {
  // Before Ink is loaded: it reads neither NO_COLOR nor our own word, and React has a slow form for programmers.
  const colour = options.color ? colourMode(process.env) : "none";
  if (colour === "none") process.env["FORCE_COLOR"] = "0";
  process.env["NODE_ENV"] ??= "production";
  const { mountScreen } = await import("../ui/app.tsx");
  const log = openLog(store.folder, toolVersion);
  const order = openOrder(store, bench, recipe, shown.id, person(options.operator));
  const simulated = bench.slots.some((slot) => realmOf(slot) === "sim");
  const running = runStation({
    order,
    books: store,
    placeOf: shown.placeOf,
    quantity: store.findBatch(shown.id)?.quantity ?? shown.quantity,
    mode: simulated ? "rehearsal" : order.trial ? "trial" : "production",
    offered: shown.offered,
    signal: io.signal,
  });
  log.info(
    { station: bench.name, batch: order.batch, profile: recipe.name, revision: recipe.revision },
    "screen opened",
  );
  process.on("SIGHUP", () => running.abandon());
  const screen = mountScreen({
    stdin: process.stdin,
    stdout: process.stdout,
    view: () => running.view(),
    subscribe: (changed) => running.subscribe(changed),
    send: (input) => running.send(input),
    colour,
  });
  try {
    await running.left;
  } finally {
    screen.stop();
    await screen.done;
  }
  log.info({ counts: store.batchCounts(order.batch) }, "screen left");
  return interruptCode(io.signal) ?? exitCodes.ok;
}
