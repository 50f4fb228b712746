import type { Clock } from "../../lib/clock.ts";
import type { LineChoice } from "../../model/station.ts";
import type { SimBoard } from "../board.ts";
import { uartChip, type Answer, type UartChip } from "../uart/uart-chip.ts";
import { characterMs, heardAs, loaderFormat, type Heard, type LineFormat } from "../uart/uart-frame.ts";
import { uartRom } from "../uart/uart-rom.ts";

/** Which modem line of the adapter drives which pin of the board, spelled as in a station file. */
export interface Wiring {
  readonly boot0: LineChoice;
  readonly reset: LineChoice;
}

/** A simulated board at the wires of a serial adapter: data both ways, and two lines to its pins. */
export interface WiredBoard extends Disposable {
  /** A host opened the adapter: the operator has put the board in by now. */
  opened(): void;
  lines(lines: { readonly dtr: boolean; readonly rts: boolean }): void;
  format(format: LineFormat): void;
  /** Characters for the board, behind those that are on the line already; the time at which the last one is out. */
  send(bytes: Uint8Array): number;
  /** The line is held low. */
  breakSignal(): void;
}

const SYNC = 0x7f;

/**
 * The pins decide as on a real board: low RESET holds it, and BOOT0 is read when RESET is let go; then the ROM takes its
 * time to start, and a byte that comes before is lost. A BOOT0 without a line is strapped high. Without a RESET line the
 * operator resets: whoever opens the port finds the board freshly put in, and a sync byte after Go is taken as that too.
 *
 * The loader takes its rate from the first byte after a reset, whatever rate that is. From then on a host with another
 * rate or format hears noise and makes noise. The loader uses what it reads, wrong parity or not (section 2 of the sheet).
 */
export function wiredBoard(
  board: SimBoard,
  wiring: Wiring,
  clock: Clock,
  hear: (heard: readonly Heard[]) => void,
): WiredBoard {
  let format: LineFormat = { baud: 9600, dataBits: 8, parity: "none", stopBits: 1 };
  let pins = pinsOf({ dtr: false, rts: false });
  /** The loader or the application; `null` in reset and while the ROM starts. */
  let chip: UartChip | null = null;
  let baud = format.baud;
  let starting: Disposable | null = null;
  let queue: Answer[] = [];
  let timer: Disposable | null = null;
  let lineFree = 0;

  if (!pins.held) start(0);

  function pinsOf(lines: { readonly dtr: boolean; readonly rts: boolean }) {
    return {
      boot0: wiring.boot0 === "none" || active(wiring.boot0, lines),
      held: wiring.reset !== "none" && active(wiring.reset, lines),
    };
  }

  function stop(): void {
    starting?.[Symbol.dispose]();
    starting = null;
    timer?.[Symbol.dispose]();
    timer = null;
    queue = [];
    chip = null;
  }

  function start(ms: number): void {
    stop();
    const toLoader = pins.boot0;
    const up = (): void => {
      starting = null;
      chip = freshChip(format.baud);
      if (toLoader) chip.reset();
      else chip.resetToApplication();
    };
    if (ms > 0) starting = clock.after(ms, up);
    else up();
  }

  function freshChip(rate: number): UartChip {
    baud = rate;
    return uartChip(board, uartRom(board.chip().spec.family, rate));
  }

  function arrive(bytes: Uint8Array, at: number): void {
    if (chip === null || bytes.length === 0) return;
    if (chip.launched() && wiring.reset === "none" && bytes[0] === SYNC) start(0);
    if (chip.awaitsSync() && baud !== format.baud) chip = freshChip(format.baud);
    const heard = heardAs(bytes, format, loaderFormat(baud));
    const { complaints } = board.chip();
    const wrong = heard.filter(({ parity, framing }) => parity || framing).length;
    if (wrong > 0) complaints.push(`${wrong} characters with a wrong parity or stop bit`);
    queue.push(
      ...chip.receive(
        Uint8Array.from(heard, ({ byte }) => byte),
        at,
      ),
    );
    pump();
  }

  function pump(): void {
    const [next] = queue;
    if (next === undefined || timer !== null) return;
    timer = clock.after(next.at - clock.now(), () => {
      timer = null;
      queue.shift();
      hear(heardAs(next.bytes, loaderFormat(baud), format));
      pump();
    });
  }

  return {
    opened() {
      const pulled = !board.present();
      board.putBack();
      if ((pulled || wiring.reset === "none") && !pins.held) start(0);
    },
    lines(lines) {
      const before = pins;
      pins = pinsOf(lines);
      if (pins.held && !before.held) stop();
      if (!pins.held && before.held) start(board.chip().spec.family.bootMs);
    },
    format(wanted) {
      format = wanted;
    },
    send(bytes) {
      const at = Math.max(clock.now(), lineFree);
      lineFree = at + bytes.length * characterMs(format);
      arrive(bytes, at);
      return lineFree;
    },
    breakSignal() {
      // Low for longer than a character: a zero, and for a loader that waits for its sync byte a wrong one.
      if (chip?.awaitsSync() === true) chip.receive(Uint8Array.of(0), clock.now());
    },
    [Symbol.dispose]: stop,
  };
}

/** Whether a line, as it is now, makes its pin active: BOOT0 high, RESET low. */
function active(
  line: Exclude<LineChoice, "none">,
  { dtr, rts }: { readonly dtr: boolean; readonly rts: boolean },
): boolean {
  const asserted = line.endsWith("dtr") ? dtr : rts;
  return line.startsWith("!") ? !asserted : asserted;
}
