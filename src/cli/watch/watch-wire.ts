import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StationView } from "../../model/view.ts";

/** Raised when the view or its text changes its meaning: both ends are the same program or do not talk. */
const watchVersion = 1;

/** A Unix socket's name has at most 107 bytes (sun_path of unix(7)), on macOS 103. */
const longestName = 100;

/**
 * Where a station that works on this data folder is watched. A folder whose name is too long for a socket has it in the
 * system's folder for temporary files.
 */
export function watchAddress(folder: string): string {
  const real = realpathSync(folder);
  const hash = createHash("sha256").update(real).digest("hex").slice(0, 16);
  // Whom Windows lets read a named pipe is UNCONFIRMED; Node gives no way to say it.
  if (process.platform === "win32") return `\\\\.\\pipe\\gangflash-${hash}`;
  const beside = join(real, "watch.sock");
  return Buffer.byteLength(beside) <= longestName ? beside : join(tmpdir(), `gangflash-${hash}.sock`);
}

interface Snapshot {
  readonly version: number;
  /** `performance.now()` of the station: times in the view are on its clock. */
  readonly now: number;
  readonly view: StationView;
}

/** One line of text for one view. */
export function snapshotLine(view: StationView, now: number): string {
  const snapshot: Snapshot = { version: watchVersion, now, view };
  const text = JSON.stringify(
    snapshot,
    function (this: Record<string, unknown>, key: string, value: unknown) {
      const before = this[key];
      return before instanceof Date ? { $date: before.getTime() } : value;
    },
  );
  return `${text}\n`;
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || !("$date" in value)) return value;
  return new Date(typeof value.$date === "number" ? value.$date : Number.NaN);
}

/** The view in a line, its times moved to this process's clock; `null`: another version of the program sent it. */
export function snapshotIn(line: string, now: number): StationView | null {
  const read: unknown = JSON.parse(line, revive);
  if (typeof read !== "object" || read === null || !("version" in read) || read.version !== watchVersion)
    return null;
  // The same version of this program wrote it, to a socket that only its own user opens.
  const snapshot = read as Snapshot;
  const later = now - snapshot.now;
  const slots = snapshot.view.slots.map((slot) =>
    slot.state.kind === "running"
      ? { ...slot, state: { ...slot.state, since: slot.state.since + later } }
      : slot,
  );
  return { ...snapshot.view, slots };
}
