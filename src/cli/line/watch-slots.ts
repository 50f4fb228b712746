import { cleanText } from "../../lib/clean-text.ts";
import type { Slot } from "../../model/station.ts";
import type { Presence } from "../../station/bench-state.ts";
import { usbKind, type UsbPlace, type UsbWatch } from "../../transport/usb/usb-bus.ts";

/**
 * Tells what lies at the USB places of a station, at once and after each change. Only USB tells it: a serial line or a
 * CAN adapter is there with a board and without one. `entersItself`: the board may lie there with its program running.
 * Any other one is asked what it is, so that it is only looked at yet.
 */
export function watchSlots(
  slots: readonly Slot[],
  bus: UsbWatch,
  seen: (slot: string, presence: Presence) => void,
  entersItself: (slot: Slot) => boolean,
  kindOf: typeof usbKind = usbKind,
): Disposable {
  const byPath = new Map(
    slots.flatMap((slot) => (slot.port.kind === "usb" ? [[slot.port.path, slot] as const] : [])),
  );
  const tell = (path: string, place: UsbPlace | null): void => {
    const slot = byPath.get(path);
    if (slot !== undefined)
      seen(slot.name, place === null ? { kind: "none" } : presenceOf(place, entersItself(slot), kindOf));
  };
  const changes = bus.subscribe((change) =>
    change.kind === "left" ? tell(change.path, null) : tell(change.place.path, change.place),
  );
  void bus
    .now()
    .then((places) => {
      for (const path of byPath.keys()) tell(path, places.find((place) => place.path === path) ?? null);
    })
    // A bus that cannot be listed is told by the attempt itself; slots are not watched then.
    .catch(() => {});
  return changes;
}

function presenceOf(place: UsbPlace, entersItself: boolean, kindOf: typeof usbKind): Presence {
  switch (kindOf(place)) {
    case "dfu":
      return entersItself ? { kind: "board", chip: null } : { kind: "looking" };
    case "other":
      // A board that comes out of its own program into the loader shows that program first.
      if (entersItself) return { kind: "board", chip: null };
      return { kind: "foreign", name: cleanText(place.device.productName ?? "", 40) };
    case "gone":
    default:
      return { kind: "none" };
  }
}
