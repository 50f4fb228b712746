import { statSync } from "node:fs";
import { errorText } from "../../lib/thrown.ts";
import { targetText, type Destination, type Token } from "../../model/outbox.ts";
import type { Station } from "../../model/station.ts";
import type { StoreReader } from "../../store/store.ts";
import { statusOf } from "../outbox/outbox.ts";
import { readerOrNone } from "../engineer/profile.ts";
import { ok, warn, type Finding } from "./finding.ts";
import type { Machine } from "./machine.ts";

/** The servers that the station file names; nothing is sent. A line without them is fit all the same. */
export function checkOutbox(station: Station | null, data: string, machine: Machine): Finding[] {
  if (station === null || station.rules.outbox.length === 0) return [];
  let books: StoreReader | null;
  try {
    books = readerOrNone(data);
  } catch {
    // What is wrong with the books stands in its own line.
    books = null;
  }
  using store = books;
  return station.rules.outbox.flatMap((one) => [...ways(one, machine), stands(station, one, store)]);
}

function ways({ name, to }: Destination, machine: Machine): Finding[] {
  const what = `outbox ${name}`;
  if (to.kind === "folder") {
    const may = machine.mayUse(to.path);
    if (may === true) return [];
    return may === null
      ? [warn(what, `${to.path} is not there`, `make it, or mount the share`)]
      : [warn(what, `this user may not write into ${to.path}`, `sudo chown "$USER" ${to.path}`)];
  }
  const { token, ca, url } = to;
  return [
    ...(token === null ? [] : secret(what, token, machine)),
    ...(token !== null && url.startsWith("http:")
      ? [
          warn(
            what,
            "its token goes over the network readable: http, not https",
            "https: in the station file",
          ),
        ]
      : []),
    ...(ca !== null && machine.text(ca) === null
      ? [warn(what, `the certificate file ${ca} cannot be read`, `ls -l ${ca}`)]
      : []),
  ];
}

function secret(what: string, token: Token, machine: Machine): Finding[] {
  const place = token.in;
  if (place.kind === "env") {
    if ((machine.env[place.name] ?? "") !== "") return [];
    return [warn(what, `${place.name}, which has the token, is not set here`, `export ${place.name}=…`)];
  }
  const { file } = place;
  if ((machine.text(file) ?? "") === "")
    return [warn(what, `the token file ${file} is empty or cannot be read`, `ls -l ${file}`)];
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
  if (machine.platform === "win32" || (mode & 0o077) === 0) return [];
  return [warn(what, `others than this user may read the token file ${file}`, `chmod 600 ${file}`)];
}

function stands(station: Station, one: Destination, store: StoreReader | null): Finding {
  const what = `outbox ${one.name}`;
  const to = targetText(one.to);
  try {
    const { state, waiting, why, kept } = statusOf(station, one, store, 10_000);
    const waits = `${waiting.count}${waiting.more ? "+" : ""} waiting for ${to}`;
    switch (state) {
      case "new":
        return ok(what, `${to}; the next start of the line begins with it`);
      case "idle":
      case "waiting":
        return ok(what, waits);
      case "failing":
        return warn(what, `${waits}; ${why ?? ""}`, null);
      case "refused":
        return warn(
          what,
          `${waits}; it refuses ${kept?.failure?.refused ?? "one"}: ${why ?? ""}`,
          "mend the receiver, or gangflash outbox skip",
        );
      case "lost":
        return warn(what, why ?? "", null);
      default:
        return state satisfies never;
    }
  } catch (error) {
    return warn(what, errorText(error), null);
  }
}
