import { accessSync, constants, readdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../model/fault.ts";
import {
  hubDescriptor,
  hubDescriptorBytes,
  hubRequests,
  parseHub,
  portPower,
  type HubFacts,
} from "../protocol/hub-class.ts";
import { pause } from "./limited.ts";
import { transfer } from "./usb-access.ts";
import { usbPlaces, type UsbPlace } from "./usb-bus.ts";

/** Capacitors of a board are empty by then, ms. */
const offMs = 1500;
const leastGoodMs = 100;
const controlMs = 2000;

/** What came of it; the text is for the record. */
export interface Cycled {
  readonly done: boolean;
  readonly text: string;
}

/** Where the devices and the kernel's files are; replaced in tests. */
export interface HubWays {
  readonly devices: () => Promise<readonly UsbPlace[]>;
  readonly sys: string;
}
const systemWays: HubWays = { devices: usbPlaces, sys: "/sys" };

/** The hub of a socket and the socket's number there: `1-4.2` is 2 of `1-4`, `1-4` is 4 of `usb1`. */
export function hubOf(socket: string): { readonly hub: string; readonly number: number } {
  const dot = Math.max(socket.lastIndexOf("."), socket.indexOf("-"));
  const above = socket.slice(0, dot);
  return { hub: above.includes("-") ? above : `usb${above}`, number: Number(socket.slice(dot + 1)) };
}

/**
 * What a hub says of itself; `null`: it is not there, or may not be opened. The library does not list root hubs (seen on
 * Linux with `usb` 3.1), so the computer's own sockets are switched by their files only, whatever that does to them.
 */
export async function hubFacts(
  hub: string,
  signal: AbortSignal,
  ways: HubWays = systemWays,
): Promise<HubFacts | null> {
  const place = (await ways.devices()).find(({ path }) => path === hub);
  if (place === undefined) return null;
  try {
    return await opened(place, () => askFacts(place, signal));
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

/**
 * Takes the power of a socket away and gives it back. A hub that switches all its sockets together is left alone while
 * anything else is plugged into it. On Linux 6.0 and newer the port's own file does it where this user may write it: the
 * kernel then knows that the device is gone, while behind its back its hub driver may switch the port on again at once.
 * Elsewhere the hub is asked by requests of its class. Throws only the signal's reason.
 */
export async function cyclePower(
  socket: string,
  signal: AbortSignal,
  ways: HubWays = systemWays,
): Promise<Cycled> {
  const not = (why: string): Cycled => ({
    done: false,
    text: `the power of usb:${socket} was not cycled: ${why}`,
  });
  try {
    const plan = await planOf(socket, signal, ways);
    if (typeof plan === "string") return not(plan);
    await offAndOn(plan.turn, signal);
    await pause(plan.goodMs, signal);
    return { done: true, text: `the power of usb:${socket} was off for ${offMs / 1000} s, ${plan.by}` };
  } catch (error) {
    if (signal.aborted) throw error;
    return not(
      error instanceof Fault ? error.detail : error instanceof Error ? error.message : String(error),
    );
  }
}

interface Plan {
  readonly turn: (isOn: boolean) => Promise<void>;
  readonly goodMs: number;
  readonly by: string;
}

/** What to switch and how, or the sentence that says why not. */
async function planOf(socket: string, signal: AbortSignal, ways: HubWays): Promise<Plan | string> {
  const { hub, number } = hubOf(socket);
  const facts = await hubFacts(hub, signal, ways);
  if (facts?.switching === "not at all") return `the hub at ${hub} cannot switch it`;
  const together = facts?.switching === "all together";
  const devices = await ways.devices();
  const others = devices.map(({ path }) => path).filter((path) => path !== socket && isBelow(path, hub));
  if (together && others.length > 0)
    return `the hub at ${hub} switches all its sockets together, and ${others.join(", ")} would lose it, too`;
  const numbers = together ? Array.from({ length: facts.sockets }, (_, i) => i + 1) : [number];
  const goodMs = Math.max(leastGoodMs, facts?.goodMs ?? 0);
  const files = numbers.map((one) => portFile(hub, one, ways.sys)).filter((file) => file !== null);
  if (files.length === numbers.length) {
    const turn = async (isOn: boolean): Promise<void> => {
      for (const file of files) await writeFile(file, isOn ? "0" : "1");
    };
    return { turn, goodMs, by: "by the port's file" };
  }
  const place = devices.find(({ path }) => path === hub);
  if (place === undefined) return `there is no hub at ${hub}`;
  const turn = (isOn: boolean): Promise<void> =>
    opened(place, () => switchPorts(place, numbers, isOn, signal));
  return { turn, goodMs, by: "by requests to the hub" };
}

/** Whatever happens between, the power comes back. */
async function offAndOn(turn: (isOn: boolean) => Promise<void>, signal: AbortSignal): Promise<void> {
  await turn(false);
  try {
    await pause(offMs, signal);
  } finally {
    await turn(true);
  }
}

const isBelow = (path: string, hub: string): boolean =>
  hub.startsWith("usb") ? path.startsWith(`${hub.slice(3)}-`) : path.startsWith(`${hub}.`);

/** `…/1-4:1.0/1-4-port2/disable`; `null`: an older kernel, another system, or not for this user. */
function portFile(hub: string, number: number, sys: string): string | null {
  const folder = join(
    sys,
    "bus",
    "usb",
    "devices",
    hub.startsWith("usb") ? `${hub.slice(3)}-0:1.0` : `${hub}:1.0`,
  );
  try {
    const port = readdirSync(folder).find((name) => name === `${hub}-port${number}`);
    if (port === undefined) return null;
    const file = join(folder, port, "disable");
    accessSync(file, constants.W_OK);
    return file;
  } catch {
    return null;
  }
}

async function opened<T>({ device }: UsbPlace, use: () => Promise<T>): Promise<T> {
  await device.open();
  try {
    return await use();
  } finally {
    await device.close().catch(() => undefined);
  }
}

async function askFacts({ device }: UsbPlace, signal: AbortSignal): Promise<HubFacts | null> {
  const setup = {
    requestType: "class",
    recipient: "device",
    request: hubRequests.getDescriptor,
    value: hubDescriptor,
    index: 0,
  } as const;
  const bytes = await transfer(
    () => device.nativeControlTransferIn(setup, controlMs, hubDescriptorBytes),
    "GET_DESCRIPTOR of a hub",
    signal,
  );
  return bytes === "stall" || bytes === null ? null : parseHub(bytes);
}

async function switchPorts(
  { device, path }: UsbPlace,
  numbers: readonly number[],
  isOn: boolean,
  signal: AbortSignal,
): Promise<void> {
  for (const index of numbers) {
    const setup = {
      requestType: "class",
      recipient: "other",
      request: isOn ? hubRequests.setFeature : hubRequests.clearFeature,
      value: portPower,
      index,
    } as const;
    const what = `PORT_POWER ${isOn ? "on" : "off"}`;
    // Power that was taken has to come back, though the attempt ends meanwhile.
    const stop = isOn ? new AbortController().signal : signal;
    const answer = await transfer(
      () => device.nativeControlTransferOut(setup, controlMs, new Uint8Array()),
      what,
      stop,
    );
    if (answer === "stall") throw new Fault("CHIP_REFUSED", `the hub at ${path} refused ${what}`);
  }
}
