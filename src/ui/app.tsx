import { Box, render, Text } from "ink";
import { memo, useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { OperatorInput, StationView } from "../model/view.ts";
import { bellsFor, callKey } from "./bells.ts";
import { frame } from "./frame.ts";
import { readScans } from "./scan-reader.ts";
import type { ScanReader, ScreenInput } from "./scan-reader.ts";
import { screenStore } from "./store.ts";
import type { ScreenStore } from "./store.ts";
import { takeTerminal } from "./terminal.ts";
import type { ScreenOutput } from "./terminal.ts";
import { themeOf } from "./theme.ts";
import type { ColourMode } from "./theme.ts";

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
}

export interface MountedScreen {
  /** Gives the terminal back. May be called twice. */
  stop(): void;
  /** After the terminal is given back. */
  readonly done: Promise<void>;
}

/** Nothing is acknowledged unseen: an Enter this soon after a new word in rows 1 to 5 was not meant for it. */
const unseenMs = 300;
const tickWhileRunningMs = 500;
const tickMs = 5000;

/** The operator's screen on a terminal: draws what the station is, sends what the person does. */
export function mountScreen(options: ScreenOptions): MountedScreen {
  const { stdin, stdout, view, send } = options;
  const theme = themeOf(options.colour);
  let seen = view();
  let calledAt = Number.NEGATIVE_INFINITY;
  let scans: ScanReader | null = null;
  let stopped = false;

  function draw(): readonly string[] {
    const size = { columns: stdout.columns || 80, rows: stdout.rows || 24 };
    try {
      return frame(view(), scans?.typed() ?? "", size, theme, performance.now(), new Date());
    } catch (error) {
      // A mistake of the screen must not end what runs behind it.
      return [`Screen failed, the run goes on. Call maintenance. ${String(error)}`.slice(0, size.columns)];
    }
  }

  const terminal = takeTerminal(stdout);
  const store = screenStore(draw, () => (view().running > 0 ? tickWhileRunningMs : tickMs));

  function changed(): void {
    const now = view();
    const newWord = callKey(now.call) !== callKey(seen.call);
    if (newWord) calledAt = performance.now();
    terminal.ring(bellsFor(seen, now));
    seen = now;
    store.touch(newWord);
  }

  function pass(input: OperatorInput): void {
    if (input.type === "enter" && performance.now() - calledAt < unseenMs) return;
    send(input);
  }

  const unsubscribe = options.subscribe(changed);
  scans = readScans(stdin, pass, () => store.touch(true));

  // Before Ink's own listener, so that Ink draws the new frame on an empty screen.
  const resized = (): void => {
    ink.clear();
    terminal.wipe();
    store.redraw();
  };
  stdout.on("resize", resized);

  const ink = render(<App store={store} />, {
    stdout,
    // Ink reads no input at all here: the scan reader owns it.
    exitOnCtrlC: false,
    patchConsole: false,
    // With CI set Ink would print only the last frame.
    interactive: true,
    incrementalRendering: true,
    maxFps: 10,
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
