import { chipTable } from "../../family/table.ts";
import { peekBoard, readBoard } from "../../job/read-board.ts";
import type { Profile } from "../../model/profile.ts";
import type { Slot, Station } from "../../model/station.ts";
import type { LanguageCode } from "../../model/view.ts";
import { realmOf, type PlaceOf } from "../../station/order.ts";
import { runStation } from "../../station/run-station.ts";
import type { Books } from "../../station/books.ts";
import type { StationOptions, Work } from "../../station/running-station.ts";
import type { Store } from "../../store/store.ts";
import { readSerialScanner } from "../../transport/serial/serial-scanner.ts";
import type { UsbWatch } from "../../transport/usb/usb-bus.ts";
import { colourMode } from "../../ui/theme.ts";
import { exitCodes } from "../exit-codes.ts";
import { unitFinder } from "./find-unit.ts";
import { stationChecks } from "../fit/fit.ts";
import { interruptCode, type Io } from "../io.ts";
import { logMistake, openLog } from "../log.ts";
import { openOrder } from "../order/open-order.ts";
import { startOutbox } from "../outbox/outbox-sender.ts";
import { openByCode } from "../order/order-desk.ts";
import type { LabelDesk } from "../../model/label.ts";
import { person } from "../person.ts";
import { signalCommands } from "./signal-commands.ts";
import { teacherOf } from "./teach.ts";
import { steadyHeap } from "./steady-heap.ts";
import { toolVersion } from "../version.ts";
import { publishView } from "../watch/watch-publish.ts";
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
  const { mountScreen } = await import("../../ui/app.ts");
  const reader = options.reader === true || process.env["INK_SCREEN_READER"] === "true";
  const log = openLog(store.folder, toolVersion);
  const { rules } = bench;
  // Practice tells nobody.
  using outbox = shown.rehearsal ? null : startOutbox(bench, store, log);
  const books = outbox?.books ?? store;
  const running = runStation(
    stationOptions({ store, books, bench, shown, operator: options.operator, log, io }),
  );
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
  log.info({ station: bench.name, batch: shown.work?.order.batch ?? null }, "screen opened");
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
    speak: reader ? (await import("../../ui/reader.tsx")).speakLines : null,
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

interface Cast {
  readonly store: Store;
  /** What the station writes to. */
  readonly books: Books;
  readonly bench: Station;
  readonly shown: Shown;
  readonly operator: string | null;
  readonly log: ReturnType<typeof openLog>;
  readonly io: Io;
}

/** The station of a screen: its boards, its books and what people may ask of both. */
function stationOptions({ store, books, bench, shown, operator, log, io }: Cast): StationOptions {
  const { bus, work } = shown;
  const { rules } = bench;
  return {
    station: bench,
    books,
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
    operator: rules.login === "none" ? { name: person(operator), role: null } : null,
    boards: shown.rehearsal
      ? "rehearsal"
      : bench.slots.every((slot) => realmOf(slot) === "sim")
        ? "simulated"
        : "real",
    offered: shown.offered,
    watch: bus === null ? null : (seen) => watchSlots(bench.slots, bus, seen, shown.entersItself),
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
  };
}
