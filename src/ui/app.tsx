import { Box, render, Text } from "ink";
import { memo, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { LanguageCode, OperatorInput, StationView } from "../model/view.ts";
import { bellsFor, callKey } from "./bells.ts";
import { calmTray } from "./calm-tray.ts";
import { frame } from "./frame.ts";
import { hasNewResult } from "./new-result.ts";
import { SpokenLines } from "./reader.tsx";
import { readScans } from "./scan-reader.ts";
import type { ScanReader, ScreenInput } from "./scan-reader.ts";
import { spokenLog } from "./spoken-log.ts";
import { calmMs, screenStore } from "./store.ts";
import type { ScreenStore } from "./store.ts";
import { takeTerminal } from "./terminal.ts";
import type { ScreenOutput } from "./terminal.ts";
import { themeOf } from "./theme.ts";
import type { ColourMode, Theme } from "./theme.ts";
import { say } from "./words/catalogue.ts";
import { wordsFor } from "./words/languages.ts";

// One <Text> a row with its colours ready: one a span costs twice the time (screens.md, section 8).
const Row = memo(function Row({ text }: { readonly text: string }): ReactNode {
  return <Text wrap="truncate">{text}</Text>;
});

export function App({ store }: { readonly store: ScreenStore }): ReactNode {
  const rows = useSyncExternalStore(store.subscribe, store.rows);
  return (
    <Box flexDirection="column">
      {rows.map((text, row) => (
        <Row key={row} text={text} />
      ))}
    </Box>
  );
}

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
  /** Plain lines that say what changes, for a screen reader. */
  readonly reader?: boolean;
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
const tickWhileRunningMs = 500;
const tickMs = 5000;

/** A scan is never lost, and Ctrl-C is never late. */
const guarded = (input: OperatorInput): boolean =>
  input.type !== "scanned" && input.type !== "typed" && input.type !== "interrupt";

/** The operator's screen on a terminal: draws what the station is, sends what the person does. */
export function mountScreen(options: ScreenOptions): MountedScreen {
  const { stdin, stdout, view, send } = options;
  const { language = null, term = "", reader = false, watching = false } = options;
  let seen = view();
  let calledAt = Number.NEGATIVE_INFINITY;
  let scans: ScanReader | null = null;
  let stopped = false;
  let narrow = false;
  let theme: Theme = themeFor(seen.language);
  const calm = calmTray(calmMs);

  function themeFor(station: LanguageCode): Theme {
    return themeOf(options.colour, wordsFor(language ?? station, term, narrow), narrow, watching);
  }

  function draw(): readonly string[] {
    const size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
    try {
      const now = view();
      const tray = calm(now.slots, performance.now());
      return frame({ ...now, slots: tray.slots }, scans?.typed() ?? "", size, theme, tray.at, new Date());
    } catch (error) {
      // A mistake of the screen must not end what runs behind it.
      return [`${say(theme.words, "screenFailed")} ${String(error)}`.slice(0, size.columns)];
    }
  }

  const terminal = takeTerminal(stdout, !reader);
  const spoken = reader ? spokenLog(seen, () => theme) : null;
  const store = screenStore(spoken === null ? draw : lastRow, () =>
    view().running > 0 ? tickWhileRunningMs : tickMs,
  );

  /** Beside what is spoken only the row of the keys is drawn. */
  function lastRow(): readonly string[] {
    return draw().slice(-1);
  }

  function changed(): void {
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

  // Before Ink's own listener, so that Ink draws the new frame on an empty screen.
  const resized = (): void => {
    if (!reader) {
      ink.clear();
      terminal.wipe();
    }
    store.redraw();
  };
  stdout.on("resize", resized);

  const ink = render(spoken === null ? <App store={store} /> : <SpokenLines log={spoken} keys={store} />, {
    stdout,
    // Ink reads no input at all here: the scan reader owns it.
    exitOnCtrlC: false,
    patchConsole: false,
    // With CI set Ink would print only the last frame.
    interactive: true,
    incrementalRendering: !reader,
    isScreenReaderEnabled: reader,
    // The store paces the frames; a second pace behind it would only make one late.
    maxFps: 60,
  });
  const done = ink
    .waitUntilExit()
    .catch(() => {})
    .then(close);

  function close(): void {
    stopped = true;
    scans?.stop();
    unsubscribe();
    store.stop();
    stdout.off("resize", resized);
    terminal.leave();
  }

  return {
    stop() {
      if (stopped) return;
      stopped = true;
      ink.unmount();
    },
    done,
  };
}
