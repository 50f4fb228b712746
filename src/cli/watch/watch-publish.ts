import { chmodSync, lstatSync, unlinkSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import type { StationView } from "../../model/view.ts";
import { snapshotLine, watchAddress } from "./watch-wire.ts";

/** So often at most; a watcher's own screen counts the seconds. */
const calmMs = 250;
/** A watcher that takes nothing for so long is gone. */
const deadMs = 10_000;

export interface WatchedStation {
  readonly view: () => StationView;
  readonly subscribe: (changed: () => void) => () => void;
}

interface Watcher {
  readonly socket: Socket;
  /** Since when the newest view waits for it; `null`: it has the newest. */
  behindSince: number | null;
}

function removeStale(address: string): void {
  if (process.platform === "win32") return;
  try {
    if (lstatSync(address).isSocket()) unlinkSync(address);
  } catch {
    // There is none.
  }
}

/**
 * Lets others look on: each gets the newest view, and only that, as fast as they take it. A slow or dead watcher costs
 * the line nothing; what one sends is thrown away. Only this user may open the socket. `failed` hears why nobody can
 * watch: the line works on.
 */
export function publishView(
  folder: string,
  station: WatchedStation,
  failed: (error: Error) => void,
): Disposable {
  const address = watchAddress(folder);
  const watchers = new Set<Watcher>();
  let timer: NodeJS.Timeout | null = null;
  let sentAt = Number.NEGATIVE_INFINITY;

  function give(watcher: Watcher, line: string): void {
    const now = performance.now();
    if (watcher.socket.writableNeedDrain) {
      watcher.behindSince ??= now;
      if (now - watcher.behindSince > deadMs) watcher.socket.destroy();
      return;
    }
    watcher.behindSince = null;
    watcher.socket.write(line);
  }

  function send(): void {
    timer = null;
    sentAt = performance.now();
    if (watchers.size === 0) return;
    const line = snapshotLine(station.view(), sentAt);
    for (const watcher of watchers) give(watcher, line);
  }

  function changed(): void {
    if (timer !== null || watchers.size === 0) return;
    timer = setTimeout(send, Math.max(0, sentAt + calmMs - performance.now()));
    timer.unref();
  }

  const server = createServer((socket) => {
    const watcher: Watcher = { socket, behindSince: null };
    watchers.add(watcher);
    socket.unref();
    socket.on("error", () => socket.destroy());
    socket.on("close", () => watchers.delete(watcher));
    socket.on("drain", () => {
      if (watcher.behindSince !== null) give(watcher, snapshotLine(station.view(), performance.now()));
    });
    socket.resume();
    give(watcher, snapshotLine(station.view(), performance.now()));
  });
  server.on("error", failed);
  server.unref();

  removeStale(address);
  // The socket is bound inside `listen`, so that it is never open to others, not for a moment.
  const before = process.umask(0o177);
  try {
    server.listen(address);
  } finally {
    process.umask(before);
  }
  server.once("listening", () => {
    if (process.platform !== "win32") chmodSync(address, 0o600);
  });
  const unsubscribe = station.subscribe(changed);

  return {
    [Symbol.dispose]() {
      unsubscribe();
      if (timer !== null) clearTimeout(timer);
      for (const { socket } of watchers) socket.destroy();
      server.close();
      removeStale(address);
    },
  };
}
