import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Is there a tmux to look at screens in. */
export const tmuxThere = spawnSync("tmux", ["-V"]).status === 0;

/** A program in a terminal of its own: what it shows, and a keyboard and a scanner in front of it. */
export interface Terminal extends Disposable {
  /** The rows of the window, without the spaces at their ends. */
  screen(): readonly string[];
  /** Waits until the screen shows it; throws with the last screen when it does not within `ms`. */
  until(what: (text: string) => boolean, ms?: number): Promise<readonly string[]>;
  /** A scanner's burst: all of it with its Enter in one piece. */
  scan(code: string): void;
  /** A key by tmux's name for it, such as `Enter`, `F5`, `Right`. */
  key(name: string): void;
  /** Its exit code; `null`: it runs, or was killed. */
  exitCode(): number | null;
  resize(columns: number, rows: number): void;
}

/** `command`: a shell's words. Nothing of the person's own tmux is read or touched. */
export function openTerminal(command: string, columns: number, rows: number): Terminal {
  const socket = `gangflash-${process.pid}-${randomBytes(4).toString("hex")}`;
  const tmux = (...words: string[]): string =>
    execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...words], { encoding: "utf8" });
  const size = ["-x", String(columns), "-y", String(rows)];
  // tmux itself does not always learn how its program ended.
  const folder = mkdtempSync(join(tmpdir(), "gangflash-terminal-"));
  const ended = join(folder, "code");
  const whole = `(${command}); echo $? > "${ended}"`;
  tmux("new-session", "-d", ...size, whole, ";", "set", "-g", "remain-on-exit", "on");
  const screen = (): readonly string[] =>
    tmux("capture-pane", "-p")
      .split("\n")
      .slice(0, -1)
      .map((row) => row.trimEnd());
  return {
    screen,
    async until(what, ms = 60_000) {
      const end = performance.now() + ms;
      for (;;) {
        const rows = screen();
        if (what(rows.join("\n"))) return rows;
        if (performance.now() > end)
          throw new Error(
            `${String(what)} was expected within ${ms / 1000} s, the screen shows\n${rows.join("\n")}`,
          );
        await new Promise((done) => void setTimeout(done, 100));
      }
    },
    scan(code) {
      tmux("set-buffer", `${code}\r`, ";", "paste-buffer", "-r");
    },
    key(name) {
      tmux("send-keys", name);
    },
    exitCode() {
      const code = existsSync(ended) ? readFileSync(ended, "utf8").trim() : "";
      return code === "" ? null : Number(code);
    },
    resize(wide, high) {
      tmux("resize-window", "-x", String(wide), "-y", String(high));
    },
    [Symbol.dispose]() {
      spawnSync("tmux", ["-L", socket, "kill-server"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
