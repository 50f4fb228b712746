/**
 * candleLight and its kin, as Linux knows them (drivers/net/can/usb/gs_usb.c). Their interface is of the vendor's own
 * class, which says nothing; many have a run-time interface of the DFU class beside it, and are no boards for that.
 */
export const gsUsbIds: ReadonlySet<string> = new Set([
  "1d50:606f",
  "1209:2323",
  "1cd2:606f",
  "16d0:10b8",
  "16d0:0f30",
  "1209:ca01",
]);
