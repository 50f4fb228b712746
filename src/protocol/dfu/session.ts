import { hex32 } from "../../lib/bytes.ts";
import { sleep } from "../../lib/clock.ts";
import { Fault, type FaultCode } from "../../model/fault.ts";
import type { ControlLink } from "../links.ts";
import { controlMs, exchange, type Exchange } from "./commands.ts";
import { isFlash, parseLayout, type Layout } from "./layout-string.ts";
import {
  commandBlock,
  describe,
  failureCode,
  firstDataBlock,
  isFailure,
  lastDataBlock,
  setAddress,
  stateName,
  states,
  statusCodes,
  type Status,
} from "./requests.ts";

/** A transfer that the loader STALLs without a reason is done again so many times. */
const stallTries = 3;
/** Longest pause between two questions to a loader that is busy beyond what it said, ms. */
const longestPauseMs = 50;
/** The same for a loader that is about to leave the bus, at least. */
const leavingPauseMs = 20;

/** A contiguous run under one address pointer: the block that comes next, and the address it stands for. */
interface Run {
  readonly kind: "write" | "read";
  readonly address: number;
  readonly block: number;
}

/** Download work that is sent, started, and waited for. */
export interface Task {
  /** For the engineer. */
  readonly what: string;
  readonly block: number;
  readonly data: Uint8Array;
  readonly limitMs: number;
}

/**
 * Where a talk with one loader stands: its state, its address pointer, its alternate setting. Everything is sent in
 * the state that takes it, and nothing is sent that the loader knows already.
 */
export interface Session {
  readonly wire: Exchange;
  /** Transfers that were stalled and taken when they were sent again. */
  repeats(): number;
  /** True where a memory string describes this address. */
  knows(address: number): boolean;
  /** Brings the loader to a state in which it takes a download, or an upload. */
  ready(kind: "download" | "upload", signal: AbortSignal): Promise<void>;
  /** The alternate setting that holds the address; the flash's for addresses that none describes (RAM, ROM, UID). */
  select(address: number, signal: AbortSignal): Promise<void>;
  pointTo(address: number, signal: AbortSignal): Promise<void>;
  /** Does a task: the first GETSTATUS starts it, the next ones ask for its end. */
  perform(task: Task, signal: AbortSignal): Promise<void>;
  /** A task after which the chip leaves the bus: a transfer that breaks off in one of these ways is what was asked for. */
  part(task: Task, asLeft: ReadonlySet<FaultCode>, signal: AbortSignal): Promise<"left" | Status>;
  write(address: number, data: Uint8Array, limitMs: number, signal: AbortSignal): Promise<void>;
  read(address: number, length: number, signal: AbortSignal): Promise<Uint8Array>;
  /** Frees a loader that never says that it is done; true when that helped. */
  unstick(signal: AbortSignal): Promise<boolean>;
  /** The chip did what only an unlocked one does: what it refuses from now on is not read protection. */
  unlocked(): void;
  refusal(what: string, why: Status): Fault;
}

export function session(link: ControlLink): Session {
  const { facts, clock } = link;
  const wire = exchange(link);
  const alternates = facts.alternates.flatMap(({ alternate, name }) => {
    const layout = parseLayout(name);
    return typeof layout === "string" ? [] : [{ alternate, layout }];
  });
  const flashAlternate = alternates.find(({ layout }) => isFlash(layout))?.alternate ?? null;

  /** Where the loader's state machine stands; `unknown` until it was asked again. */
  let mode: "idle" | "download" | "upload" | "unknown" = "unknown";
  let run: Run | null = null;
  let selected: number | null = null;
  let open = false;
  let repeated = 0;

  async function ready(kind: "download" | "upload", signal: AbortSignal): Promise<void> {
    if (mode === "idle" || mode === kind) return;
    if (mode === "unknown") run = null;
    else await wire.abort(signal);
    mode = "unknown";
    await wire.toIdle(signal);
    mode = "idle";
  }

  async function select(address: number, signal: AbortSignal): Promise<void> {
    const homes = alternates.filter(({ layout }) => holds(layout, address));
    if (homes.some(({ alternate }) => alternate === selected)) return;
    const wanted = homes[0]?.alternate ?? flashAlternate;
    // A device with one alternate setting may STALL the request, and has nothing to choose from.
    if (wanted === null || wanted === selected || facts.alternates.length < 2) return;
    run = null;
    let tries = 1;
    for (; !(await wire.selectAlternate(wanted, signal)); tries += 1)
      if (tries === stallTries)
        throw new Fault("DFU_STALLED", `SET_INTERFACE to alternate ${wanted} was stalled ${tries} times`);
    repeated += tries - 1;
    selected = wanted;
  }

  async function perform({ what, block, data, limitMs }: Task, signal: AbortSignal): Promise<void> {
    run = null;
    for (let tries = 1; ; tries += 1) {
      await ready("download", signal);
      mode = "unknown";
      if (await wire.download(block, data, signal)) {
        const end = await finish(what, await wire.askStatus(signal), limitMs, signal);
        if (end.state !== states.downloadIdle) throw refusal(what, end);
        repeated += tries - 1;
        mode = "download";
        return;
      }
      const why = await wire.status(signal);
      if (isFailure(why)) throw refusal(what, why);
      // Nothing was taken, so the block keeps its number; `ready` does the rest where the state has moved.
      if (tries === stallTries) throw new Fault("DFU_STALLED", `${what} was stalled ${tries} times`);
      if (why.state === states.idle) mode = "idle";
      if (why.state === states.downloadIdle) mode = "download";
    }
  }

  /**
   * What the loader says of its time is the least to wait. The work has `limitMs`, and each answer the time of a control
   * transfer beside it: a hub full of boards, or a machine that is busy, is no fault of this one.
   */
  async function finish(
    what: string,
    first: Status | null,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<Status> {
    const end = clock.now() + limitMs;
    let seen: Status | "stall" = first ?? "stall";
    let pauseMs = 1;
    let toldMs = 1;
    while (seen === "stall" || seen.state === states.busy) {
      // L4 STALLs its status while it is busy: that is "not yet", for as long as the work may take (section 11).
      if (seen !== "stall") toldMs = Math.max(seen.pollMs, 1);
      const restMs = end - clock.now();
      await sleep(clock, Math.min(Math.max(toldMs, pauseMs), Math.max(restMs, 0)), signal);
      if (toldMs > restMs) throw overdue(what, limitMs, seen);
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      const answerMs = Math.max(end - clock.now(), 0) + controlMs;
      seen = (await wire.askStatus(signal, answerMs, `GETSTATUS after ${what}`)) ?? "stall";
    }
    return seen;
  }

  async function pointTo(address: number, signal: AbortSignal): Promise<void> {
    const what = `Set Address ${hex32(address)}`;
    await perform({ what, block: commandBlock, data: setAddress(address), limitMs: controlMs }, signal);
  }

  /** The block number that stands for an address: the next of its run, or the first of a new one. */
  async function blockFor(kind: Run["kind"], address: number, signal: AbortSignal): Promise<number> {
    await select(address, signal);
    // A state that is not known may have moved the pointer, too.
    const next = mode === "unknown" ? null : run;
    if (next?.kind === kind && next.address === address && next.block <= lastDataBlock) return next.block;
    await pointTo(address, signal);
    return firstDataBlock;
  }

  /** Block numbers count whole transfers: a short one ends its run. */
  function advance(kind: Run["kind"], address: number, length: number, block: number): void {
    run = length === facts.transferSize ? { kind, address: address + length, block: block + 1 } : null;
    open = true;
  }

  function refusal(what: string, why: Status): Fault {
    const locked = failureCode(why) === statusCodes.vendor && !open;
    if (locked) return new Fault("PROTECTED", `${what} was answered ${describe(why)}: read protection is on`);
    if (isFailure(why)) return new Fault("CHIP_REFUSED", `${what} was answered ${describe(why)}`);
    return new Fault("DFU_STALLED", `${what} ended in ${stateName(why.state)}`);
  }

  return {
    wire,
    repeats: () => repeated,
    ready,
    select,
    pointTo,
    perform,
    refusal,
    knows: (address) => alternates.some(({ layout }) => holds(layout, address)),
    unlocked() {
      open = true;
    },
    async part({ what, block, data, limitMs }, asLeft, signal) {
      run = null;
      await ready("download", signal);
      try {
        for (let tries = 1; ; tries += 1) {
          mode = "unknown";
          if (await wire.download(block, data, signal)) {
            repeated += tries - 1;
            break;
          }
          const why = await wire.status(signal);
          if (isFailure(why)) return why;
          if (tries === stallTries) throw new Fault("DFU_STALLED", `${what} was stalled ${tries} times`);
          if (why.state !== states.idle && why.state !== states.downloadIdle) await ready("download", signal);
        }
        const end = clock.now() + limitMs;
        for (;;) {
          const seen = await wire.askStatus(signal, limitMs);
          if (seen !== null && !leaving(seen)) return seen;
          const rest = end - clock.now();
          if (rest < 0) throw overdue(what, limitMs, seen ?? "stall");
          await sleep(
            clock,
            Math.min(Math.max(seen?.pollMs ?? 0, leavingPauseMs), rest + leavingPauseMs),
            signal,
          );
        }
      } catch (error) {
        if (error instanceof Fault && asLeft.has(error.code) && !signal.aborted) return "left";
        throw error;
      }
    },
    async write(address, data, limitMs, signal) {
      const what = `download of ${data.length} bytes to ${hex32(address)}`;
      const block = await blockFor("write", address, signal);
      await perform({ what, block, data, limitMs }, signal);
      advance("write", address, data.length, block);
    },
    async read(address, length, signal) {
      const what = `upload of ${length} bytes from ${hex32(address)}`;
      for (let tries = 1; ; tries += 1) {
        const block = await blockFor("read", address, signal);
        await ready("upload", signal);
        mode = "unknown";
        const bytes = await wire.upload(block, length, signal);
        if (bytes?.length === length) {
          repeated += tries - 1;
          mode = "upload";
          advance("read", address, length, block);
          return bytes;
        }
        const why = await wire.status(signal);
        if (isFailure(why)) throw refusal(what, why);
        if (bytes !== null)
          throw new Fault("CHIP_REFUSED", `${what} was answered with ${bytes.length} bytes`);
        if (tries === stallTries) throw new Fault("DFU_STALLED", `${what} was stalled ${tries} times`);
      }
    },
    async unstick(signal) {
      try {
        await wire.clearStatus(signal);
        await wire.clearStatus(signal);
        if ((await wire.askStatus(signal))?.state !== states.idle) return false;
        mode = "idle";
        return true;
      } catch (error) {
        if (error instanceof Fault && !signal.aborted) return false;
        throw error;
      }
    },
  };
}

const holds = (layout: Layout, address: number): boolean =>
  layout.regions.some((region) => address >= region.address && address < region.end);

const leaving = ({ state }: Status): boolean =>
  state === states.busy || state === states.manifest || state === states.manifestWaitReset;

function overdue(what: string, ms: number, seen: Status | "stall"): Fault {
  const within = `within ${Math.round(ms)} ms`;
  const how = seen === "stall" ? "GETSTATUS is stalled" : stateName(seen.state);
  return new Fault("CHIP_BUSY", `${what} did not end ${within}: ${how}`);
}
