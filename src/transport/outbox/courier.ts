import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Delivered, Target } from "../../model/outbox.ts";

/** One message on its way. */
export interface Parcel {
  readonly to: Target;
  readonly key: string;
  /** Its name as a file. */
  readonly file: string;
  readonly text: string;
}

/** What the courier is told. */
export type CourierOrder =
  | { readonly type: "send"; readonly id: number; readonly parcel: Parcel }
  | { readonly type: "stop"; readonly id: number };

/** What it answers, once for each parcel. */
export interface CourierAnswer {
  readonly id: number;
  readonly said: Delivered;
}

export interface Courier extends Disposable {
  /** Resolves at once when the signal aborts; never rejects. One at a time. */
  deliver(parcel: Parcel, signal: AbortSignal): Promise<Delivered>;
}

const later = (why: string): Delivered => ({ kind: "later", why, waitMs: null });

/**
 * A program of its own that carries the messages of one destination. A look-up of a name, or a share that is gone, holds a thread
 * for minutes; here it would be one that the books wait with, and the line's program could not end before it (seen with Node 24:
 * `process.exit` waits for a blocked file). It has no books, and ends with this program.
 */
export function courier(): Courier {
  let child: ChildProcess | null = null;
  let ids = 0;
  /** The parcel that is out, and who waits for its answer; it stays out while a dead share holds it. */
  let out: {
    readonly id: number;
    readonly answered: (said: Delivered) => void;
    readonly done: Promise<void>;
  } | null = null;

  function begin(): ChildProcess {
    const name = import.meta.url.endsWith(".ts") ? "./courier-child.ts" : "./courier-child.js";
    const made = fork(fileURLToPath(new URL(name, import.meta.url)), [], {
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      execArgv: [],
    });
    // The line's program ends without asking it.
    made.unref();
    made.channel?.unref();
    // It was written by this program's other half.
    made.on("message", (answer) => take(answer as CourierAnswer));
    const gone = (why: string): void => {
      if (child === made) child = null;
      out?.answered(later(why));
    };
    made.on("error", (error) => gone(`the courier did not start: ${error.message}`));
    made.on("exit", (code, signal) => gone(`the courier ended by itself (${signal ?? code ?? "?"})`));
    return made;
  }

  function take({ id, said }: CourierAnswer): void {
    if (out?.id === id) out.answered(said);
  }

  function send(order: CourierOrder): void {
    child ??= begin();
    child.send(order, (error) => {
      if (error !== null && order.type === "send") take({ id: order.id, said: later("the courier is gone") });
    });
  }

  function carry(parcel: Parcel): { readonly id: number; readonly said: Promise<Delivered> } {
    ids += 1;
    const id = ids;
    const { promise, resolve } = Promise.withResolvers<Delivered>();
    const { promise: done, resolve: isDone } = Promise.withResolvers<void>();
    const answered = (said: Delivered): void => {
      if (out?.id === id) out = null;
      resolve(said);
      isDone();
    };
    out = { id, answered, done };
    send({ type: "send", id, parcel });
    return { id, said: promise };
  }

  return {
    async deliver(parcel, signal) {
      const aborted = new Promise<"aborted">((resolve) => {
        if (signal.aborted) resolve("aborted");
        else signal.addEventListener("abort", () => resolve("aborted"), { once: true });
      });
      // The one before is still held by something that does not answer.
      if (out !== null) {
        const first = await Promise.race([out.done, aborted]);
        if (first === "aborted") return later("the try before it is not over yet");
      }
      if (signal.aborted) return later("stopped");
      const { id, said } = carry(parcel);
      const first = await Promise.race([said, aborted]);
      if (first !== "aborted") return first;
      if (child?.connected === true) send({ type: "stop", id });
      return later("stopped");
    },
    [Symbol.dispose]() {
      // It ends by itself when nobody speaks with it any more.
      if (child?.connected === true) child.disconnect();
      child = null;
    },
  };
}
