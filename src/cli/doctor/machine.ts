import { accessSync, constants, readdirSync, readFileSync, realpathSync } from "node:fs";
import { userInfo } from "node:os";
import { errorCode, errorText } from "../../lib/thrown.ts";
import type { HubFacts } from "../../protocol/hub-class.ts";
import { hubFacts } from "../../transport/usb/hub-power.ts";

/** What the checks ask of the machine; another one in tests. Paths are those of a real one. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly nodeVersion: string;
  /** A text file without its end of line; `null`: not there, or not to be read. */
  text(path: string): string | null;
  /** Names in a folder, sorted; none where it is not there. */
  names(path: string): readonly string[];
  /** Where a path leads in the end; `null`: nowhere. */
  real(path: string): string | null;
  /** Whether this user may read and write it; `null`: it is not there. */
  mayUse(path: string): boolean | null;
  /** `null` on a system without such users. */
  readonly user: { readonly name: string; readonly uid: number; readonly groups: readonly number[] } | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly screen: { readonly columns: number; readonly rows: number } | null;
  now(): Date;
  /** Loads a package; why it does not load, or `null`. */
  loads(name: string): Promise<string | null>;
  /** Whether the kernel says that something keeps its clock right; `null`: it does not tell. */
  clockIsKept(): Promise<boolean | null>;
  /** What a hub of the USB tree says of itself; `null`: it may not be asked. */
  askHub(hub: string): Promise<HubFacts | null>;
}

export function thisMachine(): Machine {
  const { stdout } = process;
  return {
    platform: process.platform,
    nodeVersion: process.versions.node,
    text(path) {
      try {
        return readFileSync(path, "utf8").trimEnd();
      } catch {
        return null;
      }
    },
    names(path) {
      try {
        return readdirSync(path).toSorted();
      } catch {
        return [];
      }
    },
    real(path) {
      try {
        return realpathSync(path);
      } catch {
        return null;
      }
    },
    mayUse(path) {
      try {
        accessSync(path, constants.R_OK | constants.W_OK);
        return true;
      } catch (error) {
        return errorCode(error) === "ENOENT" ? null : false;
      }
    },
    user: thisUser(),
    env: process.env,
    screen: stdout.isTTY ? { columns: stdout.columns, rows: stdout.rows } : null,
    now: () => new Date(),
    loads,
    askHub: async (hub) => await hubFacts(hub, new AbortController().signal).catch(() => null),
    clockIsKept: process.platform === "linux" ? kernelClockIsKept : () => Promise.resolve(null),
  };
}

function thisUser(): Machine["user"] {
  const groups = process.getgroups?.();
  if (groups === undefined) return null;
  const { username, uid } = userInfo();
  return { name: username, uid, groups };
}

async function loads(name: string): Promise<string | null> {
  try {
    switch (name) {
      case "better-sqlite3": {
        const { default: Database } = await import("better-sqlite3");
        new Database(":memory:").close();
        return null;
      }
      case "usb":
        await import("usb");
        return null;
      case "serialport":
        await import("serialport");
        return null;
      case "koffi":
        await import("koffi");
        return null;
      default:
        return `no package ${name} is used`;
    }
  } catch (error) {
    const [first = ""] = errorText(error).split("\n");
    return first;
  }
}

/** `adjtimex` with nothing to change: 5, TIME_ERROR, says that nobody keeps the clock. Bytes of `struct timex`: 208. */
async function kernelClockIsKept(): Promise<boolean | null> {
  const timeError = 5;
  try {
    const { default: koffi } = await import("koffi");
    // koffi's functions are untyped; the definition stands in the line that gives it its type.
    const call = koffi.load(null).func("int adjtimex(_Inout_ uint8_t *timex)") as unknown as (
      timex: Uint8Array,
    ) => number;
    const state = call(new Uint8Array(256));
    return state < 0 ? null : state !== timeError;
  } catch {
    return null;
  }
}
