import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, openSync } from "node:fs";
import koffi from "koffi";
import { SerialPort } from "serialport";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { realClock } from "../../../src/lib/clock.ts";
import { openSerial } from "../../../src/transport/serial/serial.ts";

const never = new AbortController().signal;
const say = (program: string, ...words: readonly string[]): string =>
  execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

/** Linux's own simulated adapter, which does not announce SEND_BREAK, as many small CDC-ACM adapters. */
describe("an adapter that knows no break", () => {
  const device = "/dev/ttyACM0";
  let file = -1;
  beforeAll(async () => {
    say("modprobe", "dummy_hcd");
    say("modprobe", "g_serial");
    await vi.waitUntil(() => existsSync(device), { timeout: 30_000, interval: 250 });
  });
  afterAll(() => {
    if (file >= 0) closeSync(file);
    say("modprobe", "-r", "g_serial");
    say("modprobe", "-r", "dummy_hcd");
  });

  const ioctl = koffi
    .load(null)
    .func("int ioctl(int fd, unsigned long request, _Inout_ int *value)") as unknown as (
    fd: number,
    request: number,
    value: Int32Array,
  ) => number;
  /** `D` DTR asserted, `R` RTS asserted, as the driver has told the adapter. */
  function lines(): string {
    if (file < 0) file = openSync(device, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
    const value = Int32Array.of(0);
    expect(ioctl(file, 0x5415, value)).toBe(0);
    const bits = value[0] ?? 0;
    return `${(bits & 2) === 0 ? "-" : "D"}${(bits & 4) === 0 ? "-" : "R"}`;
  }

  test("is given up by the serial library before a line has moved", async () => {
    const port = await SerialPort.binding.open({ path: device, baudRate: 115_200, hupcl: false });
    try {
      const before = lines();
      await expect(port.set({ dtr: false, rts: false, brk: false })).rejects.toThrow("not supported");
      expect(lines()).toBe(before);
    } finally {
      await port.close();
    }
  });

  test("is driven by us all the same: BOOT0 and reset go through their sequence", async () => {
    await using link = await openSerial(
      device,
      { baud: 115_200, boot0: "rts", reset: "dtr", clock: realClock },
      never,
    );
    expect(lines()).toBe("--");
    const seen = new Set<string>();
    const watch = setInterval(() => seen.add(lines()), 5);
    expect(await link.resetToLoader(never)).toBe(true);
    clearInterval(watch);
    expect([...seen]).toContain("DR");
    expect(lines()).toBe("-R");
    expect(await link.resetToApplication(never)).toBe(true);
    expect(lines()).toBe("--");
  });

  test("is no trouble where a slot has no lines wired", async () => {
    await using link = await openSerial(
      device,
      { baud: 115_200, boot0: "none", reset: "none", clock: realClock },
      never,
    );
    expect(await link.resetToLoader(never)).toBe(false);
  });
});
