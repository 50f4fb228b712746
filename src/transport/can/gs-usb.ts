import { realClock, type Clock } from "../../lib/clock.ts";
import { lease, type Lease } from "../../lib/lease.ts";
import { Fault } from "../../model/fault.ts";
import { ratesText, type BusRates, type FrameLink } from "../../protocol/links.ts";
import { gsUsbAdapter, type GsUsbAdapter } from "./gs-usb-adapter.ts";
import { gsUsbChannel, timingsOf } from "./gs-usb-channel.ts";
import { openGsUsbDevice, standing, type GsUsbDevice } from "./gs-usb-device.ts";
import { usbPlaces } from "../usb/usb-bus.ts";
import { listingComplaint } from "../usb/usb-complaint.ts";

/** Where a gs_usb adapter is opened from: the bus of this machine; something else in tests. */
export interface GsUsbBench {
  readonly clock: Clock;
  /** The device at a topology path. Throws a Fault where it is not there, is no adapter, or is somebody else's. */
  open(path: string): Promise<GsUsbDevice>;
}

/** The adapters of this machine, in its own time. */
const ownBench: GsUsbBench = {
  clock: realClock,
  async open(path) {
    const place = (await usbPlaces()).find((one) => one.path === path);
    if (place === undefined) throw new Fault("ADAPTER_LOST", `no adapter at can:gs_usb:${path}`);
    return await openGsUsbDevice(place);
  },
};

/** Why the adapter at a path cannot be had now, or `null`; looked at, not opened. One that is ours is no trouble. */
export async function gsUsbStanding(path: string): Promise<string | null> {
  if ((benches.get(ownBench)?.get(path)?.users ?? 0) > 0) return null;
  try {
    const place = (await usbPlaces()).find((one) => one.path === path);
    return place === undefined ? `no adapter at can:gs_usb:${path}` : (standing(place)?.detail ?? null);
  } catch (error) {
    return listingComplaint(error);
  }
}

/** An adapter that somebody here has open, or opens, or closes: one of these at a time. */
interface Shared {
  readonly turn: Lease;
  adapter: GsUsbAdapter | null;
  /** Channels that are in use, and one more while somebody only asks. */
  users: number;
  readonly taken: Set<number>;
}

const benches = new WeakMap<GsUsbBench, Map<string, Shared>>();

function sharedAt(bench: GsUsbBench, path: string): Shared {
  const all = benches.get(bench) ?? new Map<string, Shared>();
  benches.set(bench, all);
  const shared = all.get(path) ?? { turn: lease(), adapter: null, users: 0, taken: new Set<number>() };
  all.set(path, shared);
  return shared;
}

/**
 * A channel, counted from 0, of the gs_usb adapter at a topology path such as `1-4.3`. Slots on channels of one adapter
 * share the open device; the last one closes it and gives it back to the kernel's driver. Throws a Fault ADAPTER_LOST
 * where it is not, ADAPTER_BUSY where somebody else has it.
 */
export async function openGsUsb(
  path: string,
  channel: number,
  signal: AbortSignal,
  bench: GsUsbBench = ownBench,
): Promise<FrameLink> {
  const shared = sharedAt(bench, path);
  const at = `can:gs_usb:${path}`;
  if (shared.taken.has(channel))
    throw new Fault("ADAPTER_BUSY", `channel ${channel} of ${at} is open already, in this program`);
  shared.taken.add(channel);
  try {
    const adapter = await join(shared, bench, path, signal);
    const facts = adapter.channels[channel];
    if (facts !== undefined)
      return gsUsbChannel(adapter, channel, facts, bench.clock, async () => {
        await leave(shared, adapter);
        shared.taken.delete(channel);
      });
    await leave(shared, adapter);
    throw noChannel(at, channel, adapter);
  } catch (error) {
    shared.taken.delete(channel);
    throw error;
  }
}

const noChannel = (at: string, channel: number, { channels }: GsUsbAdapter): Fault =>
  new Fault("ADAPTER_LOST", `${at} has no channel ${channel}: it has ${channels.length}, counted from 0`);

async function join(
  shared: Shared,
  bench: GsUsbBench,
  path: string,
  signal: AbortSignal,
): Promise<GsUsbAdapter> {
  using _turn = await shared.turn.take(signal);
  if (shared.adapter?.lost() !== null) {
    const dead = shared.adapter;
    shared.adapter = null;
    shared.users = 0;
    await dead?.[Symbol.asyncDispose]();
  }
  shared.adapter ??= await gsUsbAdapter(await bench.open(path));
  shared.users += 1;
  return shared.adapter;
}

async function leave(shared: Shared, adapter: GsUsbAdapter): Promise<void> {
  using _turn = await shared.turn.take(new AbortController().signal);
  // One that was lost, and opened anew by somebody else meanwhile, is not this one any more.
  if (shared.adapter !== adapter) return;
  shared.users -= 1;
  if (shared.users > 0) return;
  shared.adapter = null;
  await adapter[Symbol.asyncDispose]();
}

/** What an adapter can do: how many channels, and for each which of these rates. */
export interface GsUsbAbility {
  readonly name: string;
  readonly channels: readonly { readonly fd: boolean; readonly rates: readonly BusRates[] }[];
}

/** Asks the adapter at a path which of these rates it can make. Throws as `openGsUsb` does. */
export async function gsUsbAbility(
  path: string,
  wanted: readonly BusRates[],
  signal: AbortSignal,
  bench: GsUsbBench = ownBench,
): Promise<GsUsbAbility> {
  const shared = sharedAt(bench, path);
  const adapter = await join(shared, bench, path, signal);
  try {
    const channels = adapter.channels.map((facts) => ({
      fd: facts.data !== null,
      rates: wanted.filter(({ nominal, data }) => timingsOf(facts, nominal, data) !== null),
    }));
    return { name: adapter.name, channels };
  } finally {
    await leave(shared, adapter);
  }
}

/** Why a slot cannot run on a channel at these rates, as a sentence; `null`: it can. Asked before the run. */
export async function gsUsbComplaint(
  path: string,
  channel: number,
  wanted: readonly BusRates[],
  signal: AbortSignal,
  bench: GsUsbBench = ownBench,
): Promise<string | null> {
  try {
    const { channels } = await gsUsbAbility(path, wanted, signal, bench);
    const able = channels[channel];
    if (able === undefined)
      return `can:gs_usb:${path} has no channel ${channel}: it has ${channels.length}, counted from 0`;
    const missing = wanted.filter((one) => !able.rates.includes(one));
    if (missing.length === 0) return null;
    return `the adapter at can:gs_usb:${path} cannot make ${missing.map(ratesText).join(", ")} bit/s`;
  } catch (error) {
    if (error instanceof Fault) return error.detail;
    throw error;
  }
}
