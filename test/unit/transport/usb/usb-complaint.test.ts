import { describe, expect, test } from "vitest";
import { usbFault, usbTrouble } from "../../../../src/transport/usb/usb-complaint.ts";

// As the library's own text has them (usb 3.1.0, on nusb 0.2): its program file holds these words, and the kernel bench
// has seen those of a transfer.
describe("the library's words", () => {
  test.each([
    ["endpoint stalled", "stall"],
    ["transfer was cancelled", "silent"],
    ["device disconnected", "gone"],
    ["device not found", "gone"],
    ["entity not found", "noise"],
    ["hardware fault or protocol violation", "noise"],
    ["invalid or unsupported argument", "noise"],
    ["unknown (-71)", "noise"],
    ["interface is busy", "busy"],
    ["device is busy", "busy"],
    ["resource busy", "busy"],
    ["permission denied", "denied"],
    ["open error: permission denied", "denied"],
    ["getString error: transfer was cancelled", "silent"],
    ["failed to open device", "noise"],
    ["controlTransferIn error: invalid state", "gone"],
    ["controlTransferOut error: endpoint stalled", "stall"],
    ["claimInterface error: interface is busy (errno 16)", "busy"],
    ["open error: device not found (errno 2)", "gone"],
    ["transferIn error: Disconnected", "gone"],
    ["transferIn error: Cancelled", "silent"],
    ["transferOut error: Stall", "stall"],
    ["transferIn error: Fault", "noise"],
  ] as const)("%s: %s", (words, trouble) => {
    expect(usbTrouble(new Error(words))).toBe(trouble);
    expect(usbTrouble(words)).toBe(trouble);
  });

  test.each([
    ["device disconnected", "BOARD_LEFT"],
    ["transfer was cancelled", "LINK_SILENT"],
    ["interface is busy", "ADAPTER_BUSY"],
    ["permission denied", "ADAPTER_BUSY"],
    ["hardware fault or protocol violation", "LINK_NOISE"],
  ] as const)("%s ends as %s, with the request and the cause", (words, code) => {
    const cause = new Error(words);
    const fault = usbFault(cause, "class request 3");
    expect(fault.code).toBe(code);
    expect(fault.cause).toBe(cause);
  });
});
