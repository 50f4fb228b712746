import { limited, orAborted, pause } from "./limited.ts";
import { openPort } from "./serial/serial-port.ts";

/** The application gets so long to hear what was said before the port is closed, ms. */
const hearMs = 100;
/** An application that stops listening keeps what was written, ms. */
const writeMs = 3000;

/**
 * Tells an application on a serial port to make room for its loader: opens the port at a rate (8 data bits, no parity),
 * says `bytes`, and closes it, which lets DTR fall. The port may vanish under it, which is what was asked for. Throws a
 * Fault where it cannot be opened.
 */
export async function knock(
  device: string,
  baud: number,
  bytes: Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const port = await openPort(device, { baud, parity: "none", hangUp: true });
  try {
    if (bytes.length > 0)
      await limited(writeMs, signal, (stop) => {
        const written = port.write(Buffer.from(bytes)).then(() => port.drain());
        return orAborted(
          written.catch(() => undefined),
          stop,
        );
      });
    await pause(hearMs, signal);
  } finally {
    await port.close().catch(() => undefined);
  }
}
