import { chipTable } from "../family/table.ts";
import { peekBoard, readBoard } from "../job/read-board.ts";
import type { Profile } from "../model/profile.ts";
import type { Slot, Station } from "../model/station.ts";
import type { LanguageCode } from "../model/view.ts";
import { realmOf, type PlaceOf } from "../station/order.ts";
import { runStation } from "../station/run-station.ts";
import type { Work } from "../station/running-station.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";
import { readSerialScanner } from "../transport/serial-scanner.ts";
import { usbKind, watchUsb, type UsbWatch } from "../transport/usb-bus.ts";
import { colourMode } from "../ui/theme.ts";
import { benchOf, refuseUnfit } from "./bench.ts";
import { CommandError } from "./complain.ts";
import {
  demonstration,
  demonstrationMishap,
  releaseDemonstration,
  temporaryFolder,
} from "./demonstration.ts";
import { exitCodes } from "./exit-codes.ts";
import { unitFinder } from "./find-unit.ts";
import { stationChecks } from "./fit.ts";
import { interruptCode, type Io } from "./io.ts";
import { logMistake, openLog } from "./log.ts";
import { batchId, openOrder, profileOf, stationOf } from "./open-order.ts";
import { beginOutbox, startOutbox } from "./outbox-sender.ts";
import { openByCode, refuseAlone, refuseOverlap } from "./order-desk.ts";
import type { LabelDesk } from "../model/label.ts";
import { labelDesk } from "./label-desk.ts";
import { person } from "./person.ts";
import { signalCommands } from "./signal-commands.ts";
import { teacherOf } from "./teach.ts";
import { steadyHeap } from "./steady-heap.ts";
import { toolVersion } from "./version.ts";
import { publishView } from "./watch-publish.ts";
import { watchSlots } from "./watch-slots.ts";

export interface ScreenOptions {
  readonly station: string | null;
  readonly profile: string | null;
  readonly batch: string | null;
  readonly operator: string | null;
  readonly data: string;
  readonly color: boolean;
  /** Instead of the station file's. */
  readonly language?: LanguageCode | null;
  /** Plain lines for a screen reader; INK_SCREEN_READER=true says the same. */
  readonly reader?: boolean;
}

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

/** What a screen is put on. */
export interface Shown {
  readonly placeOf: PlaceOf;
  /** The USB bus that slots are watched on; `null`: nobody looks. */
  readonly bus: UsbWatch | null;
  /** The board of this slot may lie there with its program running. */
  readonly entersItself: (slot: Slot) => boolean;
  /** `null`: orders are scanned. */
  readonly work: Work | null;
  readonly offered: readonly string[];
  /** Practice: its books are not the station's. */
  readonly rehearsal: boolean;
  readonly nextMishap: (() => string) | null;
  /** `null`: a pass prints nothing. */
  readonly labels: LabelDesk | null;
  /** The station's own file, and what follows when its map was written; `null`: it cannot be taught. */
  readonly teach: { readonly file: string; readonly taught: () => void } | null;
  /** An order was opened by its code. */
  readonly opened: (work: Work) => void;
}
const none = { kind: "none" } as const;
export const plainShown = {
  bus: null,
  entersItself: () => false,
  offered: [],
  rehearsal: false,
  nextMishap: null,
  labels: null,
  teach: null,
  opened: () => {},
} as const;

/** The order that the command line names. */
export function workOf(
  store: Store,
  bench: Station,
  recipe: Profile,
  id: string,
  operator: string | null,
  quantity: number | null,
): Work {
  const order = openOrder(store, bench, recipe, id, person(operator));
  return { order, quantity: store.findBatch(id)?.quantity ?? quantity };
}

/** Puts the screen on a station until it is left. */
export async function show(
  store: Store,
  bench: Station,
  shown: Shown,
  options: Pick<ScreenOptions, "operator" | "color" | "language" | "reader">,
  io: Io,
): Promise<number> {
  const colour = options.color ? colourMode(process.env) : "none";
  const { mountScreen } = await import("../ui/app.ts");
  const reader = options.reader === true || process.env["INK_SCREEN_READER"] === "true";
  const log = openLog(store.folder, toolVersion);
  const { bus, work } = shown;
  const { rules } = bench;
  // Practice tells nobody.
  using outbox = shown.rehearsal ? null : startOutbox(bench, store, log);
  const running = runStation({
    station: bench,
    books: outbox?.books ?? store,
    placeOf: shown.placeOf,
    work,
    openWork:
      work === null
        ? async (text, by) => {
            const opened = await openByCode(text, by, bench, store, io);
            if ("order" in opened) shown.opened(opened);
            return opened;
          }
        : null,
    operator: rules.login === "none" ? { name: person(options.operator), role: null } : null,
    boards: shown.rehearsal
      ? "rehearsal"
      : bench.slots.every((slot) => realmOf(slot) === "sim")
        ? "simulated"
        : "real",
    offered: shown.offered,
    watch:
      bus === null ? null : (seen) => watchSlots(bench.slots, bus, seen, shown.entersItself, usbKind, true),
    peek: async (slot, order, signal) =>
      await peekBoard(shown.placeOf(slot, ""), order?.profile.chip ?? null, chipTable, signal),
    readBoard: async (slot, order, barcode, progress, signal) =>
      await readBoard(
        shown.placeOf(slot, barcode),
        { choice: order.profile.chip, base: order.base, data: order.profile.data },
        order.table,
        progress,
        signal,
      ),
    findUnit: unitFinder(store),
    labels: shown.labels,
    teach:
      shown.teach === null
        ? null
        : teacherOf(shown.teach.file, shown.teach.taught, (why) => log.warn({ why }, "teach-in failed")),
    checks: async () => await stationChecks(bench, store, work?.order.profile.chip ?? null),
    signalled: signalCommands(rules.signals, (signal, why) => log.warn({ signal, why }, "signal failed")),
    nextMishap: shown.nextMishap,
    signal: io.signal,
  });
  const { scanner } = rules;
  using _scanner =
    scanner === null
      ? null
      : readSerialScanner(
          scanner.device,
          scanner.baud,
          (text) => running.send({ type: "scanned", text }),
          (there, why) => log.info({ device: scanner.device, there, why }, "scanner"),
        );
  log.info({ station: bench.name, batch: work?.order.batch ?? null }, "screen opened");
  const hungUp = (): void => running.abandon();
  process.on("SIGHUP", hungUp);
  const screen = mountScreen({
    stdin: process.stdin,
    stdout: io.stdout,
    view: () => running.view(),
    subscribe: (changed) => running.subscribe(changed),
    send: (input) => running.send(input),
    colour,
    language: options.language ?? null,
    term: process.env["TERM"] ?? "",
    speak: reader ? (await import("../ui/reader.tsx")).speakLines : null,
  });
  using _heap = steadyHeap();
  using _watched = publishView(store.folder, running, (error) =>
    log.warn({ why: error.message }, "nobody can watch"),
  );
  try {
    await running.left;
  } finally {
    screen.stop();
    await screen.done;
    process.off("SIGHUP", hungUp);
  }
  logMistake(log, io.signal);
  const last = running.view().batch;
  log.info({ batch: last?.id ?? null, counts: last?.counts ?? null }, "screen left");
  return interruptCode(io.signal) ?? exitCodes.ok;
}
