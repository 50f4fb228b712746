import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Fault } from "../../model/fault.ts";

const run = promisify(execFile);

/** A CAN interface as the kernel has it. */
export interface CanInterface {
  /** `can` for a controller; `vcan` and others have no bit rate. */
  readonly hasRate: boolean;
  readonly up: boolean;
  readonly bitrate: number | null;
  readonly dataBitrate: number | null;
  /** What its controller can make, as far as the kernel tells it. */
  readonly makes: { readonly nominal: RateLimits; readonly data: RateLimits };
}

/** A list of rates, or how the controller divides its clock; neither: not known. */
export interface RateLimits {
  readonly rates: readonly number[] | null;
  readonly division: { readonly clockHz: number; readonly quanta: Range; readonly prescaler: Range } | null;
}

interface Range {
  readonly min: number;
  readonly max: number;
}

/** As `ip` prints bittiming_const. */
interface TimingConst {
  readonly tseg1?: Range;
  readonly tseg2?: Range;
  readonly brp?: Range;
}

/** What `ip` tells, as far as it is read here. */
interface Told {
  readonly flags?: readonly string[];
  readonly linkinfo?: {
    readonly info_kind?: string;
    readonly info_data?: {
      readonly bittiming?: { readonly bitrate?: number };
      readonly data_bittiming?: { readonly bitrate?: number };
      readonly bittiming_const?: TimingConst;
      readonly data_bittiming_const?: TimingConst;
      readonly bitrate_const?: readonly number[];
      readonly data_bitrate_const?: readonly number[];
      readonly clock?: number;
    };
  };
}

/** Throws a Fault ADAPTER_LOST where there is no such interface, or no `ip` to ask. */
export async function lookAtInterface(name: string): Promise<CanInterface> {
  const words = await ip(["-details", "-json", "link", "show", "dev", name]);
  const [told] = JSON.parse(words) as readonly Told[];
  const { info_kind: kind, info_data: timing } = told?.linkinfo ?? {};
  return {
    hasRate: kind === "can",
    up: told?.flags?.includes("UP") ?? false,
    bitrate: timing?.bittiming?.bitrate ?? null,
    dataBitrate: timing?.data_bittiming?.bitrate ?? null,
    makes: {
      nominal: limitsOf(timing?.bitrate_const, timing?.bittiming_const, timing?.clock),
      data: limitsOf(timing?.data_bitrate_const, timing?.data_bittiming_const, timing?.clock),
    },
  };
}

function limitsOf(
  rates: readonly number[] | undefined,
  timing: TimingConst | undefined,
  clockHz: number | undefined,
): RateLimits {
  const { tseg1, tseg2, brp } = timing ?? {};
  const isKnown = tseg1 !== undefined && tseg2 !== undefined && brp !== undefined && clockHz !== undefined;
  if (!isKnown) return { rates: rates ?? null, division: null };
  // One quantum of each bit is the synchronisation.
  const quanta = { min: 1 + tseg1.min + tseg2.min, max: 1 + tseg1.max + tseg2.max };
  return { rates: rates ?? null, division: { clockHz, quanta, prescaler: brp } };
}

/** Further from a rate than this no loader follows; the kernel itself takes ten times as much. */
const mostOff = 0.005;

/** Whether a controller of these limits makes a rate; one of which nothing is known is believed. */
export function canMake({ rates, division }: RateLimits, rate: number): boolean {
  if (rates !== null) return rates.includes(rate);
  if (division === null) return true;
  const { clockHz, quanta, prescaler } = division;
  for (let by = Math.max(1, prescaler.min); by <= prescaler.max; by += 1) {
    const count = Math.round(clockHz / (by * rate));
    if (count < quanta.min) return false;
    if (count <= quanta.max && Math.abs(clockHz / (by * count) / rate - 1) <= mostOff) return true;
  }
  return false;
}

/**
 * Takes the interface down, sets its rates and brings it up again, with no errors counted and no restart of its own after
 * a bus-off. Root may, and who has CAP_NET_ADMIN. Throws a Fault ADAPTER_RATE for a rate that it does not make, and
 * ADAPTER_BUSY where this user may not.
 */
export async function setInterfaceRates(name: string, nominal: number, data: number | null): Promise<void> {
  const fd = data === null ? ["fd", "off"] : ["dbitrate", String(data), "fd", "on"];
  await ip(["link", "set", "dev", name, "down"]);
  try {
    await ip([
      "link",
      "set",
      "dev",
      name,
      "type",
      "can",
      "bitrate",
      String(nominal),
      ...fd,
      "restart-ms",
      "0",
    ]);
  } catch (error) {
    // A controller without FD has no such word at all.
    if (data !== null || !(error instanceof Fault) || error.code !== "ADAPTER_RATE") throw error;
    await ip(["link", "set", "dev", name, "type", "can", "bitrate", String(nominal), "restart-ms", "0"]);
  }
  await ip(["link", "set", "dev", name, "up"]);
}

/** Whether this process may set rates. */
export const maySetRates = (): boolean => process.geteuid?.() === 0;

async function ip(words: readonly string[]): Promise<string> {
  try {
    return (await run("ip", words)).stdout;
  } catch (cause) {
    const { code, stderr = "" } = cause as { readonly code?: string | number; readonly stderr?: string };
    const said = stderr.trim().split("\n")[0] ?? "";
    if (code === "ENOENT")
      throw new Fault("ADAPTER_LOST", 'CAN interfaces need the program "ip" (package iproute2)', { cause });
    if (/not permitted|permission/i.test(said))
      throw new Fault(
        "ADAPTER_BUSY",
        "this user may not set the bit rate of a CAN interface: root may, and a program with CAP_NET_ADMIN",
        { cause },
      );
    if (/does not exist|cannot find/i.test(said))
      throw new Fault("ADAPTER_LOST", `there is no such CAN interface: ${said}`, { cause });
    if (words.includes("bitrate"))
      throw new Fault("ADAPTER_RATE", `the interface refuses these rates: ${said}`, { cause });
    throw new Fault("ADAPTER_LOST", `ip ${words.join(" ")}: ${said}`, { cause });
  }
}
