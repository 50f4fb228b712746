import { describe, expect, test } from "vitest";
import { ofCan, ofGsUsb, ofSerial, ofUsb, portsCommand } from "../../../../src/cli/bench/ports.ts";
import { parsePort } from "../../../../src/model/port.ts";
import { someIo } from "../some-io.ts";

const seen = (more: Partial<Parameters<typeof ofUsb>[0]>): Parameters<typeof ofUsb>[0] => ({
  path: "1-5",
  vendorId: 1,
  productId: 2,
  product: "",
  serial: "",
  dfu: false,
  gsUsb: false,
  ...more,
});

describe("what is plugged in", () => {
  test("a USB loader is a port, and is marked", () => {
    const loader = ofUsb(
      seen({ path: "1-4.2", vendorId: 0x0483, productId: 0xdf11, product: "STM32  BOOTLOADER", dfu: true }),
    );
    expect(loader).toMatchObject({ port: "usb:1-4.2", loader: true });
    expect(loader.title).toBe("1-4.2  0483:df11  STM32  BOOTLOADER");
  });

  test("a device is a loader by its class, never by its ids", () => {
    expect(ofUsb(seen({ vendorId: 0x0483, productId: 0xdf11 }))).toMatchObject({ port: null, loader: false });
    expect(ofUsb(seen({ vendorId: 0x2e3c, productId: 0xdf11, dfu: true })).loader).toBe(true);
  });

  test("each channel of a gs_usb adapter is a CAN port, with the rates that it can make; any other device is none", () => {
    const usb = seen({ path: "1-4.3", vendorId: 0x1d50, productId: 0x606f, product: "canable", gsUsb: true });
    const rates = [
      { nominal: 125_000, data: null },
      { nominal: 250_000, data: 1_000_000 },
    ];
    const free = { net: null, rates };
    const found = ofGsUsb(usb, { channels: [free, free], why: null });
    expect(found.map(({ port }) => port)).toEqual(["can:gs_usb:1-4.3", "can:gs_usb:1-4.3:1"]);
    expect(found[1]?.title).toBe("1-4.3  1d50:606f  canable  channel 1 of 2: 125000, 250000/1000000 bit/s");
    for (const { port } of found) expect(parsePort(port ?? "")).toMatchObject({ adapter: "gs_usb" });
    expect(
      ofUsb(seen({ path: "1-5", vendorId: 0x046d, productId: 0xc31c, product: "Keyboard" })).port,
    ).toBeNull();
  });

  test("an adapter that the kernel has is not disturbed for a list, and says so", () => {
    const usb = seen({ path: "1-4", vendorId: 0x1d50, productId: 0x606f, gsUsb: true });
    const why = "not asked for its rates, the kernel has it as can0";
    const [found] = ofGsUsb(usb, { channels: [{ net: "can0", rates: null }], why });
    expect(found).toMatchObject({ port: "can:gs_usb:1-4", facts: { net: "can0", rates: null } });
    expect(found?.title).toBe(`1-4  1d50:606f  channel 0 of 1: ${why}`);
  });

  test("what a device calls itself does not reach the screen as it is", () => {
    const { title } = ofUsb(seen({ path: "1-5", vendorId: 1, productId: 2, product: "\u001b[2Jbad\u202e" }));
    expect(title).toBe("1-5  0001:0002  [2Jbad");
  });

  test("a serial port goes by its socket where that has a name", () => {
    expect(
      ofSerial({ device: "/dev/ttyUSB0", byPath: "/dev/serial/by-path/pci-0:1", serial: null, slcan: null })
        .port,
    ).toBe("uart:/dev/serial/by-path/pci-0:1");
    const plain = { device: "/dev/ttyS1", byPath: null, slcan: null };
    expect(ofSerial({ ...plain, serial: null })).toMatchObject({
      port: "uart:/dev/ttyS1",
      title: "/dev/ttyS1",
    });
    expect(ofSerial({ ...plain, serial: "A5\u001b[2J" }).title).toBe("/dev/ttyS1  serial number A5[2J");
  });

  test("a serial port of an adapter that speaks slcan is a CAN adapter, by its socket all the same", () => {
    const port = { device: "/dev/ttyACM0", byPath: "/dev/serial/by-path/pci-0:2", serial: "0042" };
    expect(ofSerial({ ...port, slcan: "CANable 2" })).toMatchObject({
      kind: "can",
      port: "can:slcan:/dev/serial/by-path/pci-0:2",
      title: expect.stringContaining("CANable 2, a CAN adapter that speaks slcan") as string,
    });
    expect(ofSerial({ ...port, slcan: "CAN\u001b[2Jable" }).title).not.toContain("\u001b");
  });

  test("a CAN interface", () => {
    expect(ofCan({ name: "can0", state: "down" })).toMatchObject({
      port: "can:socketcan:can0",
      title: "can0  down",
    });
  });
});

describe("the command", () => {
  test("ends well whatever this machine has, and each port it names can be parsed", async () => {
    const { io, out } = someIo(true);
    expect(await portsCommand(io)).toBe(0);
    const ports = out.map((line) => (JSON.parse(line) as { port: string | null }).port);
    const named = ports.filter((port) => port !== null);
    expect(named.map(parsePort).filter((port) => typeof port === "string")).toEqual([]);
  });
});
