import { NoPty } from "../../../../src/sim/os/libc.ts";
import { openPty, type Pty } from "../../../../src/sim/os/pty.ts";

const silent = { opened: () => undefined, bytes: () => undefined, closed: () => undefined };

/** Whether this machine has ptys: Windows has none, and koffi is an optional package. */
export const ptyHere = await openPty(silent).then(
  (pty: Pty) => {
    pty[Symbol.dispose]();
    return true;
  },
  (error: unknown) => {
    if (error instanceof NoPty) return false;
    throw error;
  },
);
