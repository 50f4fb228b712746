/** Longest code that a scanner may send; what is longer is none of ours. */
const longest = 400;
const againMs = 2000;

/** Cuts what a scanner sends into scans: CR, LF or both end one. UTF-8; what is no text stays to be refused. */
export function scanLines(scanned: (text: string) => void): (bytes: Uint8Array) => void {
  let pending: number[] = [];
  const decoder = new TextDecoder();
  return (bytes) => {
    for (const byte of bytes) {
      if (byte !== 0x0d && byte !== 0x0a) {
        if (pending.length <= longest) pending.push(byte);
        continue;
      }
      if (pending.length > 0) scanned(decoder.decode(Uint8Array.from(pending)));
      pending = [];
    }
  };
}

/**
 * Reads a scanner on a serial line, 8 data bits, no parity. A scanner that goes is opened again when it comes back;
 * `state` tells both, once each.
 */
export function readSerialScanner(
  device: string,
  baud: number,
  scanned: (text: string) => void,
  state: (there: boolean, why: string) => void,
): Disposable {
  let port: { close(): void } | null = null;
  let timer: NodeJS.Timeout | null = null;
  let told: boolean | null = null;
  let over = false;

  const tell = (there: boolean, why: string): void => {
    if (told === there) return;
    told = there;
    state(there, why);
  };
  const later = (why: string): void => {
    port = null;
    tell(false, why);
    if (!over) timer = setTimeout(() => void open(), againMs);
  };

  async function open(): Promise<void> {
    const { SerialPort } = await import("serialport");
    if (over) return;
    const opened = new SerialPort({ path: device, baudRate: baud, autoOpen: false });
    opened.on("data", scanLines(scanned));
    opened.on("close", () => later("the scanner is gone"));
    // An error on an open port is followed by its close.
    opened.on("error", () => {});
    opened.open((error) => {
      if (error !== null) later(error.message);
      else if (over) opened.close();
      else {
        port = opened;
        tell(true, "");
      }
    });
  }

  void open().catch((error: unknown) => later(String(error)));
  return {
    [Symbol.dispose]() {
      over = true;
      if (timer !== null) clearTimeout(timer);
      port?.close();
    },
  };
}
