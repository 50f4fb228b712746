import type { CanFrame } from "../../protocol/links.ts";
import type { CanBus } from "./can-bus.ts";

/** How an adapter of one make talks (protocols/can-adapters.md, A2). */
export interface SlcanDialect {
  readonly version: string;
  /** To a command: CR or BEL, or nothing at all. */
  readonly acknowledges: boolean;
  /** To a frame: `z` and CR, CR alone, or nothing. */
  readonly frameAnswer: "z" | "cr" | "nothing";
  /** Whether it knows F. */
  readonly flags: boolean;
  /** Tells states and errors unasked, as Linux reads them. */
  readonly tells: boolean;
  /** Data rates by their Y command; none: classic frames only. */
  readonly dataRates: ReadonlyMap<string, number>;
  /** Frames that wait in it. */
  readonly queue: number;
}

/** A LAWICEL CANUSB. */
export const lawicel: SlcanDialect = {
  version: "V1013",
  acknowledges: true,
  frameAnswer: "z",
  flags: true,
  tells: false,
  dataRates: new Map(),
  queue: 32,
};

/** A firmware made from CANable 2's, with FD frames and a data rate of 1 Mbit/s. */
export const fdSlcan: SlcanDialect = {
  ...lawicel,
  version: "FD 2.0",
  frameAnswer: "cr",
  tells: true,
  dataRates: new Map([
    ["Y1", 1_000_000],
    ["Y2", 2_000_000],
    ["Y5", 5_000_000],
  ]),
};

export interface SlcanAdapter {
  hear(bytes: Uint8Array): void;
  /** Its port was closed, or its plug pulled: off the bus, all forgotten. */
  stop(): void;
  /** What a host should not have said. */
  readonly complaints: readonly string[];
}

const CR = 0x0d;
const rates = [10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000];
const lengths = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
const warningFrom = 96;
const passiveFrom = 128;

/**
 * An slcan adapter as a node of a simulated bus. Strict: a command that it does not know, one in the wrong state, and a
 * frame whose length and bytes do not agree are refused with BEL, each with a complaint.
 */
export function slcanAdapter(bus: CanBus, dialect: SlcanDialect, say: (text: string) => void): SlcanAdapter {
  const complaints: string[] = [];
  let text = "";
  let nominal: number | null = null;
  let data: number | null = null;
  let open = false;
  let waiting = 0;
  let busErrors = false;

  const node = bus.join({
    frame: (frame) => say(`${frameText(frame)}\r`),
    sent() {
      waiting -= 1;
    },
    error(error) {
      busErrors = true;
      const letter = { ack: "a", bit: "b", crc: "c", form: "f", overrun: "o", stuff: "s" }[error];
      if (dialect.tells) say(`e1${letter}\r`);
    },
    busOff() {
      if (dialect.tells) say("sb000255\r");
    },
  });

  function stop(): void {
    open = false;
    waiting = 0;
    busErrors = false;
    node.clear();
    node.setRates(null);
  }

  /** No mistake of the host: it may try. */
  function decline(): void {
    if (dialect.acknowledges) say("\x07");
  }

  function refuse(why: string): void {
    complaints.push(why);
    decline();
  }

  function done(): void {
    if (dialect.acknowledges) say("\r");
  }

  function command(line: string): void {
    const [first = ""] = line;
    switch (first) {
      // Empty lines clear what another program left.
      case "":
        break;
      case "V":
        say(`${dialect.version}\r`);
        break;
      case "S": {
        const rate = /^S[0-8]$/.test(line) ? rates[Number(line[1])] : undefined;
        if (open || rate === undefined) return refuse(`${line} is no rate, or the channel is open`);
        nominal = rate;
        done();
        break;
      }
      case "Y":
        if (open) return refuse(`${line} while the channel is open`);
        if (!dialect.dataRates.has(line)) return decline();
        data = dialect.dataRates.get(line) ?? null;
        done();
        break;
      case "O":
        if (open || nominal === null || line !== "O") return refuse("O without a rate, or twice");
        open = true;
        node.setRates({ nominal, data });
        done();
        break;
      case "C":
        // Whoever begins says it blindly: refused, and no complaint.
        if (open) {
          stop();
          done();
        } else decline();
        break;
      case "F":
        if (!dialect.flags || !open) return decline();
        say(`F${flags().toString(16).toUpperCase().padStart(2, "0")}\r`);
        break;
      default:
        transmit(line);
    }
  }

  function transmit(line: string): void {
    const frame = frameOf(line);
    if (frame === null || (frame.fd && data === null)) return refuse(`${line} is no frame here`);
    if (!open) return refuse(`${line} while the channel is closed`);
    if (waiting >= dialect.queue) {
      if (dialect.frameAnswer !== "nothing") say("\x07");
      return;
    }
    waiting += 1;
    if (dialect.frameAnswer !== "nothing") say(dialect.frameAnswer === "z" ? "z\r" : "\r");
    node.send(frame);
  }

  function flags(): number {
    const { transmit: tx, receive: rx } = node.counters();
    const most = Math.max(tx, rx);
    const full = waiting >= dialect.queue ? 0x02 : 0;
    const all =
      full | (most >= warningFrom ? 0x04 : 0) | (most >= passiveFrom ? 0x20 : 0) | (busErrors ? 0x80 : 0);
    busErrors = false;
    return all;
  }

  return {
    complaints,
    stop,
    hear(bytes) {
      for (const byte of bytes) {
        if (byte !== CR) {
          text += String.fromCharCode(byte);
          continue;
        }
        const line = text;
        text = "";
        command(line);
      }
    },
  };
}

function frameText({ id, data, fd }: CanFrame): string {
  const code = lengths.indexOf(data.length).toString(16);
  const digits = `${id.toString(16).padStart(3, "0")}${code}${Buffer.from(data).toString("hex")}`;
  return (fd ? "b" : "t") + digits.toUpperCase();
}

function frameOf(line: string): CanFrame | null {
  const found = /^([tb])([0-7][0-9A-F]{2})([0-9A-F])([0-9A-F]*)$/.exec(line);
  if (found === null) return null;
  const [, kind, id = "", code = "", hex = ""] = found;
  const length = lengths[Number.parseInt(code, 16)] ?? 0;
  if (hex.length !== 2 * length || (kind === "t" && length > 8)) return null;
  return { id: Number.parseInt(id, 16), data: Buffer.from(hex, "hex"), fd: kind === "b" };
}
