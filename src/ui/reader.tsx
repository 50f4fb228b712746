import { Box, Static, Text } from "ink";
import { useSyncExternalStore } from "react";
import type { ReactNode } from "react";
import type { SpokenLog } from "./spoken-log.ts";
import type { ScreenStore } from "./store.ts";

/** Lines that follow each other and never change, for a screen reader; below them the row of the keys. */
export function SpokenLines({
  log,
  keys,
}: {
  readonly log: SpokenLog;
  readonly keys: ScreenStore;
}): ReactNode {
  const lines = useSyncExternalStore(log.subscribe, log.lines);
  const row = useSyncExternalStore(keys.subscribe, keys.rows);
  return (
    <>
      <Static items={[...lines]}>{(line, i) => <Text key={i}>{line}</Text>}</Static>
      <Box>
        <Text>{row.join(" ").trim()}</Text>
      </Box>
    </>
  );
}
