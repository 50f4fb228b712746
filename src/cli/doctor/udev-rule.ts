import { gsUsbIds } from "../../transport/can/gs-usb-ids.ts";

/** Where the rule belongs: before 73, where `uaccess` becomes rights, and behind 50, which reads the USB interfaces. */
export const ruleFile = "60-gangflash.rules";
export const rulePath = `/etc/udev/rules.d/${ruleFile}`;

/** Puts the rule there and makes it count, from any user's shell. */
export const installRule = `gangflash doctor --print-udev | sudo tee ${rulePath} && sudo udevadm control --reload && sudo udevadm trigger`;

/** The group that may use boards and adapters; serial ports are its already on most systems. */
export const ruleGroup = "dialout";

/**
 * Vendors of serial adapters that a modem's daemon must not talk to: FTDI, SiLabs, WCH, Prolific, ST, MCP, pid.codes; of
 * slcan adapters CANtact and MCS.
 */
const adapterVendors = ["0403", "10c4", "1a86", "067b", "0483", "04d8", "1209", "ad50", "16d0"] as const;

/**
 * The rule as it is now. Loaders and applications are found by their DFU interface, whoever made them. `uaccess` is for
 * the person at the seat, the group for stations without one.
 */
export function udevRule(): string {
  const share = `MODE="0660", GROUP="${ruleGroup}", TAG+="uaccess"`;
  const device = 'SUBSYSTEM=="usb", ENV{DEVTYPE}=="usb_device"';
  const adapters = adapterVendors.join("|");
  const candleLights = [...gsUsbIds].map((ids) => {
    const [vendor = "", product = ""] = ids.split(":");
    return `${device}, ATTR{idVendor}=="${vendor}", ATTR{idProduct}=="${product}", ${share}`;
  });
  return `# gangflash: boards in their USB loader, serial and CAN adapters, and hubs that switch power.
# Written by "gangflash doctor --write-udev"; "gangflash doctor" says when it is old.
ACTION=="remove", GOTO="gangflash_end"

# Boards: a DFU interface, of a loader or of an application, kept awake.
${device}, ENV{ID_USB_INTERFACES}=="*:fe01??:*", ${share}, ENV{ID_MM_DEVICE_IGNORE}="1", ATTR{power/control}="on"
${device}, ATTR{idVendor}=="0483", ATTR{idProduct}=="df11", ${share}, ATTR{power/control}="on"

# Serial adapters: no modem's daemon talks to the board behind them, and they answer at once.
${device}, ATTR{idVendor}=="${adapters}", ENV{ID_MM_DEVICE_IGNORE}="1", ATTR{power/control}="on"
SUBSYSTEM=="tty", SUBSYSTEMS=="usb", ${share}
SUBSYSTEM=="usb-serial", DRIVER=="ftdi_sio", ATTR{latency_timer}="1"

# candleLight and its kin, driven from user space.
${candleLights.join("\n")}

# Hubs: "power: hub" in a station file switches their ports.
${device}, ATTR{bDeviceClass}=="09", MODE="0660", GROUP="${ruleGroup}"
SUBSYSTEM=="usb", DRIVER=="hub", RUN+="/bin/sh -c 'for port in $sys$devpath/*-port*/disable; do chgrp ${ruleGroup} $$port; chmod 0660 $$port; done 2>/dev/null'"

LABEL="gangflash_end"
`;
}
