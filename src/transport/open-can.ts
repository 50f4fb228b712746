import type { Clock } from "../lib/clock.ts";
import { Fault } from "../model/fault.ts";
import { gsUsbPlace, type Port } from "../model/port.ts";
import type { FrameLink } from "../protocol/links.ts";
import { gsUsbComplaint, gsUsbStanding, openGsUsb } from "./gs-usb.ts";
import { serialState } from "./serial-port.ts";
import { openSocketCan, socketCanRateComplaint, socketCanState } from "./socketcan.ts";
import { openSlcan, slcanRateComplaint } from "./slcan.ts";

export type CanPort = Extract<Port, { kind: "can" }>;

export interface CanOptions {
  /** Of the serial port that an slcan adapter sits behind. */
  readonly baud: number;
  readonly clock: Clock;
}

/** What a slot wants of its channel, bit/s. */
export interface CanRates {
  /** Where the loader starts. */
  readonly nominal: number;
  /** `null`: classic frames only. */
  readonly data: number | null;
  /** The highest nominal rate that the slot may change to. */
  readonly most: number;
}

/** One kind of adapter. `device` is what stands behind its name in a port. */
interface CanAdapterRow {
  /** One channel, off the bus. Throws a Fault: ADAPTER_BUSY, ADAPTER_LOST. */
  open(device: string, options: CanOptions, signal: AbortSignal): Promise<FrameLink>;
  /** Why it cannot be used now, or `null`; looked at, not opened. */
  complaint(device: string): Promise<string | null>;
  /** Why it cannot make these rates, or `null`; it is asked where it alone knows, and sends no frame. */
  rateComplaint(device: string, rates: CanRates, options: CanOptions): Promise<string | null>;
}

const rows: Readonly<Record<CanPort["adapter"], CanAdapterRow>> = {
  slcan: {
    open: openSlcan,
    async complaint(device) {
      const state = await serialState(device);
      return state.kind === "there" ? null : state.why;
    },
    async rateComplaint(device, rates, options) {
      const never = slcanRateComplaint(rates.nominal, rates.data);
      return never !== null || rates.data === null ? never : await tried(device, rates, options);
    },
  },
  socketcan: {
    open: openSocketCan,
    complaint: socketCanState,
    rateComplaint: (device, { nominal, data, most }) => socketCanRateComplaint(device, nominal, data, most),
  },
  gs_usb: {
    async open(device, _options, signal) {
      const place = gsUsbPlace(device);
      if (typeof place === "string")
        throw new Fault("ADAPTER_LOST", `"${device}" found, ${place} was expected`);
      return await openGsUsb(place.path, place.channel, signal);
    },
    async complaint(device) {
      const place = gsUsbPlace(device);
      return typeof place === "string"
        ? `"${device}" found, ${place} was expected`
        : await gsUsbStanding(place.path);
    },
    async rateComplaint(device, rates) {
      const place = gsUsbPlace(device);
      if (typeof place === "string") return place;
      return await gsUsbComplaint(place.path, place.channel, [rates], new AbortController().signal);
    },
  },
};

/** Opens one channel of an adapter of any kind. Throws a Fault: ADAPTER_BUSY, ADAPTER_LOST. */
export async function openCan(port: CanPort, options: CanOptions, signal: AbortSignal): Promise<FrameLink> {
  return await rows[port.adapter].open(port.device, options, signal);
}

/** Whether an slcan adapter has a data rate shows when it is told to take it. */
async function tried(
  device: string,
  { nominal, data }: CanRates,
  options: CanOptions,
): Promise<string | null> {
  const { signal } = new AbortController();
  try {
    await using link = await openSlcan(device, options, signal);
    await link.setBitrate(nominal, data, signal);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.detail;
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

/**
 * Why a channel cannot be used at these rates, or `null`. An adapter that alone knows what rates it has is opened for
 * that, which sends no frame.
 */
export async function canAdapterComplaint(
  port: CanPort,
  rates: CanRates | null,
  options: CanOptions,
): Promise<string | null> {
  const row = rows[port.adapter];
  const why = await row.complaint(port.device);
  return why !== null || rates === null ? why : await row.rateComplaint(port.device, rates, options);
}
