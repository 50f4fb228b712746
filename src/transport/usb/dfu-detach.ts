import { Fault } from "../../model/fault.ts";
import { parseRuntime } from "../../protocol/dfu/descriptors.ts";
import { requests } from "../../protocol/dfu/requests.ts";
import { limited, orAborted } from "../limited.ts";
import { claim, close, deviceName, readDescriptors, transfer, type DriverOf } from "./usb-access.ts";
import type { UsbDevice, UsbPlace } from "./usb-bus.ts";
import { usbFault } from "./usb-complaint.ts";

const detachMs = 5000;
/** A reset waits for the kernel to look at the device again. */
const resetMs = 10_000;

/**
 * Asks the application at a place to make room for its loader: DETACH, with the time that the device says it waits for
 * a bus reset, and that reset unless it leaves by itself (DFU 1.1, section 5.1). The device may be gone before it has
 * answered; what counts is what comes after it. Throws a Fault: FOREIGN_DEVICE where it has no such interface,
 * ENTRY_REFUSED for a STALL.
 */
export async function detach(
  { device, path }: UsbPlace,
  driverOf: DriverOf,
  signal: AbortSignal,
): Promise<void> {
  try {
    await device.open();
  } catch (error) {
    throw usbFault(error, `opening usb:${path}`);
  }
  let claimed: Parameters<typeof close>[1] = null;
  try {
    const { configuration } = await readDescriptors(device, signal);
    const runtime = parseRuntime(configuration);
    if (runtime === null)
      throw new Fault(
        "FOREIGN_DEVICE",
        `usb:${path} is ${deviceName(device)}: it has no DFU run-time interface, which "entry: { by: dfu-detach }" needs`,
      );
    const { interfaceNumber } = runtime;
    claimed = { interfaceNumber, detached: await claim(device, path, interfaceNumber, driverOf) };
    await ask(device, path, runtime.interfaceNumber, runtime.detachMs, signal);
    if (!runtime.willDetach)
      await limited(resetMs, signal, (stop) =>
        orAborted(
          device.reset().catch(() => undefined),
          stop,
        ),
      );
  } finally {
    await close(device, claimed);
  }
}

async function ask(
  device: UsbDevice,
  path: string,
  index: number,
  value: number,
  signal: AbortSignal,
): Promise<void> {
  const setup = {
    requestType: "class",
    recipient: "interface",
    request: requests.detach,
    value,
    index,
  } as const;
  let answer: number | "stall";
  try {
    answer = await transfer(
      () => device.nativeControlTransferOut(setup, detachMs, new Uint8Array()),
      "DETACH",
      signal,
    );
  } catch (error) {
    if (signal.aborted || !(error instanceof Fault)) throw error;
    // It went without a word, or the word was lost on the way.
    return;
  }
  if (answer === "stall")
    throw new Fault("ENTRY_REFUSED", `the application at usb:${path} refused DETACH with a STALL`);
}
