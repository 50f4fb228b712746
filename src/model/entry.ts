/**
 * How a board whose application runs is brought into its loader; then the loader is waited for at the same place of the
 * USB tree. A slot's own goes before the profile's.
 */
export type Entry =
  /** Not at all: an application in the slot is a foreign device. */
  | { readonly kind: "none" }
  /** DETACH to the DFU run-time interface of the application (DFU 1.1, section 5.1). */
  | { readonly kind: "dfu-detach" }
  /** Text to a serial port of the application. `serial`: a port that is not the board's own at the slot's path. */
  | { readonly kind: "command"; readonly send: string; readonly baud: number; readonly serial: string | null }
  /** The port is opened at this rate and closed again, which tells many applications to go. */
  | { readonly kind: "touch"; readonly baud: number; readonly serial: string | null };

/** As it stands in a record's notes and in a fault's detail. */
export function entryText(entry: Entry): string {
  switch (entry.kind) {
    case "none":
      return "no entry";
    case "dfu-detach":
      return "DFU DETACH";
    case "command":
      return `the command ${JSON.stringify(entry.send)} at ${entry.baud} baud`;
    case "touch":
      return `a touch at ${entry.baud} baud`;
    default:
      return entry satisfies never;
  }
}
