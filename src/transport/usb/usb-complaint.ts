import { errorText } from "../../lib/thrown.ts";
import { Fault } from "../../model/fault.ts";

/**
 * What the library means by the words of its errors; it gives no codes (seen in `usb` 3.1). Of a bulk transfer it says
 * the name of the case alone: `Stall`, `Disconnected`, `Cancelled`.
 */
export type UsbTrouble = "stall" | "gone" | "silent" | "busy" | "denied" | "noise";

const words: readonly (readonly [RegExp, UsbTrouble])[] = [
  [/endpoint stalled|error: stall$/i, "stall"],
  // "invalid state": the library's word for a device of ours that it has closed by itself, since it left.
  [/device disconnected|error: disconnected$|device not found|no such device|ENODEV|invalid state/i, "gone"],
  [/was cancelled|error: cancelled$|timed? ?out/i, "silent"],
  [/is busy|resource busy|already in use/i, "busy"],
  [/permission denied/i, "denied"],
];

export function usbTrouble(error: unknown): UsbTrouble {
  const said = errorText(error);
  return words.find(([pattern]) => pattern.test(said))?.[1] ?? "noise";
}

/** What the library threw in `what`, as the fault of an attempt. A STALL is an answer and never comes here. */
export function usbFault(error: unknown, what: string): Fault {
  const said = errorText(error);
  switch (usbTrouble(error)) {
    case "gone":
      return new Fault("BOARD_LEFT", `the device left the bus in ${what}`, { cause: error });
    case "silent":
      return new Fault("LINK_SILENT", `no answer to ${what}`, { cause: error });
    case "busy":
      return new Fault("ADAPTER_BUSY", `another program has the device: ${said}`, { cause: error });
    case "denied":
      return new Fault(
        "ADAPTER_BUSY",
        `this user may not open the device; gangflash ports says what mends it`,
        {
          cause: error,
        },
      );
    case "stall":
    case "noise":
      return new Fault("LINK_NOISE", `${what}: ${said}`, { cause: error });
    default:
      return usbTrouble(error) as never;
  }
}

/** Why the devices of this machine cannot be listed, as a sentence. */
export function listingComplaint(error: unknown): string {
  const words = errorText(error);
  return words.includes("/sys/bus/usb")
    ? "this system has no USB (a container often has none): /sys/bus/usb is not there"
    : `USB devices cannot be listed: ${words}`;
}
