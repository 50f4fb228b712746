import type { FaultCode } from "../../src/model/fault.ts";

/** Codes that no simulated bench comes to, and why: their screens are made of made-up facts. */
export const madeFaults = {
  DFU_STALLED: "a simulated DFU device keeps to the standard's states",
  NO_BOARD: "a simulated port always has its board; test/unit/transport has the real one",
  ENTRY_REFUSED: "simulated ports have no application; test/unit/transport/entry.test.ts has",
  ENTRY_IGNORED: "simulated ports have no application; test/unit/transport/entry.test.ts has",
  ENTRY_NO_PORT: "simulated ports have no application; test/unit/transport/entry.test.ts has",
  SERIAL_OTHER: "the station always holds a number of the unit's own, which is then written instead",
  ADAPTER_BUSY: "only the system says that a port is somebody else's",
  STOPPED_BY_POWER: "found after the next start, when no tile holds the board",
  FOREIGN_DEVICE: "a simulated port never has another device; the watch of the USB bus finds one",
} as const satisfies Partial<Record<FaultCode, string>>;
