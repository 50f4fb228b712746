import { Fault } from "../../model/fault.ts";
import type { GsUsbDevice } from "./gs-usb-device.ts";
import {
  channelCount,
  channelFacts,
  deviceValue,
  fromDevice,
  hasExtended,
  hostFormat,
  lengths,
  modeReset,
  readBytes,
  requests,
  type ChannelFacts,
  type FromDevice,
} from "./gs-usb-frames.ts";

/** Who listens on a channel of an adapter. */
export interface ChannelEars {
  heard(message: FromDevice): void;
  lost(fault: Fault): void;
}

/** An open adapter, shared by its channels. */
export interface GsUsbAdapter extends AsyncDisposable {
  readonly name: string;
  /** What each channel can do. */
  readonly channels: readonly ChannelFacts[];
  /** The fault that ended it; `null` while it works. */
  lost(): Fault | null;
  /** Frames of this channel go here, until disposed. One listener a channel. */
  listen(channel: number, ears: ChannelEars): Disposable;
  control(request: number, channel: number, data: Uint8Array): Promise<void>;
  /** Behind the frames of earlier calls; `still` is asked when its turn has come. */
  write(bytes: Uint8Array, still: () => boolean): Promise<void>;
}

/** No adapter has more; a number beyond it is nonsense. */
const mostChannels = 16;

/** Asks an open device what it is, and reads what it sends until it is closed. The device is the adapter's from now on. */
export async function gsUsbAdapter(device: GsUsbDevice): Promise<GsUsbAdapter> {
  try {
    return readAll(device, await greet(device));
  } catch (error) {
    await device[Symbol.asyncDispose]();
    throw error;
  }
}

async function greet(device: GsUsbDevice): Promise<ChannelFacts[]> {
  await device.controlOut(requests.hostFormat, deviceValue, hostFormat());
  const count = channelCount(
    await device.controlIn(requests.deviceConfig, deviceValue, lengths.deviceConfig),
  );
  if (count === null || count > mostChannels)
    throw new Fault("ADAPTER_LOST", `the adapter says of itself that it has ${count ?? "no"} channels`);
  const channels: ChannelFacts[] = [];
  for (let channel = 0; channel < count; channel += 1) {
    const plain = await device.controlIn(requests.btConst, channel, lengths.btConst);
    const extended = hasExtended(plain)
      ? await device.controlIn(requests.btConstExt, channel, lengths.btConstExt)
      : null;
    const facts = channelFacts(plain, extended);
    if (facts === null)
      throw new Fault("ADAPTER_LOST", `the adapter does not say what channel ${channel} can do`);
    channels.push(facts);
    // One that a program left running goes on receiving.
    await device.controlOut(requests.mode, channel, modeReset());
  }
  return channels;
}

function readAll(device: GsUsbDevice, channels: readonly ChannelFacts[]): GsUsbAdapter {
  const ears = new Map<number, ChannelEars>();
  let fault: Fault | null = null;
  let closing = false;
  let writing: Promise<void> = Promise.resolve();

  function end(why: unknown): void {
    if (fault !== null || closing) return;
    fault = why instanceof Fault ? why : new Fault("ADAPTER_LOST", String(why), { cause: why });
    for (const one of ears.values()) one.lost(fault);
  }

  async function readOn(): Promise<void> {
    for (;;) {
      const bytes = await device.read(readBytes);
      if (closing) return;
      const message = bytes === null ? null : fromDevice(bytes);
      if (message !== null) ears.get(message.channel)?.heard(message);
    }
  }
  void readOn().catch(end);

  return {
    name: device.name,
    channels,
    lost: () => fault,
    listen(channel, one) {
      ears.set(channel, one);
      return { [Symbol.dispose]: () => void ears.delete(channel) };
    },
    async control(request, channel, data) {
      if (fault !== null) throw fault;
      try {
        await device.controlOut(request, channel, data);
      } catch (error) {
        end(error);
        throw error;
      }
    },
    write(bytes, still) {
      const mine = writing.then(async () => {
        if (fault === null && still()) await device.write(bytes);
      });
      writing = mine.catch(end);
      return mine;
    },
    async [Symbol.asyncDispose]() {
      closing = true;
      await device[Symbol.asyncDispose]();
    },
  };
}
