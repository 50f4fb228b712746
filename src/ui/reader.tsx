import { Box, render, Static, Text, useStdout } from "ink";
import { useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { SpokenLog } from "./spoken-log.ts";
import type { ScreenStore } from "./store.ts";
import type { ScreenOutput } from "./terminal.ts";
import { wrap } from "./text.ts";

/** Puts lines for a screen reader on a terminal; returns how to end that. */
export type Speak = (stdout: ScreenOutput, log: SpokenLog, keys: ScreenStore) => { stop(): void };

/** Lines that follow each other and never change, for a screen reader; below them the row of the keys. */
function SpokenLines({ log, keys }: { readonly log: SpokenLog; readonly keys: ScreenStore }): ReactNode {
  const lines = useSyncExternalStore(log.subscribe, log.lines);
  const { stdout }: { readonly stdout: ScreenOutput } = useStdout();
  // A terminal would break a line anywhere; a word is read whole.
  const whole = (line: string): string => wrap(line, Math.max(20, (stdout.columns ?? 80) - 1)).join("\n");
  const row = useSyncExternalStore(keys.subscribe, keys.rows);
  return (
    <>
      <Static items={[...lines]}>{(line, i) => <Text key={i}>{whole(line)}</Text>}</Static>
      <Box>
        <Text>{row.join(" ").trim()}</Text>
      </Box>
    </>
  );
}

export const speakLines: Speak = (stdout, log, keys) => {
  const ink = render(<SpokenLines log={log} keys={keys} />, {
    stdout,
    // Ink reads no input at all here: the scan reader owns it.
    exitOnCtrlC: false,
    patchConsole: false,
    // With CI set Ink would print only the last frame.
    interactive: true,
    isScreenReaderEnabled: true,
  });
  return { stop: () => ink.unmount() };
};
