/** A terminal's output, or a stream that stands for one. */
export type ScreenOutput = NodeJS.WritableStream & {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
};

const enter = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[J";
const leave = "\x1b[0m\x1b[?1049l\x1b[?25h";
const home = "\x1b[H\x1b[J";
const bellGapMs = 220;

// Without a listener the first write to a terminal that is gone (EIO) ends the process, boards and all. It stays for
// good: the write that fails may be the one that leaves the screen.
const ignore = (): void => {};

/** The alternate screen, ours alone, and its bell. */
export interface Terminal {
  /** Empties the screen, the writing place at its top left. */
  wipe(): void;
  ring(times: number): void;
  leave(): void;
}

export function takeTerminal(stdout: ScreenOutput): Terminal {
  const bells = new Set<NodeJS.Timeout>();
  let taken = true;
  if (!stdout.listeners("error").includes(ignore)) stdout.on("error", ignore);

  function giveBack(): void {
    if (!taken) return;
    taken = false;
    for (const bell of bells) clearTimeout(bell);
    stdout.write(leave);
  }

  stdout.write(enter);
  process.on("exit", giveBack);

  return {
    wipe: () => void stdout.write(home),
    ring(times) {
      for (let i = 0; i < times; i += 1) {
        const bell = setTimeout(() => {
          bells.delete(bell);
          stdout.write("\x07");
        }, i * bellGapMs);
        bells.add(bell);
      }
    },
    leave() {
      process.off("exit", giveBack);
      giveBack();
    },
  };
}
