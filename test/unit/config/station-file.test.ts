import { describe, expect, test } from "vitest";
import { checkStation } from "../../../src/config/station-file.ts";
import type { Entry } from "../../../src/model/entry.ts";
import { chipChoice } from "../../../src/family/table.ts";
import { plainRules } from "../../../src/model/bench-rules.ts";
import { linesOf } from "./lines.ts";

const text = (slots: readonly string[], more = ""): string =>
  `station: bench\n${more}slots:\n${slots.map((slot) => `  - { ${slot} }\n`).join("")}`;
const check = (slots: readonly string[], more = ""): string[] =>
  linesOf(checkStation("bench.yaml", text(slots, more), chipChoice));

const usb = (n: number): string => `name: A${n}, port: "usb:1-4.${n}"`;
const uart = 'name: A1, port: "uart:COM7"';
const sim = 'name: A1, port: "sim:STM32F405:uart"';

describe("a station file that is good", () => {
  test("gives slots in tray order, with the contract's defaults", () => {
    const read = checkStation("bench.yaml", text([usb(1), sim.replace("A1", "A2")]), chipChoice);
    expect(read.ok && read.value).toEqual({
      name: "bench",
      rows: 1,
      columns: 2,
      places: [0, 1],
      rules: plainRules,
      timezone: null,
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      slots: [
        {
          name: "A1",
          port: { kind: "usb", path: "1-4.1" },
          baud: 115_200,
          boot0: "none",
          reset: "none",
          entry: null,
          bitrate: 500_000,
          supply: null,
          power: null,
          bus: null,
          pace: "fast",
          mishap: {},
        },
        expect.objectContaining({ name: "A2", port: { kind: "sim", chip: "STM32F405", wire: "uart" } }),
      ],
    });
  });

  test("a slot's supply goes before the station's", () => {
    const read = checkStation(
      "b.yaml",
      text([usb(1), `${usb(2)}, supply: 1.8`], "supply: 3.3\n"),
      chipChoice,
    );
    expect(read.ok && read.value.slots.map(({ supply }) => supply)).toEqual([3.3, 1.8]);
  });

  test.each([
    ["usb:1-4", { kind: "usb", path: "1-4" }],
    ["usb:12-1.2.3.4", { kind: "usb", path: "12-1.2.3.4" }],
    [
      "uart:/dev/serial/by-path/pci-0000:00-port0",
      { kind: "uart", device: "/dev/serial/by-path/pci-0000:00-port0" },
    ],
    ["can:socketcan:can0", { kind: "can", adapter: "socketcan", device: "can0" }],
    ["can:slcan:/dev/ttyACM0", { kind: "can", adapter: "slcan", device: "/dev/ttyACM0" }],
    ["can:gs_usb:1-4.3", { kind: "can", adapter: "gs_usb", device: "1-4.3" }],
    ["sim:STM32F405RG:usb", { kind: "sim", chip: "STM32F405RG", wire: "usb" }],
  ])("%s is a port", (port, parsed) => {
    const read = checkStation("b.yaml", text([`name: A1, port: "${port}"`]), chipChoice);
    expect(read.ok && read.value.slots[0]?.port).toEqual(parsed);
  });

  test.each<[string, Entry]>([
    ["{ by: none }", { kind: "none" }],
    ["{ by: dfu-detach }", { kind: "dfu-detach" }],
    ["{ by: touch }", { kind: "touch", baud: 1200, serial: null }],
    [
      '{ by: command, send: "reboot dfu\\r\\n", baud: 9600, serial: "uart:COM3" }',
      { kind: "command", send: "reboot dfu\r\n", baud: 9600, serial: "COM3" },
    ],
    ["{ by: command, send: R }", { kind: "command", send: "R", baud: 115_200, serial: null }],
  ])("entry: %s is what a slot does with a running application", (words, entry) => {
    const read = checkStation("b.yaml", text([`${usb(1)}, entry: ${words}`]), chipChoice);
    expect(read.ok && read.value.slots[0]?.entry).toEqual(entry);
  });

  test("power: hub is the slot's own socket, another one may be named", () => {
    const slots = [`${usb(1)}, power: hub`, `${usb(2)}, power: "usb:1-6.3"`, usb(3)];
    const read = checkStation("b.yaml", text(slots), chipChoice);
    expect(read.ok && read.value.slots.map(({ power }) => power)).toEqual(["1-4.1", "1-6.3", null]);
  });

  test("simulated boards may share a port, and one mishap has the keys that were given", () => {
    const twins = [`${sim}, mishap: { pullAt: 1 }`, sim.replace("A1", "A2")];
    const read = checkStation("b.yaml", text(twins), chipChoice);
    expect(read.ok && read.value.slots.map(({ mishap }) => mishap)).toEqual([{ pullAt: 1 }, {}]);
  });
});

describe("what a station file may not say", () => {
  test.each<[string, readonly string[], string, string]>([
    [
      "a slot name twice",
      [usb(1), usb(2).replace("A2", "A1")],
      "",
      'bench.yaml:4:7: slots.1.name: "A1" found a second time, each slot needs its own name',
    ],
    [
      "a port twice",
      [usb(1), usb(1).replace("A1", "A2")],
      "",
      'bench.yaml:4:17: slots.1.port: "usb:1-4.1" found, slot A1 has that port already, each slot needs its own',
    ],
    [
      "a chip that nobody simulates",
      ['name: A1, port: "sim:STM32F4O5:uart"'],
      "",
      'bench.yaml:3:17: slots.0.port: "sim:STM32F4O5:uart" found, no chip "STM32F4O5" is known, did you mean "STM32F405"?',
    ],
    [
      "another maker's chip",
      ['name: A1, port: "sim:ESP32:uart"'],
      "",
      'bench.yaml:3:17: slots.0.port: "sim:ESP32:uart" found, no chip "ESP32" is known, a part or line such as STM32F405 was expected',
    ],
    [
      "a wire that the loader has not",
      ['name: A1, port: "sim:STM32F103:usb"'],
      "",
      'bench.yaml:3:17: slots.0.port: "sim:STM32F103:usb" found, the loader of STM32F103 speaks uart only',
    ],
    [
      "a mishap beside a real port",
      [`${usb(1)}, mishap: { pullAt: 1 }`],
      "",
      "bench.yaml:3:36: slots.0.mishap: found beside usb:1-4.1, it was expected beside a sim: port only",
    ],
    [
      "bench time of a real board",
      [`${uart}, pace: real`],
      "",
      "bench.yaml:3:36: slots.0.pace: found beside uart:COM7, it was expected beside a sim: port only",
    ],
    [
      "a BOOT0 line without an adapter",
      [`${usb(1)}, boot0: dtr`],
      "",
      "bench.yaml:3:36: slots.0.boot0: found beside usb:1-4.1, it was expected beside a uart: port only",
    ],
    [
      "a CAN rate on a serial line",
      [`${uart}, bitrate: 250000`],
      "",
      "bench.yaml:3:36: slots.0.bitrate: found beside uart:COM7, it was expected beside a can: port only",
    ],
    [
      "one line for BOOT0 and reset",
      [`${uart}, boot0: dtr, reset: dtr`],
      "",
      'bench.yaml:3:48: slots.0.reset: "dtr" found, boot0 has that line already, the other one was expected',
    ],
    [
      "one line for both, inverted",
      [`${uart}, boot0: dtr, reset: "!dtr"`],
      "",
      'bench.yaml:3:48: slots.0.reset: "!dtr" found, boot0 has that line already, the other one was expected',
    ],
    [
      "a tray that is too small",
      [usb(1), usb(2), usb(3)],
      "tray: { rows: 1, columns: 2 }\n",
      "bench.yaml:2:1: tray: 1 x 2 = 2 places found, at least 3 were expected, one for each slot",
    ],
    [
      "a town as time zone",
      [usb(1)],
      "timezone: Berlin\n",
      'bench.yaml:2:1: timezone: "Berlin" found, did you mean "Europe/Berlin"?',
    ],
    [
      "a zone of nowhere",
      [usb(1)],
      "timezone: Middle-earth/Shire\n",
      'bench.yaml:2:1: timezone: "Middle-earth/Shire" found, an IANA name such as Europe/Berlin was expected',
    ],
    [
      "a badge that one scan would keep busy for years",
      [usb(1)],
      'badge: "^(B+)+$"\n',
      'bench.yaml:2:1: badge: "^(B+)+$" found, a code that does not match may hold it up for ever: no repetition in a repeated group, as in (a+)+, was expected',
    ],
    [
      "a slot name with a blank",
      ['name: "A 1", port: "usb:1-4"'],
      "",
      'bench.yaml:3:7: slots.0.name: "A 1" found, 1 to 8 letters, digits, dashes or _ were expected',
    ],
    [
      "an entry beside an adapter",
      [`${uart}, entry: { by: touch }`],
      "",
      "bench.yaml:3:36: slots.0.entry: found beside uart:COM7, it was expected beside a usb: port only",
    ],
    [
      "a way of entry that is none",
      [`${usb(1)}, entry: { by: detach }`],
      "",
      'bench.yaml:3:45: slots.0.entry.by: "detach" found, one of none, dfu-detach, command, touch was expected',
    ],
    [
      "a command without its text",
      [`${usb(1)}, entry: { by: command }`],
      "",
      'bench.yaml:3:36: slots.0.entry.send: missing, the text of the command such as "reboot dfu\\r\\n" was expected',
    ],
    [
      "a text beside a touch",
      [`${usb(1)}, entry: { by: touch, send: x }`],
      "",
      "bench.yaml:3:56: slots.0.entry.send: found beside by: touch, it was expected beside by: command only",
    ],
    [
      "a port of a DETACH",
      [`${usb(1)}, entry: { by: dfu-detach, serial: "uart:COM3" }`],
      "",
      "bench.yaml:3:61: slots.0.entry.serial: found beside by: dfu-detach, it was expected beside by: command and by: touch only",
    ],
    [
      "a port that is none",
      [`${usb(1)}, entry: { by: touch, serial: COM3 }`],
      "",
      'bench.yaml:3:56: slots.0.entry.serial: "COM3" found, a port such as uart:/dev/ttyACM0 was expected',
    ],
    [
      "a hub's power for an adapter",
      [`${uart}, power: hub`],
      "",
      "bench.yaml:3:36: slots.0.power: hub found beside uart:COM7, the socket that feeds the board was expected, such as usb:1-4.3",
    ],
    [
      "a power that is none",
      [`${usb(1)}, power: "1-4.3"`],
      "",
      'bench.yaml:3:36: slots.0.power: "1-4.3" found, none, hub or the socket that feeds the board, such as usb:1-4.3, was expected',
    ],
    [
      "the power of a simulated board",
      [`${sim}, power: "usb:1-4.3"`],
      "",
      "bench.yaml:3:45: slots.0.power: found beside sim:STM32F405:uart, which has none to switch",
    ],
    [
      "a UID that is none",
      [`${sim}, mishap: { uid: ABC }`],
      "",
      'bench.yaml:3:55: slots.0.mishap.uid: "ABC" found, 24 lower-case hex digits were expected',
    ],
    [
      "a mishap of another name",
      [`${sim}, mishap: { pulAt: 1 }`],
      "",
      'bench.yaml:3:55: slots.0.mishap.pulAt: unknown key, did you mean "pullAt"?',
    ],
    [
      "an escape in a port",
      ['name: A1, port: "usb:\\e[31m1"'],
      "",
      'bench.yaml:3:17: slots.0.port: "usb:[31m1" found, a USB path such as usb:1-4.2 was expected',
    ],
  ])("%s", (_what, slots, more, line) => {
    expect(check(slots, more)).toEqual([line]);
  });

  const kinds = "usb:PATH, uart:DEVICE, can:ADAPTER:DEVICE or sim:CHIP:WIRE";
  test.each([
    ["usb", "a USB path such as usb:1-4.2"],
    ["usb:4", "a USB path such as usb:1-4.2"],
    ["usb:1-4.", "a USB path such as usb:1-4.2"],
    ["usb:1-4.a", "a USB path such as usb:1-4.2"],
    ["uart:", "a serial device such as uart:/dev/ttyUSB0"],
    ["can:can0", "can:socketcan:can0, can:slcan:DEVICE or can:gs_usb:PATH"],
    ["can:socketcan:", "can:socketcan:can0, can:slcan:DEVICE or can:gs_usb:PATH"],
    ["can:pcan:x", "can:socketcan:can0, can:slcan:DEVICE or can:gs_usb:PATH"],
    ["sim:STM32F405", "a simulated board such as sim:STM32F405:uart"],
    ["sim:STM32F405:spi", "a simulated board such as sim:STM32F405:uart"],
    ["sim::uart", "a simulated board such as sim:STM32F405:uart"],
    ["sim:STM32F405:uart:x", "a simulated board such as sim:STM32F405:uart"],
    ["", kinds],
    ["USB:1-4", kinds],
    ["tty:x", kinds],
    ["COM7", "uart:COM7"],
    ["/dev/ttyUSB0", "uart:/dev/ttyUSB0"],
  ])("%j is no port", (port, expected) => {
    expect(check([`name: A1, port: "${port}"`])).toEqual([
      `bench.yaml:3:17: slots.0.port: "${port}" found, ${expected} was expected`,
    ]);
  });

  test("all mistakes come at once, in the order of the file", () => {
    expect(
      check([usb(1), `${usb(1)}, boot0: dtr`, 'name: A3, port: "x"'], "timezone: Nowhere/At/All\n"),
    ).toEqual([
      expect.stringContaining("bench.yaml:2:1: timezone: "),
      expect.stringContaining("bench.yaml:5:7: slots.1.name: "),
      expect.stringContaining("bench.yaml:5:17: slots.1.port: "),
      expect.stringContaining("bench.yaml:5:36: slots.1.boot0: "),
      expect.stringContaining("bench.yaml:6:17: slots.2.port: "),
    ]);
  });
});

test("a badge that reads like a work order is a mistake of the station file", () => {
  const rules = 'login: badge\nbadge: "^[A-Z]+-[0-9]+$"\norders: { pattern: "^WO-[0-9]+$" }\n';
  const read = checkStation(
    "b.yaml",
    `station: b\n${rules}slots: [{ name: A1, port: "usb:1-1" }]\n`,
    chipChoice,
  );
  expect(linesOf(read)).toEqual([
    expect.stringMatching(/^b\.yaml:4:\d+: orders\.pattern: \S+ matches it and badge too/),
  ]);
});
