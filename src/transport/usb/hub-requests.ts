import { Fault } from "../../model/fault.ts";
import {
  hasPower,
  hubDescriptor,
  hubDescriptorBytes,
  hubRequests,
  parseHub,
  portPower,
  portStatusBytes,
  type HubFacts,
  type HubHalf,
} from "../../protocol/hub-class.ts";
import { pause } from "../limited.ts";
import { transfer } from "./usb-access.ts";
import type { UsbPlace } from "./usb-bus.ts";

const controlMs = 2000;
/** A SuperSpeed hub takes that long to let a port go (as uhubctl found it); one of the old speeds less, ms. */
const settleMs = 150;
/** A port that is to come back is asked for it so often. */
const onTries = 5;

/** A hub of USB 3 is at most half of one: the other half is a hub of its own on another bus. */
export const halfOf = ({ device }: UsbPlace): HubHalf => (device.usbVersionMajor >= 3 ? "usb3" : "usb2");

/** Opens a hub, which its driver keeps, for as long as `use` runs. */
export async function openedHub<T>({ device }: UsbPlace, use: () => Promise<T>): Promise<T> {
  await device.open();
  try {
    return await use();
  } finally {
    await device.close().catch(() => undefined);
  }
}

/** What an open hub says of itself; `null`: nothing that can be read. */
export async function askFacts(place: UsbPlace, signal: AbortSignal): Promise<HubFacts | null> {
  const half = halfOf(place);
  const setup = {
    requestType: "class",
    recipient: "device",
    request: hubRequests.getDescriptor,
    value: hubDescriptor(half),
    index: 0,
  } as const;
  const bytes = await transfer(
    () => place.device.nativeControlTransferIn(setup, controlMs, hubDescriptorBytes),
    "GET_DESCRIPTOR of a hub",
    signal,
  );
  return bytes === "stall" || bytes === null ? null : parseHub(bytes, half);
}

/** Whether a port of an open hub has power; `null`: it does not tell. */
async function portHasPower(place: UsbPlace, index: number, signal: AbortSignal): Promise<boolean | null> {
  const setup = {
    requestType: "class",
    recipient: "other",
    request: hubRequests.getStatus,
    value: 0,
    index,
  } as const;
  const status = await transfer(
    () => place.device.nativeControlTransferIn(setup, controlMs, portStatusBytes),
    "GET_STATUS of a port",
    signal,
  );
  return status === "stall" || status === null ? null : hasPower(status, halfOf(place));
}

async function setPower(place: UsbPlace, index: number, isOn: boolean, signal: AbortSignal): Promise<void> {
  const setup = {
    requestType: "class",
    recipient: "other",
    request: isOn ? hubRequests.setFeature : hubRequests.clearFeature,
    value: portPower,
    index,
  } as const;
  const what = `PORT_POWER ${isOn ? "on" : "off"}`;
  const answer = await transfer(
    () => place.device.nativeControlTransferOut(setup, controlMs, new Uint8Array()),
    what,
    signal,
  );
  if (answer === "stall") throw new Fault("CHIP_REFUSED", `the hub at ${place.path} refused ${what}`);
}

/** Takes the power of ports of an open hub. Throws a Fault where one keeps it, as the hub itself says. */
export async function powerOff(
  place: UsbPlace,
  ports: readonly number[],
  signal: AbortSignal,
): Promise<void> {
  for (const port of ports) await setPower(place, port, false, signal);
  await pause(settleMs, signal);
  for (const port of ports)
    if ((await portHasPower(place, port, signal)) === true)
      throw new Fault(
        "CHIP_REFUSED",
        `port ${port} of the hub at ${place.path} keeps its power: the hub claims a switch that it has not, or the kernel switched it on again`,
      );
}

/** Gives ports their power back, whatever ends meanwhile; one that does not take it at once is asked again. */
export async function powerOn(place: UsbPlace, ports: readonly number[]): Promise<void> {
  const { signal } = new AbortController();
  for (const port of ports)
    for (let tries = 1; tries <= onTries; tries += 1) {
      await setPower(place, port, true, signal);
      if ((await portHasPower(place, port, signal)) !== false) break;
      if (tries === onTries)
        throw new Fault(
          "CHIP_REFUSED",
          `port ${port} of the hub at ${place.path} does not get its power back`,
        );
      await pause(settleMs, signal);
    }
}
