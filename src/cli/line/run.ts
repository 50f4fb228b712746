import { cleanText, isClean } from "../../lib/clean-text.ts";
import { didYouMean, nearest } from "../../lib/nearest.ts";
import { openStore } from "../../store/open-store.ts";
import type { Store } from "../../store/store.ts";
import type { Station } from "../../model/station.ts";
import type { Profile } from "../../model/profile.ts";
import { realmOf, type UnitStart } from "../../station/order.ts";
import { starter, UnitDataError } from "../../station/start-gang.ts";
import { benchOf, occupiedSlots, refuseUnfit, twinSerials } from "../bench/bench.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptCode, type Io } from "../io.ts";
import { logMistake, openLog } from "../log.ts";
import { beginOutbox, startOutbox, type Outbox } from "../outbox/outbox-sender.ts";
import { batchId, planOrder, profileOf, stationOf } from "../order/open-order.ts";
import { panelBarcode, unknownPlace } from "../../model/panel-barcode.ts";
import { labelDesk } from "../papers/label-desk.ts";
import { labelDeed, type LabelDesk } from "../../model/label.ts";
import type { AttemptRecord } from "../../model/attempt.ts";
import { person } from "../person.ts";
import { refuseBarred, withoutRetired } from "./refuse-barred.ts";
import { runVoice, type RunVoice } from "./run-voice.ts";
import { steadyHeap } from "./steady-heap.ts";
import { toolVersion } from "../version.ts";

export interface RunOptions {
  readonly station: string;
  readonly profile: string;
  readonly batch: string;
  /** `SLOT=BARCODE`, one a unit. */
  readonly units: readonly string[];
  /** Every occupied slot; barcodes come from `panel`. */
  readonly all: boolean;
  readonly panel: string | null;
  readonly rework: string | null;
  readonly operator: string | null;
  readonly data: string;
}

/** One gang run without a screen: the same engine, a line an event, an exit code. */
export async function runCommand(options: RunOptions, io: Io): Promise<number> {
  const station = stationOf(options.station);
  const profile = await profileOf(options.profile, io);
  const batch = batchId(options.batch);
  const asked = await unitsOf(options, station, profile);
  await refuseUnfit(
    asked.map(({ slot }) => slot),
    profile.chip,
  );
  const { name, timezone } = station;
  // A mistake in the label's file is told before the books are touched.
  const labels = labelDesk(station);
  using store = openStore(options.data, { mode: "owner", station: name, timezone, toolVersion });
  using _heap = steadyHeap();
  beginOutbox(station, store);
  for (const record of store.recover().attempts)
    io.err(
      `note: ${record.barcode} in ${record.slot} was cut off by the last stop of the station and is recorded as ABORTED`,
    );
  void store.keepSpareRoom();
  const units = withoutRetired(station, store, asked, options.all);
  refusePassed(store, batch, units, options.rework);
  const { order, open } = planOrder(store, station, profile, batch, person(options.operator));
  refuseBarred(order, store, units);
  const voice = runVoice(io, order, units);
  const log = openLog(store.folder, toolVersion);
  log.info(
    { station: name, batch, profile: profile.name, revision: profile.revision, units: units.length },
    "run",
  );
  using outbox = startOutbox(station, store, log);
  const begin = performance.now();
  try {
    const running = starter(
      () => order,
      outbox?.books ?? store,
      benchOf(() => profile.chip),
      // A gang that is refused leaves no work order behind.
      open,
    ).start(units, (unit, event) => voice.happened(unit, event), io.signal);
    voice.began();
    for (const warning of await twinSerials(units.map(({ slot }) => slot))) voice.warning(warning);
    const results = await Promise.all(
      running.map(async (one) => {
        const result = await one.result;
        voice.ended(one, result);
        if (labels !== null && result.record?.outcome.kind === "PASS")
          await printLabel(labels, result.record, order.operator, store, voice);
        const { slot, barcode } = one.unit;
        log.info({ slot: slot.name, port: slot.port, barcode, outcome: result.outcome }, "unit ended");
        return result.outcome.kind;
      }),
    );
    const passed = results.filter((kind) => kind === "PASS").length;
    const skipped = results.filter((kind) => kind === "SKIPPED").length;
    const failed = results.length - passed - skipped;
    logMistake(log, io.signal);
    if (store.spareRoomIsSpent())
      io.err(
        `note: the disk of ${store.folder} is full; these boards were finished with the room that was kept for them. Make room before the next run`,
      );
    voice.summary({ passed, failed, skipped, ms: Math.round(performance.now() - begin) });
    const code = interruptCode(io.signal) ?? (failed > 0 ? exitCodes.failed : exitCodes.ok);
    if (outbox !== null) await sendRest(outbox, io);
    return code;
  } catch (error) {
    if (error instanceof UnitDataError)
      throw new CommandError(`${error.unit.slot.name}=${cleanText(error.unit.barcode)}: ${error.message}`);
    throw error;
  }
}

/** What a run gives its last messages, ms; what is left goes with the next one. */
const restMs = 2000;

async function sendRest(outbox: Outbox, io: Io): Promise<void> {
  await outbox.settle(restMs, io.signal);
  for (const { name, state } of outbox.states()) {
    if (state.kind === "idle" || io.signal.aborted) continue;
    const why = state.kind === "sending" ? "" : ` (${state.why})`;
    io.err(`note: messages wait for ${name}${why}; the next run sends them, or gangflash outbox send`);
  }
}

/** A printer that is off spoils no pass: its label is printed later with `gangflash label`. */
async function printLabel(
  labels: LabelDesk,
  record: AttemptRecord,
  by: string,
  store: Store,
  voice: RunVoice,
): Promise<void> {
  const printed = await labels.print(record);
  voice.labelled(record, printed);
  if (printed.kind === "printed")
    store.record(labelDeed("label-printed", { ...printed, record }, by, new Date()));
}

async function unitsOf(options: RunOptions, station: Station, profile: Profile): Promise<UnitStart[]> {
  if (options.all === options.units.length > 0)
    throw new CommandError(
      options.all
        ? "--all and --unit were both given, one of them was expected"
        : "no unit: --unit SLOT=BARCODE or --all --panel CODE was expected",
    );
  if (!options.all && options.panel !== null) throw new CommandError("--panel was given without --all");
  const units = options.all
    ? await allUnits(options, station, profile)
    : options.units.map((text) => unitOf(text, station, options.rework));
  for (const [i, unit] of units.entries()) {
    refuseBarcode(unit, profile);
    const before = units.slice(0, i);
    if (before.some(({ slot }) => slot.name === unit.slot.name))
      throw new CommandError(`--unit: slot ${unit.slot.name} stands there twice`);
    if (before.some(({ barcode }) => barcode === unit.barcode))
      throw new CommandError(
        `${unit.panel === null ? "--unit" : "--panel"}: barcode ${cleanText(unit.barcode)} stands there twice`,
      );
  }
  return units;
}

function unitOf(text: string, station: Station, reworkReason: string | null): UnitStart {
  const equals = text.indexOf("=");
  if (equals <= 0)
    throw new CommandError(`--unit: "${cleanText(text, 60)}" found, SLOT=BARCODE was expected`);
  const name = text.slice(0, equals);
  const slot = station.slots.find((one) => one.name === name);
  if (slot === undefined) {
    const names = station.slots.map((one) => one.name);
    const hint = didYouMean(nearest(name, names), `station ${station.name} has ${names.join(", ")}`);
    throw new CommandError(`--unit: there is no slot "${cleanText(name, 40)}", ${hint}`);
  }
  return { slot, barcode: text.slice(equals + 1), panel: null, reworkReason };
}

async function allUnits(options: RunOptions, station: Station, profile: Profile): Promise<UnitStart[]> {
  const { panel } = options;
  if (panel === null)
    throw new CommandError("--all: --panel CODE was expected, barcodes are derived from it");
  if (panel === "")
    throw new CommandError('--panel: "" found, the code of a panel was expected, such as P-17-{n:02}');
  const unknown = unknownPlace(panel);
  if (unknown !== null)
    throw new CommandError(
      `--panel: "${cleanText(unknown, 40)}" found, {slot}, {n} or {n:02} was expected for the place`,
    );
  const there = await occupiedSlots(station.slots, profile.chip);
  const occupied = station.slots
    .map((slot, i) => ({ slot, place: i + 1 }))
    .filter(({ slot }) => there.has(slot));
  if (occupied.length === 0)
    throw new CommandError(`no slot of station ${station.name} has its port here`, exitCodes.unfit);
  return occupied.map(({ slot, place }) => ({
    slot,
    barcode: panelBarcode(panel, slot.name, place),
    panel,
    reworkReason: options.rework,
  }));
}

function refuseBarcode({ slot, barcode, panel }: UnitStart, profile: Profile): void {
  const from = panel === null ? "--unit" : "--panel";
  const shown = `${slot.name}="${cleanText(barcode, 60)}"`;
  if (!isClean(barcode) || barcode.trim() !== barcode || barcode.length > 100)
    throw new CommandError(
      `${from}: ${shown} found, a barcode of 1 to 100 visible characters was expected, no space at its ends`,
    );
  if (profile.barcode !== null && !profile.barcode.test(barcode))
    throw new CommandError(
      `${from}: ${shown} found, profile ${profile.name} expects ${profile.barcode.source}`,
    );
}

function refusePassed(store: Store, batch: string, units: readonly UnitStart[], rework: string | null): void {
  if (rework !== null) {
    if (!isClean(rework)) throw new CommandError("--rework: a reason in words was expected");
    return;
  }
  for (const { slot, barcode } of units)
    if (store.passedInBatch(batch, barcode, realmOf(slot)))
      throw new CommandError(
        `${barcode} has passed in batch ${batch} already; --rework REASON makes it again`,
      );
}
