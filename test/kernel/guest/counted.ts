import { chipSpec } from "../../../src/family/table.ts";
import { simBoard, type SimBoard } from "../../../src/sim/board.ts";
import { dfuRom, type DfuRom } from "../../../src/sim/dfu-rom.ts";
import { keepPlugged } from "../../../src/sim/os/attach.ts";
import { dfuUsbDevice } from "../../../src/sim/os/dfu-usb-device.ts";
import { busidOf } from "../../../src/sim/os/usbip-record.ts";
import { usbipServer } from "../../../src/sim/os/usbip-server.ts";
import { virtualHub } from "../../../src/sim/os/vhci.ts";
import { simUid } from "../../../src/sim/sim-bench.ts";

/** What a host asked of a device since it was counted the last time. */
export interface Count {
  readonly transfers: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}

export interface CountedBoard extends AsyncDisposable {
  readonly board: SimBoard;
  readonly path: string;
  /** Counts from 0 again. */
  take(): Count;
  /** The operator puts it in again; the new enumeration is waited for. */
  reseat(): Promise<void>;
}

/** One board at one socket of the virtual hub, held by this process, which counts. */
export async function countedBoard(
  chip: string,
  { rom, pace = "real", socket = 0 }: { rom?: DfuRom; pace?: "real" | "fast"; socket?: number } = {},
): Promise<CountedBoard> {
  const board = simBoard(chipSpec(chip, simUid(`counted ${chip}`)));
  const device = dfuUsbDevice(board, rom ?? dfuRom(board.chip().spec.family), pace);
  const exported = { busid: busidOf(1), device };
  let count = { transfers: 0, bytesOut: 0, bytesIn: 0 };
  function log(line: string): void {
    const [, , setup, direction, length, end = ""] =
      /^(\S+) \d+ ([0-9a-f]{16}) (in|out) (\d+): (.*)$/.exec(line)?.map(String) ?? [];
    if (setup === undefined) return;
    const [, got = "0"] = /^(\d+) bytes$/.exec(end) ?? [];
    count = {
      transfers: count.transfers + 1,
      bytesOut: count.bytesOut + (direction === "out" ? Number(length) : 0),
      bytesIn: count.bytesIn + Number(got),
    };
  }
  const server = await usbipServer([exported], { port: 0, log });
  const stop = new AbortController();
  const hub = virtualHub();
  const port = hub.freePorts()[socket];
  if (port === undefined) throw new Error("the virtual hub has no socket left");
  let there = Promise.withResolvers<string>();
  const plugged = (path: string): void => there.resolve(path);
  const kept = keepPlugged({ server, exported, hub, port, plugged }, stop.signal);
  const failed = kept.then(() => Promise.reject(new Error("it was not attached")));
  failed.catch(() => {});
  const path = await Promise.race([there.promise, failed]);
  return {
    board,
    path,
    take() {
      const taken = count;
      count = { transfers: 0, bytesOut: 0, bytesIn: 0 };
      return taken;
    },
    async reseat() {
      there = Promise.withResolvers();
      device.reseat();
      await Promise.race([there.promise, failed]);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await kept;
      // The kernel takes a moment to forget it; the next one at this socket waits for that by itself.
      await server[Symbol.asyncDispose]();
      device[Symbol.dispose]();
    },
  };
}
