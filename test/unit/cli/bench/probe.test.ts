import { describe, expect, test } from "vitest";
import { probeCommand } from "../../../../src/cli/bench/probe.ts";
import { someIo } from "../some-io.ts";

async function probe(port: string, json = true) {
  const { io, out } = someIo(json);
  const code = await probeCommand({ port, baud: null }, io);
  return { code, out };
}

describe("probe", () => {
  test("tells chip, UID, flash size, option bytes and protection over a serial line", async () => {
    const { code, out } = await probe("sim:STM32F405:uart");
    expect(code).toBe(0);
    expect(JSON.parse(out[0] ?? "")).toMatchObject({
      type: "probe",
      port: "sim:STM32F405:uart",
      productId: 0x413,
      protocolVersion: 0x31,
      uid: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
      flashKiB: 1024,
      protection: "off",
      options: { RDP: 0xaa, nWRP: 0xfff },
    });
  });

  test("names every chip that has the memory that a USB loader describes", async () => {
    const { code, out } = await probe("sim:STM32F405:usb");
    expect(code).toBe(0);
    const probed = JSON.parse(out[0] ?? "") as { chip: string[]; flashKiB: number; productId: null };
    expect(probed.chip.some((name) => name.includes("F405"))).toBe(true);
    expect(probed.productId).toBeNull();
    expect(probed.flashKiB).toBe(1024);
  });

  test("is readable by people", async () => {
    const { out } = await probe("sim:STM32F103:uart", false);
    expect(out[0]).toBe("sim:STM32F103:uart");
    expect(out.map((line) => line.trim().split(/\s+/)[0])).toEqual(
      expect.arrayContaining(["chip", "loader", "uid", "flash", "protection", "options"]) as string[],
    );
  });

  test.each([
    ["nonsense", 2],
    ["sim:STM32F405", 2],
    ["sim:STM32F999:uart", 2],
    ["sim:STM32F103C8:can", 2],
    ["uart:/dev/not-there", 3],
    ["usb:1-4.2", 3],
    ["can:socketcan:can0", 3],
    ["can:gs_usb:1-4", 3],
    ["can:slcan:/dev/not-there", 3],
    ["uart:/dev/null", 3],
  ])("%s ends with a sentence and exit %i", async (port, exitCode) => {
    await expect(probe(port)).rejects.toMatchObject({
      exitCode,
      message: expect.stringContaining(port) as string,
    });
  });
});
