import { writeFile } from "node:fs/promises";
import { errorText } from "../../lib/thrown.ts";
import { Fault } from "../../model/fault.ts";
import type { HubFacts } from "../../protocol/hub-class.ts";
import { askFacts, openedHub, powerOff, powerOn } from "./hub-requests.ts";
import { hubOf, isBelow, switchFile, twinOf, type HubPort } from "./hub-sockets.ts";
import { pause } from "../limited.ts";
import { usbPlaces, type UsbPlace } from "./usb-bus.ts";

export { hubOf } from "./hub-sockets.ts";

/** Capacitors of a board are empty by then, ms. */
const offMs = 1500;
const leastGoodMs = 100;

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
    return await openedHub(place, () => askFacts(place, signal));
  } catch (error) {
    if (signal.aborted) throw error;
    return null;
  }
}

/**
 * Takes the power of a socket away and gives it back, in both halves of a USB 3 hub. A hub that switches all its sockets
 * together is left alone while anything else is plugged into it. On Linux 6.0 and newer the port's own file does it where
 * this user may write it: the kernel then knows that the device is gone, while behind its back its hub driver may switch
 * the port on again after some seconds. Elsewhere the hub is asked by requests of its class, and must say itself that the
 * power is off. Throws only the signal's reason.
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
    await offAndOn(plan, signal);
    await pause(plan.goodMs, signal);
    return { done: true, text: `the power of usb:${socket} was off for ${offMs / 1000} s, ${plan.by}` };
  } catch (error) {
    if (signal.aborted) throw error;
    return not(error instanceof Fault ? error.detail : errorText(error));
  }
}

interface Plan {
  readonly off: () => Promise<void>;
  readonly on: () => Promise<void>;
  readonly goodMs: number;
  readonly by: string;
}

/** A hub, or half of one, with the ports of it that are to be switched. */
interface Half {
  readonly hub: string;
  readonly facts: HubFacts | null;
  readonly ports: readonly number[];
}

/** What to switch and how, or the sentence that says why not. */
async function planOf(socket: string, signal: AbortSignal, ways: HubWays): Promise<Plan | string> {
  const devices = await ways.devices();
  const own = hubOf(socket);
  const twin = twinOf(own, devices, ways.sys);
  const asked: { readonly port: HubPort; readonly facts: HubFacts | null }[] = [];
  for (const port of twin === null ? [own] : [own, twin])
    asked.push({ port, facts: await hubFacts(port.hub, signal, ways) });
  const cannot = asked.find(({ facts }) => facts?.switching === "not at all");
  if (cannot !== undefined) return `the hub at ${cannot.port.hub} cannot switch it`;
  const together = asked.find(({ facts }) => facts?.switching === "all together");
  const others = devices
    .map(({ path }) => path)
    .filter((path) => path !== socket && asked.some(({ port }) => isBelow(path, port.hub)));
  if (together !== undefined && others.length > 0)
    return `the hub at ${together.port.hub} switches all its sockets together, and ${others.join(", ")} would lose it, too`;
  // The two halves have the same sockets.
  const sockets = together?.facts?.sockets ?? 0;
  const halves = asked.map(({ port, facts }): Half => {
    const ports = together === undefined ? [port.number] : Array.from({ length: sockets }, (_, i) => i + 1);
    return { hub: port.hub, facts, ports };
  });
  const goodMs = Math.max(leastGoodMs, ...halves.map(({ facts }) => facts?.goodMs ?? 0));
  return planByFiles(halves, goodMs, ways.sys) ?? planByRequests(halves, goodMs, devices, signal);
}

/** `null` where a port has no file for this user. */
function planByFiles(halves: readonly Half[], goodMs: number, sys: string): Plan | null {
  const files = halves.flatMap(({ hub, ports }) => ports.map((number) => switchFile({ hub, number }, sys)));
  const there = files.filter((file) => file !== null);
  if (there.length < files.length) return null;
  const turn = (word: "0" | "1") => async (): Promise<void> => {
    for (const file of there) await writeFile(file, word);
  };
  return { off: turn("1"), on: turn("0"), goodMs, by: "by the port's file" };
}

function planByRequests(
  halves: readonly Half[],
  goodMs: number,
  devices: readonly UsbPlace[],
  signal: AbortSignal,
): Plan | string {
  const missing = halves.find(({ hub }) => !devices.some(({ path }) => path === hub));
  if (missing !== undefined) return `there is no hub at ${missing.hub}`;
  const each = async (act: (place: UsbPlace, ports: readonly number[]) => Promise<void>): Promise<void> => {
    for (const place of devices) {
      const half = halves.find(({ hub }) => hub === place.path);
      if (half !== undefined) await openedHub(place, () => act(place, half.ports));
    }
  };
  return {
    off: () => each((place, ports) => powerOff(place, ports, signal)),
    on: () => each(powerOn),
    goodMs,
    by: "by requests to the hub",
  };
}

/** Whatever happens, the power comes back. */
async function offAndOn({ off, on }: Plan, signal: AbortSignal): Promise<void> {
  try {
    await off();
    await pause(offMs, signal);
  } catch (error) {
    // Why it did not go off, or who ended it, is what counts.
    await on().catch(() => undefined);
    throw error;
  }
  await on();
}
