import { chipSpec } from "../../../src/family/table.ts";
import { simBoard, type SimBoard } from "../../../src/sim/board.ts";
import { dfuRom, type DfuRom } from "../../../src/sim/dfu/dfu-rom.ts";
import { dfuUsbDevice } from "../../../src/sim/os/dfu-usb-device.ts";
import { simUid } from "../../../src/sim/sim-bench.ts";
import { heldDevice } from "./held-device.ts";

/** What a host asked of a device since it was counted the last time. */
export interface Count {
  readonly transfers: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** Transfers of the write phase: from the first block's address to the last answer about the last block. */
  readonly writePhase: number;
}

interface Transfer {
  readonly request: number;
  readonly value: number;
}
const dnload = 1;
const getStatus = 3;
const firstDataBlock = 2;

/** A host that sends one data block sent all of them between the first one's own address command and what it asks behind the last one. */
function writePhase(transfers: readonly Transfer[]): number {
  const isData = ({ request, value }: Transfer): boolean => request === dnload && value >= firstDataBlock;
  const isStatus = (one: Transfer | undefined): boolean => one?.request === getStatus;
  let from = transfers.findIndex(isData);
  if (from < 0) return 0;
  let to = transfers.findLastIndex(isData);
  while (isStatus(transfers[to + 1])) to += 1;
  while (isStatus(transfers[from - 1])) from -= 1;
  if (transfers[from - 1]?.request === dnload) from -= 1;
  return to - from + 1;
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
  let seen: Transfer[] = [];
  let count = { bytesOut: 0, bytesIn: 0 };
  function log(line: string): void {
    const [, , setup, direction, length, end = ""] =
      /^(\S+) \d+ ([0-9a-f]{16}) (in|out) (\d+): (.*)$/.exec(line)?.map(String) ?? [];
    if (setup === undefined) return;
    const [, got = "0"] = /^(\d+) bytes$/.exec(end) ?? [];
    // The setup packet: type, request, value, index, length, the words little endian (USB 2.0, 9.3).
    const packet = Buffer.from(setup, "hex");
    const isClass = ((packet[0] ?? 0) & 0x60) === 0x20;
    seen.push(
      isClass ? { request: packet.readUInt8(1), value: packet.readUInt16LE(2) } : { request: -1, value: 0 },
    );
    count = {
      bytesOut: count.bytesOut + (direction === "out" ? Number(length) : 0),
      bytesIn: count.bytesIn + Number(got),
    };
  }
  const held = await heldDevice(device, { socket, log });
  return {
    board,
    path: held.path,
    take() {
      const taken = { ...count, transfers: seen.length, writePhase: writePhase(seen) };
      count = { bytesOut: 0, bytesIn: 0 };
      seen = [];
      return taken;
    },
    async reseat() {
      const back = held.next();
      device.reseat();
      await back;
    },
    [Symbol.asyncDispose]: () => held[Symbol.asyncDispose](),
  };
}
