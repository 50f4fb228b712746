import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { listCan, listSerial } from "../../../src/transport/list-ports.ts";

let sys = "";
let dev = "";
let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "gangflash-ports-"));
  sys = join(root, "sys");
  dev = join(root, "dev");
  for (const folder of ["sys/class/tty", "sys/class/net", "dev/serial/by-path"])
    mkdirSync(join(root, folder), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function tty(name: string, facts: { device?: boolean; type?: string; node?: boolean } = {}): void {
  const folder = join(sys, "class", "tty", name);
  mkdirSync(folder);
  if (facts.device !== false) mkdirSync(join(folder, "device"));
  if (facts.type !== undefined) writeFileSync(join(folder, "type"), `${facts.type}\n`);
  if (facts.node !== false) writeFileSync(join(dev, name), "");
}

describe.skipIf(process.platform !== "linux")("serial ports", () => {
  test("are listed with the name that stays with their socket, numbers in order", async () => {
    tty("ttyUSB10");
    tty("ttyUSB2");
    symlinkSync(join(dev, "ttyUSB2"), join(dev, "serial", "by-path", "pci-0000:00-usb-0:1.2:1.0-port0"));
    const listed = await listSerial({ sys, dev });
    expect(listed.ok && listed.found).toEqual([
      {
        device: join(dev, "ttyUSB2"),
        byPath: join(dev, "serial", "by-path", "pci-0000:00-usb-0:1.2:1.0-port0"),
        serial: null,
        slcan: null,
      },
      { device: join(dev, "ttyUSB10"), byPath: null, serial: null, slcan: null },
    ]);
  });

  test("of two names by path the one that older systems know, too, is shown", async () => {
    tty("ttyACM0");
    for (const name of ["pci-0-usb-0:1:1.0", "pci-0-usbv2-0:1:1.0"])
      symlinkSync(join(dev, "ttyACM0"), join(dev, "serial", "by-path", name));
    const listed = await listSerial({ sys, dev });
    expect(listed.ok && listed.found[0]?.byPath).toBe(join(dev, "serial", "by-path", "pci-0-usb-0:1:1.0"));
  });

  test("consoles, places without a chip and ports without a node are left out", async () => {
    tty("tty1", { device: false });
    tty("ttyS0", { type: "0" });
    tty("ttyS1", { type: "4" });
    tty("ttyUSB0", { node: false });
    const listed = await listSerial({ sys, dev });
    expect(listed.ok && listed.found.map(({ device }) => device)).toEqual([join(dev, "ttyS1")]);
  });

  test("tell the serial number of their adapter, whichever driver they have", async () => {
    for (const [name, deeper] of [
      ["ttyACM0", ""],
      ["ttyUSB0", "ttyUSB0"],
    ] as const) {
      tty(name, { device: false });
      const usb = join(sys, "devices", `usb-${name}`);
      mkdirSync(join(usb, "1-4:1.0", deeper), { recursive: true });
      writeFileSync(join(usb, "idVendor"), "0403\n");
      writeFileSync(join(usb, "serial"), `SN-${name}\n`);
      symlinkSync(join(usb, "1-4:1.0", deeper), join(sys, "class", "tty", name, "device"));
    }
    const listed = await listSerial({ sys, dev });
    expect(listed.ok && listed.found.map(({ serial }) => serial)).toEqual(["SN-ttyACM0", "SN-ttyUSB0"]);
  });

  test.each([
    ["0403", "ffa8", "", "LAWICEL CANUSB"],
    ["ad50", "60c4", "CANtact dev", "CANtact or CANable"],
    ["16D0", "117E", "CANable2 b158aa7", "CANable 2"],
    ["04d8", "000a", "USBtin", "USBtin"],
    ["04d8", "000a", "CDC RS-232 Emulation Demo", null],
    ["0403", "6001", "FT232R USB UART", null],
  ])("%s:%s that calls itself '%s' speaks slcan as %s", async (idVendor, idProduct, product, make) => {
    tty("ttyACM0", { device: false });
    const usb = join(sys, "devices", "usb");
    mkdirSync(join(usb, "1-4:1.0"), { recursive: true });
    for (const [name, text] of Object.entries({ idVendor, idProduct, product }))
      writeFileSync(join(usb, name), `${text}\n`);
    symlinkSync(join(usb, "1-4:1.0"), join(sys, "class", "tty", "ttyACM0", "device"));
    const listed = await listSerial({ sys, dev });
    expect(listed.ok && listed.found.map(({ slcan }) => slcan)).toEqual([make]);
  });

  test("a system without any lists none", async () => {
    rmSync(root, { recursive: true });
    expect(await listSerial({ sys, dev })).toEqual({ ok: true, found: [] });
  });
});

describe("CAN interfaces", () => {
  test("are the network interfaces of that type", () => {
    for (const [name, type, state] of [
      ["eth0", "1", "up"],
      ["can0", "280", "down"],
    ] as const) {
      mkdirSync(join(sys, "class", "net", name));
      writeFileSync(join(sys, "class", "net", name, "type"), `${type}\n`);
      writeFileSync(join(sys, "class", "net", name, "operstate"), `${state}\n`);
    }
    expect(listCan({ sys, dev })).toEqual({ ok: true, found: [{ name: "can0", state: "down" }] });
  });
});
