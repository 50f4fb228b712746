import type { DeviceFamily, Range } from "../model/family.ts";
import { dfuStrings } from "./dfu-strings.ts";
import type { DeviceFacts, Facts } from "./facts.ts";
import { issuesOf, quirksOf } from "./issues.ts";
import { mapFor } from "./maps.ts";
import { deadlinesOf, flashTimes } from "./timing.ts";

/** Time from reset to a listening loader where no source gives one, ms. */
const unknownBootMs = 100;

/** Faults that make the loader's RAM useless to a host. */
const ramFaults = new Set(["l031-no-sram", "l47-sram"]);

/**
 * One loader as everything else sees it. `bootloaderId`: what was read from the chip; `null` where it cannot be read,
 * which leaves every fault of the variant possible.
 */
export function familyFor(
  device: DeviceFacts,
  bootloaderId: number | null,
  factory: ReadonlyMap<string, number>,
  facts: Facts,
): DeviceFamily {
  const issues = issuesOf(device, bootloaderId, facts);
  const quirks = quirksOf(device, issues);
  const times = flashTimes(device, timingOf(device, facts));
  const largest = mapFor(device, device.flash.maxBytes / 1024, new Map(), factory);
  const { flash } = device;
  return {
    key: device.key,
    productId: device.productId,
    bootloaderId: knownId(device, bootloaderId) ?? device.bootloaderId,
    bootloaderIdAddress: device.bootloaderIdAddress,
    // The loader variant behind the name stands in the key.
    name: device.name.replace(/ \(.*\)$/, ""),
    family: device.family,
    flashStart: flash.start,
    maxFlashBytes: flash.maxBytes,
    knownSizesKiB: flash.knownSizesKiB,
    flashSizeRegister: flash.sizeRegister,
    erasedByte: flash.erasedByte,
    programBytes: flash.programBytes,
    writeAlignBytes: flash.writeAlignBytes,
    ram: hostRam(device),
    usableRam: issues.some(({ id }) => ramFaults.has(id)) ? [] : device.ram.usable,
    systemMemory: device.systemMemory,
    optionRanges: device.optionBytes.ranges,
    optionLayout: device.optionBytes.layout,
    otp: device.otp,
    uid: device.uid,
    deviceFeature: device.deviceFeature,
    wires: device.wires,
    can: device.can,
    loaderMassErase: !quirks.has("no-mass-erase"),
    bootMs: Math.ceil(device.bootMs ?? unknownBootMs),
    deadlines: deadlinesOf(device, times),
    times,
    quirks,
    issues,
    dfuStrings: stringsOf(device, largest),
    unconfirmed: device.unconfirmed,
  };
}

/** The RAM that the loader's ranges lie in: the H7 gives its AXI RAM, not the one at 0x20000000. */
function hostRam({ ram }: DeviceFacts): Range {
  const own: Range = { start: ram.start, end: ram.start + ram.bytes };
  if (ram.usable.every((range) => range.start >= own.start && range.end <= own.end)) return own;
  return {
    start: Math.min(...ram.usable.map((range) => range.start)),
    end: Math.max(...ram.usable.map((range) => range.end)),
  };
}

/** The documented id that the byte read from a chip stands for: AN2606 prints some ids with three digits. */
export function knownId(device: DeviceFacts, byte: number | null): number | null {
  return byte === null ? null : (device.bootloaderIds.find((id) => (id & 0xff) === (byte & 0xff)) ?? null);
}

function timingOf(device: DeviceFacts, facts: Facts) {
  if (device.timing === null) return null;
  const timing = facts.timings.get(device.timing);
  if (timing === undefined)
    throw new RangeError(`${device.key} names the timings ${device.timing}, there are none`);
  return timing;
}

function stringsOf(device: DeviceFacts, largest: ReturnType<typeof mapFor>): readonly string[] {
  if (!device.wires.includes("usb")) return [];
  return device.dfuStrings.length > 0 ? device.dfuStrings : dfuStrings(largest, device.optionBytes.ranges);
}
