import { describe, expect, test } from "vitest";
import { ofCan, ofSerial, ofUsb, portsCommand } from "../../../src/cli/ports.ts";
import { parsePort } from "../../../src/model/port.ts";
import { someIo } from "./some-io.ts";

const seen = (more: Partial<Parameters<typeof ofUsb>[0]>): Parameters<typeof ofUsb>[0] => ({
  path: "1-5",
  vendorId: 1,
  productId: 2,
  product: "",
  serial: "",
  dfu: false,
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

  test("a candleLight adapter is a CAN port; any other device is none", () => {
    expect(ofUsb(seen({ path: "1-4.3", vendorId: 0x1d50, productId: 0x606f, product: "" })).port).toBe(
      "can:gs_usb:1-4.3",
    );
    expect(
      ofUsb(seen({ path: "1-5", vendorId: 0x046d, productId: 0xc31c, product: "Keyboard" })).port,
    ).toBeNull();
  });

  test("what a device calls itself does not reach the screen as it is", () => {
    const { title } = ofUsb(seen({ path: "1-5", vendorId: 1, productId: 2, product: "\u001b[2Jbad\u202e" }));
    expect(title).toBe("1-5  0001:0002  [2Jbad");
  });

  test("a serial port goes by its socket where that has a name", () => {
    expect(
      ofSerial({ device: "/dev/ttyUSB0", byPath: "/dev/serial/by-path/pci-0:1", serial: null }).port,
    ).toBe("uart:/dev/serial/by-path/pci-0:1");
    const plain = { device: "/dev/ttyS1", byPath: null };
    expect(ofSerial({ ...plain, serial: null })).toMatchObject({
      port: "uart:/dev/ttyS1",
      title: "/dev/ttyS1",
    });
    expect(ofSerial({ ...plain, serial: "A5\u001b[2J" }).title).toBe("/dev/ttyS1  serial number A5[2J");
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
