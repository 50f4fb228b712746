import { Fault } from "../../model/fault.ts";
import type { DeviceFamily } from "../../model/family.ts";
import type { Sector } from "../../model/memory.ts";
import { eraseCommands, sectorsTouched } from "../../plan/erase.ts";
import { again } from "../again.ts";
import { knownChip, note, progress, type AttemptState, type Step } from "../attempt-state.ts";
import { isErased, worthLooking } from "../blank-sectors.ts";
import { typicalEraseMs } from "../typical-erase.ts";

/** Program width in bytes for a supply: through 0xFFFF0000 at 2.7 V and above, else byte by byte (AN2606, 4.4). */
const wordWidthVolts = 2.7;

/** Erases what is touched and not erased already, or all of the chip where the profile says so; how many bytes it erased. */
export const erase: Step = async function* (state, signal) {
  const { loader, job } = state;
  const { family, map } = knownChip(state);
  const remark = await widen(state, signal);
  if (remark !== null) yield note(remark);
  const sectors =
    job.profile.erase === "all" ? map.sectors : sectorsTouched(map, state.patched?.segments ?? []);
  const total = sectors.reduce((sum, sector) => sum + sector.size, 0);
  if (total === map.flashBytes && job.profile.erase === "all" && family.loaderMassErase) {
    await again(state, () => loader.eraseAll(signal));
    return total;
  }
  refuseBankTwo(family, loader.wire, map.layoutId, sectors.at(-1)?.index ?? 0, map.sectors.length);
  let done = 0;
  const written: Sector[] = [];
  for (const sector of sectors) {
    if (worthLooking(state, sector) && (await isErased(state, sector, signal))) {
      done += sector.size;
      yield progress("erase", done, total);
    } else written.push(sector);
  }
  for (const command of eraseCommands(written, loader.unitsPerErase, (size) =>
    typicalEraseMs(family, size),
  )) {
    await again(state, () => loader.erase(command, signal));
    done += command.reduce((sum, sector) => sum + sector.size, 0);
    yield progress("erase", done, total);
  }
  return written.reduce((sum, sector) => sum + sector.size, 0);
};

/** Sets the program width where chip, wire and supply allow it; the remark that belongs in the record, or `null`. */
async function widen(state: AttemptState, signal: AbortSignal): Promise<string | null> {
  const { family } = knownChip(state);
  const { supply } = state.job;
  if (family.deviceFeature === null || state.loader.wire === "usb") return null;
  if (supply === null || supply < wordWidthVolts) return null;
  try {
    await state.loader.write(family.deviceFeature, Uint8Array.of(0x03, 0xff, 0xff, 0xff), signal);
    return null;
  } catch (error) {
    // It is worth time only: a loader that does not know it writes byte by byte.
    if (error instanceof Fault && error.code === "CHIP_REFUSED")
      return "this loader does not take a program width: written byte by byte";
    throw error;
  }
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
