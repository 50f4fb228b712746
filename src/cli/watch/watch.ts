import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import type { LanguageCode, StationView } from "../../model/view.ts";
import { colourMode } from "../../ui/theme.ts";
import { onlyWatching, watchedView, watchKey } from "../../ui/watching.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import { interruptCode, type Io } from "../io.ts";
import { snapshotIn, watchAddress } from "./watch-wire.ts";

export interface WatchOptions {
  readonly data: string;
  readonly color: boolean;
  readonly language: LanguageCode | null;
  readonly reader: boolean;
}

/** More than any view: whoever sends it is no station. */
const longestLine = 8_000_000;

/** The operator's screen in a second terminal, read only. */
export async function watchCommand(options: WatchOptions, io: Io): Promise<number> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new CommandError("watching needs a terminal; over SSH: ssh -t line1 gangflash watch");
  const feed = await openFeed(options.data);
  const colour = options.color ? colourMode(process.env) : "none";
  const { mountScreen } = await import("../../ui/app.ts");
  const speak = options.reader ? (await import("../../ui/reader.tsx")).speakLines : null;
  let watching = onlyWatching;
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const changed of listeners) changed();
  };
  feed.changed(tell);
  const left = Promise.withResolvers<void>();
  const screen = mountScreen({
    stdin: process.stdin,
    stdout: io.stdout,
    view: () => watchedView(feed.view(), watching),
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    send(input) {
      const next = watchKey(watching, feed.view(), input);
      if (next === "leave") return left.resolve();
      watching = next;
      tell();
    },
    colour,
    language: options.language,
    term: process.env["TERM"] ?? "",
    speak,
    watching: true,
  });
  const stop = (): void => left.resolve();
  io.signal.addEventListener("abort", stop, { once: true });
  process.on("SIGHUP", stop);
  const stationLeft = await Promise.race([feed.ended.then(() => true), left.promise.then(() => false)]);
  feed.close();
  screen.stop();
  await screen.done;
  if (stationLeft) io.err("The station was left.");
  return interruptCode(io.signal) ?? exitCodes.ok;
}

interface Feed {
  view(): StationView;
  changed(listener: () => void): void;
  readonly ended: Promise<void>;
  close(): void;
}

const nobody = (data: string): CommandError =>
  new CommandError(
    `no screen runs on ${data}; the station's data folder was expected: gangflash watch --data FOLDER`,
  );

/** The station's views as they come; resolves with the first one. Throws CommandError where no station answers. */
async function openFeed(data: string): Promise<Feed> {
  if (!existsSync(data)) throw nobody(data);
  const socket = connect(watchAddress(data));
  const first = Promise.withResolvers<StationView>();
  const ended = Promise.withResolvers<void>();
  let newest: StationView | null = null;
  let listener = (): void => {};
  readLines(socket, (line) => {
    const view = snapshotIn(line, performance.now());
    if (view === null) {
      first.reject(new CommandError("the station runs another version of gangflash; watch it with that one"));
      socket.destroy();
      return;
    }
    newest = view;
    first.resolve(view);
    listener();
  });
  socket.on("error", () => first.reject(nobody(data)));
  socket.on("close", () => {
    first.reject(nobody(data));
    ended.resolve();
  });
  const begun = await first.promise;
  return {
    view: () => newest ?? begun,
    changed: (hear) => (listener = hear),
    ended: ended.promise,
    close: () => socket.destroy(),
  };
}

function readLines(socket: Socket, hear: (line: string) => void): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (piece: string) => {
    rest += piece;
    if (rest.length > longestLine) socket.destroy();
    for (let end = rest.indexOf("\n"); end >= 0; end = rest.indexOf("\n")) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 1);
      hear(line);
    }
  });
}
