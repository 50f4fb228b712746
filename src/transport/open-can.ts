import type { Clock } from "../lib/clock.ts";
import { Fault } from "../model/fault.ts";
import type { Port } from "../model/port.ts";
import type { FrameLink } from "../protocol/links.ts";
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
  /** Why it never makes these rates, or `null`: told without opening it. */
  rateComplaint(wanted: CanRates & { readonly device: string }): Promise<string | null>;
  /** Whether only the adapter itself knows if it has a data rate. */
  readonly asksForDataRate: boolean;
}

const notYet = "gs_usb adapters are not driven by this version";

const rows: Readonly<Record<CanPort["adapter"], CanAdapterRow>> = {
  slcan: {
    open: openSlcan,
    async complaint(device) {
      const state = await serialState(device);
      return state.kind === "there" ? null : state.why;
    },
    rateComplaint: ({ nominal, data }) => Promise.resolve(slcanRateComplaint(nominal, data)),
    asksForDataRate: true,
  },
  socketcan: {
    open: openSocketCan,
    complaint: socketCanState,
    rateComplaint: ({ device, nominal, data, most }) => socketCanRateComplaint(device, nominal, data, most),
    asksForDataRate: false,
  },
  gs_usb: {
    open: () => Promise.reject(new Fault("ADAPTER_LOST", notYet)),
    complaint: () => Promise.resolve(notYet),
    rateComplaint: () => Promise.resolve(null),
    asksForDataRate: false,
  },
};

/** Opens one channel of an adapter of any kind. Throws a Fault: ADAPTER_BUSY, ADAPTER_LOST. */
export async function openCan(port: CanPort, options: CanOptions, signal: AbortSignal): Promise<FrameLink> {
  return await rows[port.adapter].open(port.device, options, signal);
}

/**
 * Why a channel cannot be used at these rates, or `null`. An adapter that alone knows its data rates is opened for it,
 * which sends no frame.
 */
export async function canAdapterComplaint(
  port: CanPort,
  rates: CanRates | null,
  options: CanOptions,
): Promise<string | null> {
  const row = rows[port.adapter];
  const why = await row.complaint(port.device);
  if (why !== null || rates === null) return why;
  const never = await row.rateComplaint({ ...rates, device: port.device });
  if (never !== null || rates.data === null || !row.asksForDataRate) return never;
  const { signal } = new AbortController();
  try {
    await using link = await row.open(port.device, options, signal);
    await link.setBitrate(rates.nominal, rates.data, signal);
    return null;
  } catch (error) {
    if (error instanceof Fault) return error.detail;
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}
