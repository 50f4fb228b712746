import { PassThrough, Writable } from "node:stream";
import xterm from "@xterm/headless";
import type { OperatorInput, StationView } from "../../src/model/view.ts";
import { mountScreen } from "../../src/ui/app.ts";
import type { ScreenOptions } from "../../src/ui/app.ts";
import type { Size } from "../../src/ui/parts/tray.ts";

/** A terminal with the screen on it, what it shows, and a station that is only a view. */
export function seatAt(first: StationView, size: Size, over: Partial<ScreenOptions> = {}) {
  const term = new xterm.Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true });
  let broken = false;
  const stdout = Object.assign(
    new Writable({
      write(piece: Buffer, _encoding, done) {
        if (broken) done(Object.assign(new Error("write EIO"), { code: "EIO" }));
        else term.write(piece.toString().replaceAll("\n", "\r\n"), done);
      },
    }),
    { ...size, isTTY: true },
  );
  const raw: boolean[] = [];
  const stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: (on: boolean) => raw.push(on) });
  const inputs: OperatorInput[] = [];
  const listeners = new Set<() => void>();
  let view = first;
  const screen = mountScreen({
    stdin,
    stdout,
    view: () => view,
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    send: (input) => inputs.push(input),
    colour: "none",
    ...over,
  });
  return {
    term,
    /** What stands on the screen, without the spaces at the ends of its rows. */
    rows: () =>
      Array.from(
        { length: term.rows },
        (_, y) => term.buffer.active.getLine(y)?.translateToString(true, 0, term.cols).trimEnd() ?? "",
      ),
    stdout,
    stdin,
    raw,
    inputs,
    listeners,
    screen,
    show(next: StationView) {
      view = next;
      for (const changed of listeners) changed();
    },
    /** The program hears that the window has this size. */
    told(next: Size) {
      Object.assign(stdout, next);
      stdout.emit("resize");
    },
    break: () => (broken = true),
  };
}
