import type { LanguageCode, OperatorInput, StationView } from "../model/view.ts";
import { bellsFor, callKey } from "./bells.ts";
import { calmTray } from "./calm-tray.ts";
import { frame } from "./frame.ts";
import { line } from "./line.ts";
import { hasNewResult } from "./new-result.ts";
import { rowPainter } from "./painter.ts";
import type { Speak } from "./reader.tsx";
import { readScans } from "./scan-reader.ts";
import type { ScanReader, ScreenInput } from "./scan-reader.ts";
import { spokenLog } from "./spoken-log.ts";
import { calmMs, screenStore } from "./store.ts";
import { takeTerminal } from "./terminal.ts";
import type { ScreenOutput } from "./terminal.ts";
import { shown } from "./text.ts";
import { paintRow, themeOf } from "./theme.ts";
import type { ColourMode, Theme } from "./theme.ts";
import { say } from "./words/catalogue.ts";
import { wordsFor } from "./words/languages.ts";

export interface ScreenOptions {
  readonly stdin: ScreenInput;
  readonly stdout: ScreenOutput;
  /** The newest view of the station; read at most ten times a second. */
  readonly view: () => StationView;
  /** Calls back after each change of the view; returns how to end that. */
  readonly subscribe: (changed: () => void) => () => void;
  readonly send: (input: OperatorInput) => void;
  readonly colour: ColourMode;
  /** Instead of the station's own language. */
  readonly language?: LanguageCode | null;
  /** The terminal's kind, as in TERM. */
  readonly term?: string;
  /** Plain lines that say what changes, for a screen reader, instead of the drawn screen. */
  readonly speak?: Speak | null;
  /** Somebody looks on from another terminal: no bells there. */
  readonly watching?: boolean;
}

export interface MountedScreen {
  /** Gives the terminal back. May be called twice. */
  stop(): void;
  /** After the terminal is given back. */
  readonly done: Promise<void>;
}

/** Nothing is acknowledged unseen: a key this soon after a new word in rows 1 to 5 was not meant for it. */
const unseenMs = 300;
/** So often the whole screen is written: what somebody else wrote there (wall, the kernel) does not stay. */
const anewMs = 10_000;
/** So long the terminal may take over its last bytes. */
const goodbyeMs = 1000;
const tickWhileRunningMs = 500;
const tickMs = 5000;

/** A scan is never lost, and Ctrl-C is never late. */
const guarded = (input: OperatorInput): boolean =>
  input.type !== "scanned" && input.type !== "typed" && input.type !== "interrupt";

/** The operator's screen on a terminal: draws what the station is, sends what the person does. */
export function mountScreen(options: ScreenOptions): MountedScreen {
  const { stdin, stdout, view, send } = options;
  const { language = null, term = "", speak = null, watching = false } = options;
  let seen = view();
  let calledAt = Number.NEGATIVE_INFINITY;
  let scans: ScanReader | null = null;
  let stopped = false;
  let unseen: NodeJS.Immediate | null = null;
  let narrow = false;
  let theme: Theme = themeFor(seen.language);
  const calm = calmTray(calmMs);

  function themeFor(station: LanguageCode): Theme {
    // What is spoken is plain text.
    const colour = speak === null ? options.colour : "none";
    return themeOf(colour, wordsFor(language ?? station, term, narrow), narrow, watching);
  }

  function draw(): readonly string[] {
    const size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
    try {
      const now = view();
      const tray = calm(now.slots, performance.now());
      return frame({ ...now, slots: tray.slots }, scans?.typed() ?? "", size, theme, tray.at, new Date());
    } catch (error) {
      // A mistake of the screen must not end what runs behind it.
      const text = shown(`${say(theme.words, "screenFailed")} ${String(error)}`, size.columns);
      return [paintRow(line(size.columns, "plain", [{ at: 0, text }]), theme)];
    }
  }

  const terminal = takeTerminal(stdout, speak === null);
  const spoken = speak === null ? null : spokenLog(seen, () => theme);
  const store = screenStore(spoken === null ? draw : lastRow, () =>
    view().running > 0 ? tickWhileRunningMs : tickMs,
  );

  /** Beside what is spoken only the row of the keys is drawn. */
  function lastRow(): readonly string[] {
    return draw().slice(-1);
  }

  /** The progress of 64 boards is many changes in one turn of the event loop; all of them are looked at once. */
  function changed(): void {
    unseen ??= setImmediate(look);
  }

  function look(): void {
    if (unseen === null) return;
    clearImmediate(unseen);
    unseen = null;
    const now = view();
    const newWord = callKey(now.call) !== callKey(seen.call);
    if (newWord) calledAt = performance.now();
    if (now.language !== seen.language) theme = themeFor(now.language);
    if (!watching) terminal.ring(bellsFor(seen, now));
    spoken?.hear(now);
    const quick = newWord || hasNewResult(seen, now);
    seen = now;
    store.touch(quick);
  }

  function pass(input: OperatorInput): void {
    // A key is for what the station is, also where it came before the look at it.
    look();
    if (guarded(input) && performance.now() - calledAt < unseenMs) return;
    send(input);
  }

  /** `█ü` was printed at the left: the third column is where the cursor stands if each is one column wide. */
  function cursorAt(column: number): void {
    if (column !== 3 || narrow) return;
    narrow = true;
    theme = themeFor(seen.language);
    store.touch(true);
  }

  const unsubscribe = options.subscribe(changed);
  scans = readScans(stdin, pass, () => store.touch(true), cursorAt);
  if (term !== "linux" && term !== "dumb") terminal.ask();

  const painter = rowPainter(stdout);
  const paint = (): void => painter.paint(store.rows());
  const voice = speak === null || spoken === null ? null : speak(stdout, spoken, store);
  if (voice === null) {
    store.subscribe(paint);
    paint();
  }
  const resized = (): void => {
    painter.forget();
    store.redraw();
    // Also where the rows are the same ones.
    if (voice === null) paint();
  };
  stdout.on("resize", resized);
  // Of a window that changed and changed back the stream says nothing, but its rows are cut.
  process.on("SIGWINCH", resized);
  const anew = setInterval(() => painter.again(), anewMs);
  const ended = Promise.withResolvers<void>();

  return {
    stop() {
      if (stopped) return;
      stopped = true;
      scans?.stop();
      unsubscribe();
      if (unseen !== null) clearImmediate(unseen);
      store.stop();
      stdout.off("resize", resized);
      process.off("SIGWINCH", resized);
      clearInterval(anew);
      voice?.stop();
      terminal.leave();
      // A terminal that is gone takes nothing, and answers so; one that has stopped reading is not waited for.
      stdout.write("", () => ended.resolve());
      setTimeout(() => ended.resolve(), goodbyeMs).unref();
    },
    done: ended.promise,
  };
}
