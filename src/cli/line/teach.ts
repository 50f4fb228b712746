import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { errorText } from "../../lib/thrown.ts";
import { checkStation } from "../../config/station-file.ts";
import { teachPorts } from "../../config/teach-ports.ts";
import { chipChoice } from "../../family/table.ts";
import { cleanText, visibleJson } from "../../lib/clean-text.ts";
import { writeAtomic } from "../../lib/write-atomic.ts";
import { portText } from "../../model/port.ts";
import { CommandError, FileMistakes } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Teacher } from "../../station/teach.ts";
import { interruptCode, type Io } from "../io.ts";
import { stationOf } from "../order/open-order.ts";

type Blind = (only: "USB" | "serial", why: string) => void;

/**
 * Calls back with each port that appears from now on, in a station file's spelling; told once the baseline is known.
 * `blind`: the only kind of port that is seen here, and why. Throws CommandError where none is.
 */
export type NewPorts = (appeared: (port: string) => void, blind: Blind) => Promise<Disposable>;

/** What the person says while boards are plugged in: Enter leaves a slot as it is. */
export type Skips = (skip: () => void) => Disposable;

/**
 * `teach --station FILE`: boards are plugged in one after another, and each slot's port is written into the file. The
 * file is written once, at the end, and only when it is still a good station file then.
 */
export async function teachCommand(
  file: string,
  io: Io,
  newPorts: NewPorts = plugged,
  skips: Skips = enterKeys,
): Promise<number> {
  const station = stationOf(file);
  const text = readFileSync(file, "utf8");
  const taught = new Map<number, string>();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  // A person may be interrupted before anybody waits.
  promise.catch(() => {});
  let at = 0;
  const ask = (): void => {
    const slot = station.slots[at];
    if (slot === undefined) return resolve();
    if (!io.json)
      io.out(
        `${slot.name}: plug ${onUsb ? "a board" : "a serial adapter"} in now. Enter keeps ${portText(slot.port)}. ${at + 1} of ${station.slots.length}`,
      );
  };
  const next = (): void => {
    at += 1;
    ask();
  };
  let onUsb = true;
  const unseen: Blind = (only, why) => {
    onUsb = only === "USB";
    io.err(`note: ${cleanText(why)}`);
  };
  using _ports = await newPorts((port) => {
    const slot = station.slots[at];
    if (slot === undefined) return;
    const holder = [...taught].find(([, known]) => known === port);
    if (holder !== undefined) {
      io.err(
        `${cleanText(port)} is ${station.slots[holder[0]]?.name ?? ""} already: another place was expected`,
      );
      return;
    }
    taught.set(at, port);
    io.out(io.json ? visibleJson({ type: "taught", slot: slot.name, port }) : `  ${cleanText(port)}`);
    next();
  }, unseen);
  using _skips = skips(next);
  const stop = (): void => reject(io.signal.reason as Error);
  io.signal.addEventListener("abort", stop, { once: true });
  ask();
  try {
    await promise;
  } catch (error) {
    io.err("nothing was written");
    const code = interruptCode(io.signal);
    if (code === null) throw error;
    return code;
  } finally {
    io.signal.removeEventListener("abort", stop);
  }
  write(file, text, taught);
  io.err(`${taught.size} of ${station.slots.length} slots written to ${cleanText(file)}`);
  return exitCodes.ok;
}

/** What the station's screen teaches its own file by. `taught`: it is written. */
export function teacherOf(file: string, taught: () => void, failed: (why: string) => void): Teacher {
  let text = "";
  return {
    async watch(appeared) {
      text = readFileSync(file, "utf8");
      return await plugged(appeared, (_only, why) => failed(why));
    },
    write(ports) {
      try {
        write(file, text, ports);
      } catch (error) {
        const why = errorText(error);
        failed(why);
        return why;
      }
      taught();
      return null;
    },
  };
}

function write(file: string, text: string, taught: ReadonlyMap<number, string>): void {
  if (readFileSync(file, "utf8") !== text)
    throw new CommandError(
      `${file} was changed by somebody else meanwhile, nothing was written: teach again`,
    );
  const changed = teachPorts(text, taught);
  if (changed === null)
    throw new CommandError(
      `${file}: a slot's port stands behind an alias (*), a port of its own was expected`,
    );
  const read = checkStation(file, changed, chipChoice);
  if (!read.ok) throw new FileMistakes(read.issues);
  writeAtomic(file, Buffer.from(changed, "utf8"));
}

const pollMs = 500;

type Lists = Pick<typeof import("../../transport/list-ports.ts"), "listSerial" | "listUsb">;

/** Boards in their loader by their place on the bus, and serial ports by the name that stays. */
export async function plugged(
  appeared: (port: string) => void,
  blind: Blind,
  lists: Lists | null = null,
): Promise<Disposable> {
  const { listSerial, listUsb } = lists ?? (await import("../../transport/list-ports.ts"));
  const [usb, serial] = await Promise.all([listUsb(), listSerial()]);
  const whys = [usb, serial].flatMap((list) => (list.ok ? [] : [list.why]));
  if (whys.length > 1)
    throw new CommandError(`no port can be watched here: ${whys.join("; ")}`, exitCodes.unfit);
  const only = usb.ok ? "USB" : "serial";
  for (const why of whys)
    blind(only, `${why}; only ${usb.ok ? "boards on USB" : "serial adapters"} are seen now`);
  const look = async (): Promise<string[]> => {
    const [usb, serial] = await Promise.all([listUsb(), listSerial()]);
    return [
      ...(usb.ok ? usb.found.flatMap(({ path, dfu }) => (dfu ? [`usb:${path}`] : [])) : []),
      ...(serial.ok ? serial.found.map(({ device, byPath }) => `uart:${byPath ?? device}`) : []),
    ];
  };
  let known = new Set(await look());
  let over = false;
  let timer: NodeJS.Timeout | null = null;
  const again = (): void => {
    timer = setTimeout(() => void poll().finally(() => over || again()), pollMs);
  };
  async function poll(): Promise<void> {
    const now = await look().catch(() => [...known]);
    const fresh = now.filter((port) => !known.has(port));
    known = new Set(now);
    for (const port of fresh) if (!over) appeared(port);
  }
  again();
  return {
    [Symbol.dispose]() {
      over = true;
      if (timer !== null) clearTimeout(timer);
    },
  };
}

function enterKeys(skip: () => void): Disposable {
  const lines = createInterface({ input: process.stdin });
  lines.on("line", skip);
  return { [Symbol.dispose]: () => lines.close() };
}
