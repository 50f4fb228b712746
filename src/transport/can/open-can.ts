import type { Clock } from "../../lib/clock.ts";
import { Fault } from "../../model/fault.ts";
import { gsUsbPlace, type GsUsbPlace, type Port } from "../../model/port.ts";
import { loaderRates } from "../../protocol/can/rate.ts";
import { ratesText, type BusRates, type FrameLink } from "../../protocol/links.ts";
import { gsUsbAbility, gsUsbComplaint, gsUsbStanding, openGsUsb } from "./gs-usb.ts";
import { serialState } from "../serial/serial-port.ts";
import { openSocketCan, socketCanAbout, socketCanRateComplaint, socketCanState } from "./socketcan.ts";
import { openSlcan, type SlcanLink } from "./slcan.ts";
import { slcanRateComplaint } from "./slcan-talk.ts";

export type CanPort = Extract<Port, { kind: "can" }>;

export interface CanOptions {
  /** Of the serial port that an slcan adapter sits behind. */
  readonly baud: number;
  readonly clock: Clock;
}

/** One kind of adapter. `device` is what stands behind its name in a port. */
interface CanAdapterRow {
  /** One channel, off the bus. Throws a Fault: ADAPTER_BUSY, ADAPTER_LOST. */
  open(device: string, options: CanOptions, signal: AbortSignal): Promise<FrameLink>;
  /** Why it cannot be used now, or `null`; looked at, not opened. */
  complaint(device: string): Promise<string | null>;
  /** What it says of itself. Throws a Fault. */
  about(device: string, options: CanOptions, signal: AbortSignal): Promise<string>;
  /** Why it cannot make these rates, or `null`; it is asked where it alone knows, and sends no frame. */
  rateComplaint(device: string, rates: readonly BusRates[], options: CanOptions): Promise<string | null>;
}

const rows: Readonly<Record<CanPort["adapter"], CanAdapterRow>> = {
  slcan: {
    open: openSlcan,
    async complaint(device) {
      const state = await serialState(device);
      return state.kind === "there" ? null : state.why;
    },
    async rateComplaint(device, rates, options) {
      const never = rates.map(slcanRateComplaint).find((why) => why !== null);
      if (never !== undefined) return never;
      return await asked(device, options, async (link, signal) => {
        const [refusal = null] = (await link.ability(rates, signal)).refusals.values();
        return refusal;
      });
    },
    about: async (device, options, signal) => {
      await using link = await openSlcan(device, options, signal);
      const { version, serial, refusals } = await link.ability(loaderRates, signal);
      const number = serial === null ? "" : `, serial number ${serial}`;
      const takes = loaderRates.filter((rates) => !refusals.has(rates)).map(ratesText);
      return `slcan, version ${version}${number}, takes ${takes.join(", ")} bit/s`;
    },
  },
  socketcan: {
    open: openSocketCan,
    complaint: socketCanState,
    rateComplaint: socketCanRateComplaint,
    about: socketCanAbout,
  },
  gs_usb: {
    async open(device, _options, signal) {
      const place = placeOf(device);
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
      return await gsUsbComplaint(place.path, place.channel, rates, new AbortController().signal);
    },
    async about(device, _options, signal) {
      const place = placeOf(device);
      const { name, channels } = await gsUsbAbility(place.path, loaderRates, signal);
      const rates = channels[place.channel]?.rates.map(ratesText).join(", ") ?? "";
      return `${name}, channel ${place.channel} of ${channels.length}, makes ${rates} bit/s`;
    },
  },
};

/** Opens one channel of an adapter of any kind. Throws a Fault: ADAPTER_BUSY, ADAPTER_LOST. */
export async function openCan(port: CanPort, options: CanOptions, signal: AbortSignal): Promise<FrameLink> {
  return await rows[port.adapter].open(port.device, options, signal);
}

function placeOf(device: string): GsUsbPlace {
  const place = gsUsbPlace(device);
  if (typeof place !== "string") return place;
  throw new Fault("ADAPTER_LOST", `"${device}" found, ${place} was expected`);
}

/** What an slcan adapter answers; why it cannot be asked is an answer, too. */
async function asked(
  device: string,
  options: CanOptions,
  question: (link: SlcanLink, signal: AbortSignal) => Promise<string | null>,
): Promise<string | null> {
  const { signal } = new AbortController();
  try {
    await using link = await openSlcan(device, options, signal);
    return await question(link, signal);
  } catch (error) {
    if (error instanceof Fault) return error.detail;
    throw error;
  }
}

/** What an adapter says of itself, not clean. It is opened for that, and sends no frame. Throws a Fault. */
export async function aboutAdapter(port: CanPort, options: CanOptions, signal: AbortSignal): Promise<string> {
  return await rows[port.adapter].about(port.device, options, signal);
}

/**
 * Why a channel cannot be used at these rates, or `null`. An adapter that alone knows what rates it has is opened for
 * that, which sends no frame.
 */
export async function canAdapterComplaint(
  port: CanPort,
  rates: readonly BusRates[] | null,
  options: CanOptions,
): Promise<string | null> {
  const row = rows[port.adapter];
  const why = await row.complaint(port.device);
  return why !== null || rates === null ? why : await row.rateComplaint(port.device, rates, options);
}
