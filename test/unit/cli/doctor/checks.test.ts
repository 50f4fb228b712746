import { describe, expect, test } from "vitest";
import { checkDesk } from "../../../../src/cli/doctor/check-desk.ts";
import { checkPower } from "../../../../src/cli/doctor/check-power.ts";
import { checkProgram } from "../../../../src/cli/doctor/check-program.ts";
import { checkRights } from "../../../../src/cli/doctor/check-rights.ts";
import { checkUsb } from "../../../../src/cli/doctor/check-usb.ts";
import { checkWires } from "../../../../src/cli/doctor/check-wires.ts";
import type { Finding } from "../../../../src/cli/doctor/finding.ts";
import type { Machine } from "../../../../src/cli/doctor/machine.ts";
import { udevRule } from "../../../../src/cli/doctor/udev-rule.ts";
import { usbTree } from "../../../../src/cli/doctor/usb-tree.ts";
import { checkStation } from "../../../../src/config/station-file.ts";
import { chipChoice } from "../../../../src/family/table.ts";
import type { Station } from "../../../../src/model/station.ts";
import type { HubFacts, Switching } from "../../../../src/protocol/hub-class.ts";
import { madeUp, usbFiles, type MadeUpUsb } from "./made-up.ts";

const line = ({ state, what, seen }: Finding): string => `${state} ${what}: ${seen}`;
const named = (findings: readonly Finding[], what: string): Finding[] =>
  findings.filter((one) => one.what === what);
const dfu: MadeUpUsb = { interfaces: ["fe0102"], product: "STM32  BOOTLOADER" };
const rule = { "/etc/udev/rules.d/60-gangflash.rules": udevRule() };

const rightsOf = (machine: Machine): Finding[] => checkRights(machine, usbTree(machine) ?? []);

describe("the program", () => {
  test("is well with a new Node and packages that load", async () => {
    expect((await checkProgram(madeUp())).map(({ state }) => state)).toEqual(["ok", "ok", "ok", "ok", "ok"]);
  });

  test("fails with an old Node, and with a driver that does not load, and only warns of the optional one", async () => {
    const machine = madeUp({
      more: {
        nodeVersion: "24.2.0",
        loads: (name) => Promise.resolve(name === "serialport" ? null : "no such file"),
      },
    });
    expect((await checkProgram(machine)).map(line)).toEqual([
      "fail Node: 24.2.0, 24.15 or newer was expected",
      "fail better-sqlite3: does not load: no such file",
      "fail usb: does not load: no such file",
      "ok serialport: loads",
      expect.stringMatching(/^warn koffi: does not load: no such file; can:socketcan/),
    ]);
  });
});

describe("rights", () => {
  const group = { "/etc/group": "root:x:0:\ndialout:x:20:op7\nplugdev:x:46:" };

  test("are in order with the rule, the group and devices of one's own", () => {
    const files = { ...rule, ...group, ...usbFiles({ "1-4.2": dfu }) };
    expect(rightsOf(madeUp({ files })).map(line)).toEqual([
      "ok udev rule: /etc/udev/rules.d/60-gangflash.rules, current",
      "ok group: op7 is in dialout",
      "ok usb:1-4.2: STM32  BOOTLOADER, ours to use",
      "ok ModemManager: does not run",
    ]);
  });

  test("a board that this user may not open fails, and the line that mends it installs the rule", () => {
    const files = { ...group, "/run/udev/control": "", ...usbFiles({ "1-4.2": dfu }) };
    const found = rightsOf(madeUp({ files, denied: ["/dev/bus/usb/001/001"] }));
    expect(found.map(({ state }) => state)).toEqual(["warn", "ok", "fail", "ok"]);
    expect(found[2]?.mend).toContain("--print-udev | sudo tee /etc/udev/rules.d/60-gangflash.rules");
  });

  test("an adapter's terminal is looked at, whichever driver made it", () => {
    const usb = usbFiles({ "1-3": { interfaces: ["020201"], terminal: "ttyACM0", product: "Adapter" } });
    const ftdi = {
      ...usbFiles({ "1-5": { interfaces: ["ffffff"] } }),
      "/sys/bus/usb/devices/1-5:1.0/ttyUSB3/latency_timer": "16",
      "/dev/ttyUSB3": "",
    };
    const found = rightsOf(madeUp({ files: { ...usb, ...ftdi }, denied: ["/dev/ttyUSB3"] }));
    expect(named(found, "/dev/ttyACM0").map(line)).toEqual(["ok /dev/ttyACM0: Adapter, ours to use"]);
    expect(named(found, "/dev/ttyUSB3").map(line)).toEqual([
      "fail /dev/ttyUSB3: Thing: this user may not use /dev/ttyUSB3",
    ]);
  });

  test("an edited rule is told, and a system without udev wants none", () => {
    const edited = { "/etc/udev/rules.d/60-gangflash.rules": `${udevRule()}# mine\n` };
    expect(rightsOf(madeUp({ files: edited }))[0]).toMatchObject({ state: "warn", what: "udev rule" });
    expect(rightsOf(madeUp())[0]).toMatchObject({ state: "ok", what: "udev rule" });
  });

  test.each<[string, string, readonly number[], string]>([
    ["is told with its line", "dialout:x:20:", [1000], "op7 is not in dialout"],
    [
      "counts from the next log-in on",
      "dialout:x:20:ann,op7",
      [1000],
      "op7 is in dialout from the next log-in on",
    ],
    ["has to be there", "root:x:0:", [1000], "there is no group dialout"],
  ])("a missing group %s", (_, text, groups, seen) => {
    const user = { name: "op7", uid: 1000, groups };
    const machine = madeUp({ files: { "/etc/group": text }, more: { user } });
    expect(named(rightsOf(machine), "group").map(line)).toEqual([`warn group: ${seen}`]);
  });

  test("ModemManager is no trouble once the rule tells it to stay away", () => {
    const running = { "/proc/812/comm": "ModemManager" };
    const last = (machine: Machine): Finding | undefined => rightsOf(machine).at(-1);
    expect(last(madeUp({ files: running }))).toMatchObject({ state: "warn" });
    expect(last(madeUp({ files: { ...running, ...rule } }))).toMatchObject({ state: "ok" });
  });
});

const stationOf = (...ports: readonly string[]): Station => {
  const slots = ports.map((port, i) => `  - { name: A${i + 1}, port: "${port}" }\n`).join("");
  const read = checkStation("s.yaml", `station: bench\nslots:\n${slots}`, chipChoice);
  if (!read.ok) throw new Error("not a station");
  return read.value;
};

describe("the USB tree", () => {
  const root = { speed: 480, hub: { sockets: 8, translators: 1 } } as const;
  const treeOf = (
    devices: Readonly<Record<string, MadeUpUsb>>,
    station: Station | null = null,
  ): Finding[] => {
    const machine = madeUp({ files: usbFiles({ usb1: root, ...devices }) });
    return checkUsb(usbTree(machine), station, machine);
  };
  const boards = (count: number): Record<string, MadeUpUsb> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`1-4.${i + 1}`, dfu]));

  test("a board that may fall asleep is told by its path", () => {
    const [found] = treeOf({ "1-4": dfu, "1-5": { ...dfu, sleeps: true } });
    expect(found).toMatchObject({ state: "warn", seen: "the kernel may put 1-5 to sleep" });
  });

  test.each<[string, MadeUpUsb, number, string | null]>([
    ["one translator, few boards", { speed: 480, hub: { sockets: 7, translators: 1 } }, 3, "ok"],
    ["one translator, many boards", { speed: 480, hub: { sockets: 7, translators: 1 } }, 6, "warn"],
    ["a full-speed hub", { speed: 12, hub: { sockets: 7 } }, 6, "warn"],
    ["a translator for each socket", { speed: 480, hub: { sockets: 7, translators: 2 } }, 6, null],
    ["one board alone", { speed: 480, hub: { sockets: 7, translators: 1 } }, 1, null],
  ])("bandwidth behind %s", (_, hub, count, state) => {
    const found = named(treeOf({ "1-4": hub, ...boards(count) }), "hub 1-4");
    expect(found.map((one) => one.state)).toEqual(state === null ? [] : [state]);
  });

  test("empty slots of the station count, since boards will lie there; a root hub does not", () => {
    const station = stationOf(...Array.from({ length: 6 }, (_, i) => `usb:1-4.${i + 1}`));
    const hub: MadeUpUsb = { speed: 480, hub: { sockets: 7, translators: 1 }, product: "Cheap hub" };
    const [found] = named(treeOf({ "1-4": hub }, station), "hub 1-4");
    expect(found).toMatchObject({ state: "warn" });
    expect(found?.seen).toBe(
      "6 boards share 12 Mbit/s behind a hub with one translator, Cheap hub: each is slower with every other one",
    );
    const onRoot = stationOf(...Array.from({ length: 6 }, (_, i) => `usb:1-${i + 1}`));
    expect(named(treeOf({}, onRoot), "hub usb1")).toEqual([]);
  });

  test("slots are looked for: with a board, empty, on a hub that is not there or too small", () => {
    const hub: MadeUpUsb = { speed: 480, hub: { sockets: 4, translators: 2 } };
    const station = stationOf(
      "usb:1-4.1",
      "usb:1-4.2",
      "usb:1-4.9",
      "usb:1-6.1",
      "usb:1-3",
      "sim:STM32F405:usb",
    );
    const found = treeOf({ "1-4": hub, "1-4.1": dfu }, station).filter(({ what }) => what.startsWith("slot"));
    expect(found.map(line)).toEqual([
      "ok slot A1: usb:1-4.1, STM32  BOOTLOADER",
      "ok slot A2: usb:1-4.2, empty",
      "fail slot A3: usb:1-4.9: the hub at 1-4 has 4 sockets, none with number 9",
      "fail slot A4: usb:1-6.1: there is no hub at 1-6",
      "ok slot A5: usb:1-3, empty",
    ]);
  });

  test("serial and CAN slots are looked for too", () => {
    const station = stationOf(
      "uart:/dev/ttyUSB0",
      "uart:/dev/ttyUSB1",
      "uart:serial:A5",
      "uart:serial:A6",
      "can:socketcan:can0",
      "can:socketcan:can1",
    );
    const files = {
      ...usbFiles({ usb1: root, "1-2": { interfaces: ["020201"], terminal: "ttyACM0", serial: "A5" } }),
      "/dev/ttyUSB0": "",
      "/sys/class/net/can0/type": "280",
    };
    const machine = madeUp({ files });
    const found = checkUsb(usbTree(machine), station, machine).filter(({ what }) => what.startsWith("slot"));
    expect(found.map(({ state }) => state)).toEqual(["ok", "fail", "ok", "fail", "ok", "fail"]);
  });

  test("no USB at all fails only where the station has USB slots", () => {
    const machine = madeUp();
    expect(checkUsb(usbTree(machine), null, machine)).toMatchObject([{ state: "warn" }]);
    expect(checkUsb(usbTree(machine), stationOf("usb:1-1"), machine)).toMatchObject([{ state: "fail" }]);
  });
});

describe("the power of hubs", () => {
  const root = { speed: 480, hub: { sockets: 8, translators: 1 } } as const;
  const machine = madeUp({
    files: usbFiles({ usb1: root, "1-4": { speed: 480, hub: { sockets: 4, translators: 2 } } }),
  });
  const tree = usbTree(machine) ?? [];
  const powered = (): Station => {
    const station = stationOf("usb:1-4.1", "usb:1-4.2");
    return { ...station, slots: station.slots.map((slot, i) => ({ ...slot, power: `1-4.${i + 1}` })) };
  };
  const facts = (switching: Switching): HubFacts => ({
    sockets: 4,
    switching,
    unguarded: false,
    goodMs: 100,
  });

  test.each<[string, HubFacts | null, string, string]>([
    ["each socket", facts("each"), "ok", "ok"],
    ["all sockets together", facts("all together"), "warn", "ok"],
    ["none", facts("not at all"), "warn", "ok"],
    ["each socket, without over-current protection", { ...facts("each"), unguarded: true }, "warn", "ok"],
    ["nobody knows what", null, "warn", "ok"],
  ])("a hub that switches %s: with slots that want it, and without", async (_, said, wanted, plugged) => {
    const ask = (hub: string): Promise<HubFacts | null> =>
      Promise.resolve(hub === "1-4" ? said : facts("each"));
    expect((await checkPower(tree, powered(), ask)).map(({ state, what }) => `${state} ${what}`)).toEqual([
      `${wanted} power of hub 1-4`,
    ]);
    expect((await checkPower(tree, null, ask)).map(({ state, what }) => `${state} ${what}`)).toEqual([
      `${plugged} power of hub 1-4`,
    ]);
  });
});

test("the computer's own sockets cannot be asked, and that is only told where they are wanted", async () => {
  const tree = usbTree(madeUp({ files: usbFiles({ usb1: { speed: 480, hub: { sockets: 8 } } }) })) ?? [];
  const station = stationOf("usb:1-4");
  const powered = { ...station, slots: station.slots.map((slot) => ({ ...slot, power: "1-4" })) };
  const never = (): Promise<null> => Promise.reject(new Error("not asked"));
  const nobody = (): Promise<null> => Promise.resolve(null);
  expect(await checkPower(tree, powered, nobody)).toMatchObject([
    { state: "warn", what: "power of hub usb1" },
  ]);
  expect(await checkPower(tree, station, never)).toEqual([]);
});

describe("wires", () => {
  test("a CAN interface that is down is told with the line that brings it up; others are no CAN", () => {
    const files = {
      "/sys/class/net/eth0/type": "1",
      "/sys/class/net/can0/type": "280",
      "/sys/class/net/can0/flags": "0x40080",
      "/sys/class/net/can1/type": "280",
      "/sys/class/net/can1/flags": "0x400c1",
      "/sys/class/net/can1/operstate": "up",
    };
    const found = checkWires(madeUp({ files }), []);
    expect(found.map(({ state, what }) => `${state} ${what}`)).toEqual(["warn CAN can0", "ok CAN can1"]);
    expect(found[0]?.mend).toContain("ip link set can0 up");
  });

  test("the latency timer of an FTDI adapter is told", () => {
    const files = {
      "/sys/bus/usb-serial/devices/ttyUSB0/latency_timer": "16",
      "/sys/bus/usb-serial/devices/ttyUSB1/port_number": "0",
    };
    const found = named(checkWires(madeUp({ files }), []), "FTDI ttyUSB0");
    expect(found[0]?.seen).toContain("16 ms");
    expect(checkWires(madeUp({ files }), [])).toHaveLength(2);
  });

  test("CAN adapters are named by their ids or their words, with the line that asks them", () => {
    const files = usbFiles({
      usb1: { hub: { sockets: 4 } },
      "1-1": { ids: "1d50:606f", product: "candleLight USB to CAN adapter" },
      "1-2": { ids: "16d0:117e", product: "CANable2 b158aa7", interfaces: ["020201"], terminal: "ttyACM0" },
      "1-3": { ids: "0403:6001", product: "FT232R", interfaces: ["ffffff"], terminal: "ttyUSB0" },
    });
    const machine = madeUp({ files });
    const found = checkWires(machine, usbTree(machine) ?? []).filter(({ what }) =>
      what.startsWith("CAN adapter"),
    );
    expect(found.map(({ what, seen }) => `${what}: ${seen}`)).toEqual([
      'CAN adapter 1-1: candleLight USB to CAN adapter, a gs_usb adapter: "gangflash probe can:gs_usb:1-1" asks what it can do',
      'CAN adapter 1-2: CANable 2 at /dev/ttyACM0, speaks slcan: "gangflash probe can:slcan:/dev/ttyACM0" asks what it can do',
    ]);
  });

  test("a gs_usb adapter that is not this user's is told, with the rule that gives it", () => {
    const files = usbFiles({ "1-1": { ids: "1d50:606f", product: "candleLight" } });
    const machine = madeUp({ files, denied: ["/dev/bus/usb/001/001"] });
    const found = named(checkRights(machine, usbTree(machine) ?? []), "usb:1-1");
    expect(found[0]).toMatchObject({ state: "fail", seen: expect.stringContaining("candleLight") as string });
  });
});

describe("the desk", () => {
  const states = async (more: Partial<Machine>, files = {}): Promise<string[]> =>
    (await checkDesk(madeUp({ more, files }))).map(({ state, what }) => `${state} ${what}`);

  test("is in order", async () => {
    expect(await states({})).toEqual(["ok clock", "ok terminal", "ok terminal kind", "ok letters"]);
  });

  test("a clock that nobody keeps, or of which nothing is known, or that cannot be right", async () => {
    expect((await states({ clockIsKept: () => Promise.resolve(false) }))[0]).toBe("warn clock");
    expect((await states({ clockIsKept: () => Promise.resolve(null) }))[0]).toBe("warn clock");
    expect((await states({ now: () => new Date("1970-01-01T00:00:00Z") }))[0]).toBe("fail clock");
    const mark = { "/run/systemd/timesync/synchronized": "" };
    expect((await states({ clockIsKept: () => Promise.resolve(null) }, mark))[0]).toBe("ok clock");
  });

  test("a terminal that is too small, that cannot draw, or that spoils accents", async () => {
    const env = { TERM: "dumb", LANG: "C" };
    expect(await states({ screen: { columns: 40, rows: 24 }, env })).toEqual([
      "ok clock",
      "warn terminal",
      "warn terminal kind",
      "warn letters",
    ]);
    expect(await states({ screen: null, env: { TERM: "linux", LC_ALL: "en_GB.utf8", LANG: "C" } })).toEqual([
      "ok clock",
      "ok terminal",
      "ok terminal kind",
      "ok letters",
    ]);
  });
});
