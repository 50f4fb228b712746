import { errorText } from "../../lib/thrown.ts";
import type { Delivered } from "../../model/outbox.ts";
import type { CourierAnswer, CourierOrder, Parcel } from "./courier.ts";
import { dropInFolder } from "./folder-drop.ts";
import { httpPoster } from "./http-post.ts";

// A program of its own (see courier.ts): orders come from its parent, and it ends with it.

// Ctrl-C reaches the whole terminal; the parent says when it is over.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});
process.on("disconnect", () => process.exit(0));

const poster = httpPoster(process.env);
const running = new Map<number, AbortController>();

async function carry(parcel: Parcel, signal: AbortSignal): Promise<Delivered> {
  const { to, key, file, text } = parcel;
  return to.kind === "folder" ? dropInFolder(to.path, file, text) : await poster.post(to, key, text, signal);
}

async function take(order: CourierOrder): Promise<void> {
  if (order.type === "stop") {
    running.get(order.id)?.abort();
    return;
  }
  const { id, parcel } = order;
  const stop = new AbortController();
  running.set(id, stop);
  const said = await carry(parcel, stop.signal).catch((error: unknown): Delivered => ({
    kind: "later",
    why: errorText(error),
    waitMs: null,
  }));
  running.delete(id);
  const answer: CourierAnswer = { id, said };
  if (process.connected) process.send?.(answer);
}

// Only courier.ts speaks here.
process.on("message", (order) => void take(order as CourierOrder));
