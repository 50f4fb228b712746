import { Fault } from "../../model/fault.ts";
import type { DeviceFamily } from "../../model/family.ts";
import { eraseCommands, sectorsTouched } from "../../plan/erase.ts";
import { knownChip, note, progress, type AttemptState, type Step } from "../attempt-state.ts";

/** Program width in bytes for a supply: through 0xFFFF0000 at 2.7 V and above, else byte by byte (AN2606, 4.4). */
const wordWidthVolts = 2.7;

/** Erases what is touched, or all of the chip where the profile says so. */
export const erase: Step = async function* (state, signal) {
  const { loader, job } = state;
  const { family, map } = knownChip(state);
  if (await widen(state, signal)) yield note("program width set to 32 bits");
  const sectors =
    job.profile.erase === "all" ? map.sectors : sectorsTouched(map, state.patched?.segments ?? []);
  const total = sectors.reduce((sum, sector) => sum + sector.size, 0);
  if (total === map.flashBytes && job.profile.erase === "all" && family.loaderMassErase) {
    await loader.eraseAll(signal);
    return total;
  }
  refuseBankTwo(family, loader.wire, map.layoutId, sectors.at(-1)?.index ?? 0, map.sectors.length);
  let done = 0;
  for (const command of eraseCommands(sectors, loader.unitsPerErase, (size) =>
    typicalEraseMs(family, size),
  )) {
    await loader.erase(command, signal);
    done += command.reduce((sum, sector) => sum + sector.size, 0);
    yield progress("erase", done, total);
  }
  return done;
};

export function typicalEraseMs(family: DeviceFamily, size: number): number {
  const rows = family.times.erase;
  return (rows.find((row) => row.size === size) ?? rows[0])?.typMs ?? 30;
}

async function widen(state: AttemptState, signal: AbortSignal): Promise<boolean> {
  const { family } = knownChip(state);
  const { supply } = state.job;
  if (family.deviceFeature === null || state.loader.wire === "usb") return false;
  if (supply === null || supply < wordWidthVolts) return false;
  await state.loader.write(family.deviceFeature, Uint8Array.of(0x03, 0xff, 0xff, 0xff), signal);
  return true;
}

// F42 and F76: USB erases of bank 2 hit nothing, or another sector. Better no board than a wrong one.
function refuseBankTwo(
  family: DeviceFamily,
  wire: string,
  layout: string,
  last: number,
  count: number,
): void {
  const broken = wire === "usb" && family.quirks.has("dfu-bank2-erase-broken") && layout.startsWith("dual");
  if (broken && last >= count / 2)
    throw new Fault(
      "LOADER_FAULT",
      `${family.name} cannot erase its second bank over USB: use UART or CAN, or "erase: all"`,
    );
}
