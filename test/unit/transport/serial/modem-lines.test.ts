import { describe, expect, test } from "vitest";
import { setLinesDirectly, type TerminalRequest } from "../../../../src/transport/serial/modem-lines.ts";

const [get, set] = [0x5415, 0x5418];
const [dtr, rts, cts] = [0x002, 0x004, 0x020];

/** A driver with these bits set. */
function driver(start: number, refuses: number | null = null) {
  let bits = start;
  const request: TerminalRequest = (_fd, call, value) => {
    if (call === refuses) return -1;
    if (call === get) value[0] = bits;
    else bits = value[0] ?? 0;
    return 0;
  };
  return { load: () => Promise.resolve(request), bits: () => bits };
}

describe("DTR and RTS of an adapter that knows no break", () => {
  test.each([
    [{ dtr: true, rts: false }, dtr],
    [{ dtr: false, rts: true }, rts],
    [{ dtr: true, rts: true }, dtr | rts],
    [{ dtr: false, rts: false }, 0],
  ])("%o: both lines at once, the others as they are", async (lines, wanted) => {
    for (const start of [0, dtr | rts]) {
      const { load, bits } = driver(start | cts);
      await setLinesDirectly(3, "/dev/ttyACM0", lines, load);
      expect(bits()).toBe(wanted | cts);
    }
  });

  test.each([get, set])(
    "a driver that refuses 0x%x is told as the adapter's fault, in words",
    async (refused) => {
      const { load } = driver(0, refused);
      const setting = setLinesDirectly(3, "/dev/ttyACM0", { dtr: true, rts: true }, load);
      await expect(setting).rejects.toMatchObject({ code: "ADAPTER_LOST" });
    },
  );

  test("without the package that makes the call the sentence names it", async () => {
    const load = (): Promise<never> => Promise.reject(new Error("Cannot find package"));
    const setting = setLinesDirectly(3, "/dev/ttyACM0", { dtr: true, rts: true }, load);
    await expect(setting).rejects.toThrow("koffi");
  });
});
