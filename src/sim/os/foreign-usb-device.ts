import { foreignDescriptors, foreignProduct, testVendor } from "./plain-descriptors.ts";
import { plainControl } from "./plain-control.ts";
import type { UsbDevice } from "./usb-device.ts";

/** A device in a slot that is no board; `name` is what it says of itself. */
export function foreignUsbDevice(name: string): UsbDevice {
  const descriptors = foreignDescriptors({
    vendorId: testVendor,
    productId: foreignProduct,
    maker: "gangflash",
    product: name,
    serial: "0",
  });
  const nothing = { [Symbol.dispose]: () => undefined };
  return {
    descriptors: () => descriptors,
    attached: () => true,
    watch: () => nothing,
    submit({ endpoint, setup, data }, end) {
      end(endpoint === 0 ? plainControl({ descriptors }, setup, data) : { kind: "stall" });
      return nothing;
    },
    ...nothing,
  };
}
