import { join } from "node:path";
import { simulatedWires } from "../../family/table.ts";
import { plainRules } from "../../model/bench-rules.ts";
import type { Mishap } from "../../model/mishap.ts";
import { wireOf } from "../../model/port.ts";
import type { Profile } from "../../model/profile.ts";
import type { Slot, Station } from "../../model/station.ts";
import { cleanText } from "../../lib/clean-text.ts";
import { openStore } from "../../store/open-store.ts";
import { benchOf } from "../bench/bench.ts";
import { CommandError } from "../complain.ts";
import type { Io } from "../io.ts";
import { mishapOfWords, wordsOfMishap } from "../simulate/mishap-words.ts";
import { profileOf, stationOf } from "../order/open-order.ts";
import { plainShown, show, workOf } from "./show-screen.ts";
import { toolVersion } from "../version.ts";

export interface RehearseOptions {
  readonly station: string;
  readonly profile: string;
  /** `SLOT=PLAN`, such as `A2=pullAt=4096`. */
  readonly mishaps: readonly string[];
  readonly quantity: number | null;
  readonly operator: string | null;
  readonly data: string;
  readonly color: boolean;
}

/** Troubles that F8 goes through, one for the next board each. */
export const commonMishaps: readonly Mishap[] = [
  { pullAt: 4096 },
  { flipBit: 3000 },
  { muteAfter: 0 },
  { noiseRead: 2 },
  { wrongChip: true },
  { protected: true },
  { swapAt: 4096 },
];

/**
 * `rehearse --station F --profile F`: the same screen and engine, simulated boards in the same slots. Its records lie in
 * a folder of their own below the data folder, and each says that its board was simulated.
 */
export async function rehearseCommand(options: RehearseOptions, io: Io): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new CommandError("a rehearsal needs a terminal: it is the operator's screen");
  // Nobody is the second person in a rehearsal.
  const recipe = { ...(await profileOf(options.profile, io)), firstArticle: false };
  const planned = rehearsalOf(stationOf(options.station), recipe, options.mishaps);
  const { name, timezone } = planned;
  const data = join(options.data, "rehearsal");
  using store = openStore(data, { mode: "owner", station: name, timezone, toolVersion });
  store.recover();
  let next = -1;
  let due: Mishap | null = null;
  const mishapOf = (slot: Slot): Mishap => {
    const trouble = due ?? slot.mishap;
    due = null;
    return trouble;
  };
  // After the last one comes none, so that a wrong press can be taken back.
  const nextMishap = (): string => {
    next = (next + 1) % (commonMishaps.length + 1);
    due = commonMishaps[next] ?? null;
    return due === null ? "" : wordsOfMishap(due);
  };
  const batch = `REHEARSAL-${new Date().toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}`;
  const work = workOf(store, planned, recipe, batch, options.operator, options.quantity);
  const placeOf = benchOf(() => recipe.chip, mishapOf);
  const shown = { ...plainShown, placeOf, work, nextMishap, rehearsal: true };
  const code = await show(store, planned, shown, options, io);
  const counts = store.batchCounts(batch);
  io.out(`Rehearsal: ${counts?.passed ?? 0} boards passed, ${counts?.failed ?? 0} did not. Its records:`);
  io.out(`gangflash report ${batch} --data ${data}`);
  return code;
}

/** The bench with a simulated board in each slot, of the profile's chip and the slot's wire where its loader has it. */
export function rehearsalOf(station: Station, profile: Profile, mishaps: readonly string[]): Station {
  const chip = profile.chip.name;
  const wires = simulatedWires(chip);
  const plans = new Map(mishaps.map((text) => planOf(text, station)));
  const slots = station.slots.map((slot): Slot => {
    const own = wireOf(slot.port);
    const wire = wires.find((one) => one === own) ?? wires[0];
    if (wire === undefined)
      throw new CommandError(`no simulated ${chip} is known, so that nothing can be rehearsed`);
    return {
      ...slot,
      port: { kind: "sim", chip, wire },
      entry: null,
      pace: "real",
      mishap: plans.get(slot.name) ?? {},
    };
  });
  const { language, run, start, scans } = station.rules;
  // Nobody logs in, no light is switched, nothing is sent: it is for practice.
  return {
    ...station,
    slots,
    rules: { ...plainRules, language, run, start: start === "insert" ? "enter" : start, scans },
  };
}

function planOf(text: string, station: Station): [string, Mishap] {
  const equals = text.indexOf("=");
  const name = text.slice(0, Math.max(0, equals));
  if (!station.slots.some((slot) => slot.name === name)) {
    const found = cleanText(text, 60);
    if (equals <= 0)
      throw new CommandError(`--mishap: "${found}" found, SLOT=PLAN such as A2=pullAt=4096 was expected`);
    const slots = station.slots.map((slot) => slot.name).join(", ");
    throw new CommandError(
      `--mishap: "${found}": station ${station.name} has no slot "${name}", only ${slots}`,
    );
  }
  const plan = mishapOfWords(text.slice(equals + 1));
  if (typeof plan === "string") throw new CommandError(`--mishap: ${name}: ${plan}`);
  return [name, plan];
}
