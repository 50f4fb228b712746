import { cleanText } from "../lib/clean-text.ts";
import type { Slot } from "../model/station.ts";
import type { Presence } from "../station/bench-state.ts";
import { usbKind, type UsbPlace, type UsbWatch } from "../transport/usb-bus.ts";

/**
 * Tells what lies at the USB places of a station, at once and after each change. Only USB tells it: a serial line or a
 * CAN adapter is there with a board and without one.
 */
export function watchSlots(
  slots: readonly Slot[],
  bus: UsbWatch,
  seen: (slot: string, presence: Presence) => void,
  kindOf: typeof usbKind = usbKind,
): Disposable {
  const byPath = new Map(
    slots.flatMap(({ name, port }) => (port.kind === "usb" ? [[port.path, name] as const] : [])),
  );
  const tell = (path: string, place: UsbPlace | null): void => {
    const slot = byPath.get(path);
    if (slot !== undefined) seen(slot, place === null ? { kind: "none" } : presenceOf(place, kindOf));
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

function presenceOf(place: UsbPlace, kindOf: typeof usbKind): Presence {
  switch (kindOf(place)) {
    case "dfu":
      return { kind: "board", chip: null };
    case "other":
      return { kind: "foreign", name: cleanText(place.device.productName ?? "", 40) };
    case "gone":
    default:
      return { kind: "none" };
  }
}
