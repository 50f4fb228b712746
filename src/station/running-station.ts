import type { BoardRead } from "../job/read-board.ts";
import type { SignalName } from "../model/bench-rules.ts";
import type { FitCheck } from "../model/panel.ts";
import type { LabelDesk } from "../model/label.ts";
import type { Slot, Station } from "../model/station.ts";
import type { RefusalCode } from "../model/refusal.ts";
import type { AtWork, OperatorInput, StationView } from "../model/view.ts";
import type { Presence } from "./bench-state.ts";
import type { Books } from "./books.ts";
import type { FindUnit } from "./look-up.ts";
import type { Teacher } from "./teach.ts";
import type { Order, PlaceOf } from "./order.ts";

/** A station that a screen is put on. */
export interface RunningStation {
  /** What the screen shows now. */
  view(): StationView;
  /** Called after each change, at once; the screen paces itself. */
  subscribe(changed: () => void): () => void;
  send(input: OperatorInput): void;
  /** The terminal went away: the running tray is finished, then the station is left. */
  abandon(): void;
  /** Resolves when the station was left and every slot has its record. */
  readonly left: Promise<void>;
}

/** An order that is open in the books. */
export interface Work {
  readonly order: Order;
  /** Units wanted; `null`: open end. */
  readonly quantity: number | null;
}

/** Why an order's code opens nothing. */
export interface WorkRefusal {
  readonly code: RefusalCode;
  readonly of: string;
}

export interface StationOptions {
  readonly station: Station;
  readonly books: Books;
  readonly placeOf: PlaceOf;
  /** What is made from the start; `null`: the first order is scanned. */
  readonly work: Work | null;
  /** Opens the order of a code; `null`: this start has one order. */
  readonly openWork: ((text: string, by: string) => Promise<Work | WorkRefusal>) | null;
  /** `null`: somebody logs in. */
  readonly operator: AtWork | null;
  /**
   * `simulated`: no slot has a real board, and the station's own books get the records; `rehearsal`: nor has any, and
   * the books are for practice.
   */
  readonly boards: "real" | "simulated" | "rehearsal";
  /** Barcodes that a demonstration offers to type. */
  readonly offered: readonly string[];
  /** Tells what lies in slots, at once and after each change; `null`: nobody looks. */
  readonly watch: ((seen: (slot: string, presence: Presence) => void) => Disposable) | null;
  /** Asks a board that has just come what chip it is; `null`: nobody asks. Throws a Fault. */
  readonly peek: ((slot: Slot, order: Order | null, signal: AbortSignal) => Promise<string | null>) | null;
  /** Reads the board in a slot and writes nothing; `null`: no way to. `barcode`: of a simulated board. */
  readonly readBoard:
    | ((
        slot: Slot,
        order: Order,
        barcode: string,
        progress: (share: number) => void,
        signal: AbortSignal,
      ) => Promise<BoardRead>)
    | null;
  readonly findUnit: FindUnit;
  /** `null`: the station has no file of its own to write a map to. */
  readonly teach: Teacher | null;
  /** `null`: nothing is labelled here. */
  readonly labels: LabelDesk | null;
  readonly checks: () => Promise<readonly FitCheck[]>;
  /** A stack light, a sound. */
  readonly signalled: (signal: SignalName) => void;
  /** Rehearsal: plans other trouble for the next board and says which; `null`: nothing is planned here. */
  readonly nextMishap: (() => string) | null;
  /** A signal from outside: boards that run are brought to a safe state, then the station is left. */
  readonly signal: AbortSignal;
}
