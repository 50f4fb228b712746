/** What a USB device says of itself: ids in four hex digits, product not clean. */
export interface UsbWords {
  readonly vendorId: string;
  readonly productId: string;
  readonly product: string;
}

/** Adapters whose terminal speaks slcan, by their own USB ids. */
const byIds: Readonly<Record<string, string>> = {
  "0403:ffa8": "LAWICEL CANUSB", // Linux, drivers/usb/serial/ftdi_sio_ids.h
  "ad50:60c4": "CANtact or CANable", // as lsusb shows a CANable with slcan firmware
  "16d0:117e": "CANable 2", // the same of a CANable 2; with candleLight it has other ids
};
/** Others have the ids of their microcontroller's maker, and tell it by their name. */
const byWords = /slcan|canable|cantact|usbtin|canusb/i;

/** The make of an adapter that speaks slcan; `null`: it does not say so, and only the question V would tell. */
export function slcanMake({ vendorId, productId, product }: UsbWords): string | null {
  const known = byIds[`${vendorId}:${productId}`.toLowerCase()];
  return known ?? (byWords.test(product) ? product : null);
}

/** As Linux has them in the files of a device. */
export function usbWords(text: (file: string) => string | null): UsbWords {
  return {
    vendorId: text("idVendor") ?? "",
    productId: text("idProduct") ?? "",
    product: text("product") ?? "",
  };
}
