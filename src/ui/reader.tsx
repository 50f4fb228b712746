import { Box, Static, Text, useStdout } from "ink";
import { useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { SpokenLog } from "./spoken-log.ts";
import type { ScreenStore } from "./store.ts";
import { wrap } from "./text.ts";

/** Lines that follow each other and never change, for a screen reader; below them the row of the keys. */
export function SpokenLines({
  log,
  keys,
}: {
  readonly log: SpokenLog;
  readonly keys: ScreenStore;
}): ReactNode {
  const lines = useSyncExternalStore(log.subscribe, log.lines);
  const { stdout } = useStdout();
  // A terminal would break a line anywhere; a word is read whole.
  const columns = "columns" in stdout && typeof stdout.columns === "number" ? stdout.columns : 80;
  const whole = (line: string): string => wrap(line, Math.max(20, columns - 1)).join("\n");
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
