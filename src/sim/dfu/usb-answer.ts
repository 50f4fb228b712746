/** What comes of a control transfer, and the bench time at which the device is ready to give it. */
export type UsbAnswer =
  /** Bytes of an IN transfer; none where an OUT transfer is taken. Until `at` the device answers NAK. */
  | { readonly kind: "data"; readonly bytes: Uint8Array; readonly at: number }
  | { readonly kind: "stall"; readonly at: number }
  /** The device leaves the bus instead of answering. */
  | { readonly kind: "gone"; readonly at: number }
  /** Neither an answer nor an end: a board that fell silent. */
  | { readonly kind: "silence" };
