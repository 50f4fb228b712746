/** A terminal's output, or a stream that stands for one. */
export type ScreenOutput = NodeJS.WritableStream & {
  readonly columns?: number;
  readonly rows?: number;
  readonly isTTY?: boolean;
  /** Bytes that the terminal has not taken yet. */
  readonly writableLength?: number;
};

/** Whether the terminal has taken all that was written. */
export const isCaughtUp = (stdout: ScreenOutput): boolean => (stdout.writableLength ?? 0) === 0;

// While the screen is ours a row that is too long for the window is cut at its end and never begins another one.
const enter = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[H\x1b[J";
const leave = "\x1b[0m\x1b[?7h\x1b[?1049l\x1b[?25h";
/** Two characters whose width terminals do not agree on, then: where does the cursor stand? */
const question = "█ü\x1b[6n\x1b[H\x1b[J";
const bellGapMs = 220;

// Without a listener the first write to a terminal that is gone (EIO) ends the process, boards and all. It stays for
// good: the write that fails may be the one that leaves the screen.
const ignore = (): void => {};

/** The alternate screen, ours alone, and its bell. */
export interface Terminal {
  /**
   * Asks how wide ambiguous characters are, and empties the screen; the answer comes as input. Only once nothing that
   * comes in is echoed any more, and before the first frame.
   */
  ask(): void;
  ring(times: number): void;
  leave(): void;
}

/** `whole`: the alternate screen; otherwise lines follow what stands there. */
export function takeTerminal(stdout: ScreenOutput, whole: boolean): Terminal {
  const bells = new Set<NodeJS.Timeout>();
  let taken = true;
  let ringing = false;
  if (!stdout.listeners("error").includes(ignore)) stdout.on("error", ignore);

  function giveBack(): void {
    if (!taken) return;
    taken = false;
    for (const bell of bells) clearTimeout(bell);
    if (whole) stdout.write(leave);
  }

  if (whole) stdout.write(enter);
  process.on("exit", giveBack);

  return {
    ask() {
      if (whole) stdout.write(question);
    },
    ring(times) {
      for (let i = 0; i < times; i += 1) {
        const bell = setTimeout(() => {
          bells.delete(bell);
          // Of a terminal that has stopped reading nobody hears it; all of them at once later say nothing.
          if (ringing) return;
          ringing = true;
          stdout.write("\x07", () => (ringing = false));
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
