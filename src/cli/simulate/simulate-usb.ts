import { errorText } from "../../lib/thrown.ts";
import { listSerial } from "../../transport/list-ports.ts";
import { realClock, sleep } from "../../lib/clock.ts";
import type { SimBoard } from "../../sim/board.ts";
import { keepPlugged } from "../../sim/os/attach.ts";
import { holdLink } from "../../sim/os/hold-link.ts";
import { busidOf, type Exported } from "../../sim/os/usbip-record.ts";
import { usbipServer, type UsbipServer } from "../../sim/os/usbip-server.ts";
import type { Wiring } from "../../sim/os/wired-board.ts";
import { vhciComplaint, virtualHub } from "../../sim/os/vhci.ts";
import { terminalOf } from "../../transport/usb/usb-terminal.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import { untilAborted, type Io } from "../io.ts";
import { devicesOf, type Plugged, type Seated } from "./simulate-devices.ts";
import { wrong } from "./seat-words.ts";
import { usbWords, type PlannedBoard, type SimulateOptions } from "./simulate-plan.ts";

/** Longest that the system may take to make a terminal for an adapter, ms. */
const terminalMs = 10_000;
/** Longest that its name by place is waited for, ms: a system without udev gives none. */
const nameMs = 1500;

/** Holds the USB boards, the adapters and the strangers until the signal aborts; pty boards are somebody else's. */
export async function holdUsb(
  plans: readonly PlannedBoard[],
  boards: readonly SimBoard[],
  options: SimulateOptions,
  io: Io,
): Promise<void> {
  const { serve } = usbWords(options);
  const attach = shallAttach(options);
  const devices = devicesOf(plans, boards, options);
  await using held = new AsyncDisposableStack();
  for (const { device } of devices) held.use(device);
  const server = held.use(await served(devices, serve ?? 0));
  try {
    if (attach) await attached(devices, server, held, io);
    else await offered(devices, server, io);
  } catch (error) {
    // Stopped in the middle of attaching: that is the end that was asked for.
    if (!io.signal.aborted) throw error;
  }
}

/** Where the kernel cannot have them they are offered only, if somebody said where. */
function shallAttach(options: SimulateOptions): boolean {
  const { attach, serve } = usbWords(options);
  const why = vhciComplaint();
  if (attach === false && serve === null)
    throw wrong(
      "--no-attach",
      "nobody would know where the devices are: --serve PORT was expected beside it",
    );
  if (why !== null && (attach === true || serve === null))
    throw new CommandError(
      `gangflash: USB boards cannot be attached here: ${why}. "--serve 3240 --no-attach" only offers them, to "usbip attach -r 127.0.0.1 -b ${busidOf(1)}"; sim: ports in a station file need nothing`,
      exitCodes.unfit,
    );
  return attach ?? why === null;
}

async function served(devices: readonly Exported[], port: number): Promise<UsbipServer> {
  try {
    return await usbipServer(devices, { port });
  } catch (error) {
    throw new CommandError(`gangflash: --serve ${port}: ${errorText(error)}`, exitCodes.unfit);
  }
}

/** No kernel of ours takes them: whoever wants one asks the server for it. */
async function offered(devices: readonly Plugged[], server: UsbipServer, io: Io): Promise<void> {
  for (const { busid, seated } of devices)
    for (const one of seated) {
      const port = `usbip:${server.host}:${server.port}/${busid}`;
      say(io, `${port} ${one.about}`, { type: "board", port, busid, ...factsOf(one) });
    }
  await untilAborted(io.signal);
}

async function attached(
  devices: readonly Plugged[],
  server: UsbipServer,
  held: AsyncDisposableStack,
  io: Io,
): Promise<void> {
  const hub = virtualHub();
  const sockets = hub.freePorts();
  if (sockets.length < devices.length)
    throw new CommandError(
      `gangflash: ${devices.length} USB devices were asked for, the kernel's virtual hub has room for ${sockets.length}`,
      exitCodes.unfit,
    );
  // One that cannot be attached ends them all.
  const stop = new AbortController();
  const signal = AbortSignal.any([io.signal, stop.signal]);
  const first = devices.map(() => Promise.withResolvers<string>());
  const kept = devices.map(async (device, i) => {
    let times = 0;
    const plugged = (path: string): void => {
      times += 1;
      if (times === 1) first[i]?.resolve(path);
      else tell(io, "back", `usb:${path}`, device);
    };
    const trouble = (why: string): void => io.err(`gangflash: ${device.busid}: ${why}; tried again`);
    const options = { server, exported: device, hub, port: sockets[i] ?? 0, plugged, trouble };
    try {
      await keepPlugged(options, signal);
    } catch (error) {
      stop.abort();
      throw new CommandError(`gangflash: ${errorText(error)}`, exitCodes.unfit);
    }
  });
  held.defer(async () => {
    stop.abort();
    await Promise.allSettled(kept);
  });
  const all = Promise.all(kept);
  const lines: string[] = [];
  for (const [i, device] of devices.entries()) {
    const path = await Promise.race([first[i]?.promise ?? "", all.then(() => null)]);
    if (path === null) return;
    lines.push(...(await introduced(device, lines.length, path, held, io)));
  }
  if (!io.json) for (const line of ["slots:", ...lines]) io.out(line);
  await all;
}

/** Says where a device is; its lines for a station file. `before`: slots that have a name already. */
async function introduced(
  { seated, busid }: Plugged,
  before: number,
  path: string,
  held: AsyncDisposableStack,
  io: Io,
): Promise<string[]> {
  const lines: string[] = [];
  for (const [channel, one] of seated.entries()) {
    const name = `S${before + channel + 1}`;
    if (one.plan?.seat.kind === "cdc") {
      lines.push(
        await introducedTerminal(one, one.plan, one.plan.seat.wiring, { name, path, busid }, held, io),
      );
      continue;
    }
    const adapter = channel === 0 ? `can:gs_usb:${path}` : `can:gs_usb:${path}:${channel}`;
    const port = one.plan?.seat.kind === "gs_usb" ? adapter : `usb:${path}`;
    say(io, `${port} ${one.about}`, { type: "board", name, port, busid, ...factsOf(one) });
    lines.push(`  - { name: ${name}, port: "${port}" }${one.plan === null ? " # no board" : ""}`);
  }
  return lines;
}

/** The same of a serial adapter, which the system makes a terminal for. */
async function introducedTerminal(
  seated: Seated,
  plan: PlannedBoard,
  { boot0, reset }: Wiring,
  { name, path, busid }: { readonly name: string; readonly path: string; readonly busid: string },
  held: AsyncDisposableStack,
  io: Io,
): Promise<string> {
  const terminal = await terminalAt(path, io.signal);
  if (plan.link !== null) held.use(holdLink(plan.link, terminal));
  const port = `uart:${plan.link ?? (await stableName(terminal, io.signal))}`;
  const facts = { device: terminal, boot0, reset, ...factsOf(seated) };
  say(io, `${port} ${seated.about}`, { type: "board", name, port, busid, ...facts });
  return `  - { name: ${name}, port: "${port}", boot0: "${boot0}", reset: "${reset}" }`;
}

async function terminalAt(path: string, signal: AbortSignal): Promise<string> {
  const end = realClock.now() + terminalMs;
  for (let found = terminalOf(path); ; found = terminalOf(path)) {
    if (found !== null) return found;
    if (realClock.now() > end)
      throw new CommandError(
        `gangflash: the adapter at usb:${path} got no terminal: "modprobe cdc-acm" as root loads its driver`,
        exitCodes.unfit,
      );
    await sleep(realClock, 50, signal);
  }
}

/** The name by its place in the tree; the system, where it gives one, needs a moment for it. */
async function stableName(terminal: string, signal: AbortSignal): Promise<string> {
  const end = realClock.now() + nameMs;
  for (;;) {
    const listed = await listSerial();
    const seen = listed.ok ? listed.found.find(({ device }) => device === terminal) : undefined;
    if (typeof seen?.byPath === "string") return seen.byPath;
    if (realClock.now() > end) return terminal;
    await sleep(realClock, 50, signal);
  }
}

function tell(io: Io, what: "back", port: string, { seated }: Plugged): void {
  for (const one of seated)
    if (io.json) io.out(JSON.stringify({ type: what, port, ...factsOf(one) }));
    else io.err(`${port} ${one.about} is ${what}`);
}

const factsOf = ({ plan, about }: Seated): object =>
  plan === null ? { foreign: about } : { chip: plan.chip, uid: plan.uid };

function say(io: Io, words: string, facts: object): void {
  io.out(io.json ? JSON.stringify(facts) : words);
}
