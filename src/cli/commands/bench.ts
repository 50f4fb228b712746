import { Option } from "commander";
import { collect, countFromOne, wholeNumber } from "../option-words.ts";
import { number, text, texts } from "../given.ts";
import type { Commands } from "../command.ts";

/** What is plugged in, what is wrong with the station, and boards that are made up. */
export function benchCommands(commands: Commands): void {
  commands.add(
    null,
    "ports",
    "ports",
    "What is plugged in, by path, with the line for a station file",
    "gangflash ports",
    async (_call, io) => {
      return await (await import("../bench/ports.ts")).portsCommand(io);
    },
  );
  commands
    .add(
      null,
      "probe <port>",
      "probe",
      "One board: chip, loader version, UID, flash size, option bytes, protection",
      "gangflash probe uart:/dev/ttyUSB0",
      async ({ first, given }, io) => {
        return await (
          await import("../bench/probe.ts")
        ).probeCommand({ port: first, baud: number(given, "baud") }, io);
      },
    )
    .addOption(new Option("--baud <rate>", "rate of a serial line").argParser(wholeNumber));
  commands
    .add(
      null,
      "doctor",
      "doctor",
      "Drivers, rights, udev rule, ports, disk, clock: what is wrong and the line that mends it",
      "gangflash doctor --station stations/mine.yaml",
      async ({ given, data }, io) => {
        const { doctorCommand } = await import("../doctor/doctor.ts");
        const write = given["writeUdev"];
        return await doctorCommand(
          {
            data,
            station: text(given, "station"),
            printUdev: given["printUdev"] === true,
            writeUdev: write === true ? "" : typeof write === "string" ? write : null,
          },
          io,
        );
      },
    )
    .addOption(new Option("--station <file>", "its slots are looked for, too"))
    .addOption(new Option("--print-udev", "print the udev rule and do nothing else"))
    .addOption(
      new Option(
        "--write-udev [file]",
        "write the udev rule (default: /etc/udev/rules.d/60-gangflash.rules, as root)",
      ).conflicts("printUdev"),
    );
  commands
    .add(
      null,
      "selftest",
      "selftest",
      "Qualifies the installed station: program, disk, engine on simulated boards, kills, records; about a minute",
      "gangflash selftest --station stations/mine.yaml --report qualification.pdf",
      async ({ given, data }, io) => {
        const { selftestCommand } = await import("../selftest/selftest.ts");
        return await selftestCommand(
          {
            station: text(given, "station"),
            report: text(given, "report"),
            definition: text(given, "definition"),
            seed: number(given, "seed"),
            kills: number(given, "kills") ?? 10,
            data,
          },
          io,
        );
      },
    )
    .option("--station <file>", "station file: its name and time zone stand in the report")
    .option("--report <file>", "a report of it: a folder, or a file .pdf, .json, .csv or .xlsx")
    .option("--definition <file>", "report file of the kind qualification (default: the standard one)")
    .addOption(new Option("--kills <n>", "gang runs that are killed (default: 10)").argParser(countFromOne))
    .addOption(
      new Option("--seed <n>", "draws the images and moments of an earlier run again").argParser(wholeNumber),
    );
  commands
    .add(
      null,
      "teach",
      "teach",
      "Boards are plugged in one after another; each slot's port is written into the station file",
      "gangflash teach --station stations/bench.yaml",
      async ({ given }, io) => {
        return await (await import("../line/teach.ts")).teachCommand(text(given, "station") ?? "", io);
      },
    )
    .requiredOption("--station <file>", "station file; comments and order of it are kept");
  commands
    .add(
      null,
      "rehearse",
      "rehearse",
      "The operator's screen on simulated boards, with records of their own",
      "gangflash rehearse --station stations/bench.yaml --profile profiles/vesc-60.yaml --mishap A2=pullAt=4096",
      async ({ given, data, color }, io) => {
        const { rehearseCommand } = await import("../line/rehearse.ts");
        return await rehearseCommand(
          {
            station: text(given, "station") ?? "",
            profile: text(given, "profile") ?? "",
            mishaps: texts(given, "mishap"),
            quantity: number(given, "quantity"),
            operator: text(given, "operator"),
            data,
            color,
          },
          io,
        );
      },
    )
    .requiredOption("--station <file>", "station file")
    .requiredOption("--profile <file>", "profile file")
    .addOption(
      new Option("--mishap <slot=plan>", "trouble of the boards in a slot; repeated, one a slot").argParser(
        collect,
      ),
    )
    .addOption(new Option("--quantity <n>", "units wanted").argParser(countFromOne))
    .option("--operator <name>", "who practises (default: the user's name)");
  commands
    .add(
      null,
      "simulate",
      "simulate",
      "Simulated boards behind real ports: serial ones on ptys, USB ones and USB and CAN adapters over USB/IP",
      "gangflash simulate --board STM32F405:uart --link board1 --dump flash1.bin",
      async ({ given }, io) => {
        const { simulateCommand } = await import("../simulate/simulate.ts");
        return await simulateCommand(
          {
            boards: texts(given, "board"),
            links: texts(given, "link"),
            dumps: texts(given, "dump"),
            mishaps: texts(given, "mishap"),
            uids: texts(given, "uid"),
            baud: number(given, "baud"),
            pace: text(given, "pace") === "fast" ? "fast" : "real",
            usb: {
              adapters: texts(given, "adapter"),
              roms: texts(given, "rom"),
              applications: texts(given, "application"),
              wiring: text(given, "wiring"),
              foreign: texts(given, "foreign"),
              serve: number(given, "serve"),
              attach: typeof given["attach"] === "boolean" ? given["attach"] : null,
              reseat: number(given, "reseat"),
            },
          },
          io,
        );
      },
    )
    .addOption(
      new Option("--board <line:wire>", "a simulated board; repeated, one a board").argParser(collect),
    )
    .addOption(new Option("--link <path>", "name of its port; one beside each --board").argParser(collect))
    .addOption(
      new Option("--dump <file>", "its flash, written at the end; one beside each --board or none").argParser(
        collect,
      ),
    )
    .addOption(
      new Option(
        "--mishap <plan>",
        "planned trouble such as pullAt=4096; one beside each --board or none",
      ).argParser(collect),
    )
    .addOption(
      new Option("--uid <hex>", "its UID, 24 hex digits; one beside each --board or none").argParser(collect),
    )
    .addOption(new Option("--baud <rate>", "rate that the boards are talked to at").argParser(wholeNumber))
    .addOption(
      new Option("--pace <pace>", "real: bench time; fast: as fast as the machine can")
        .choices(["real", "fast"])
        .default("real"),
    )
    .addOption(
      new Option(
        "--adapter <kind>",
        "pty or cdc (a USB adapter with DTR and RTS) for serial boards; slcan, gs_usb or socketcan (--link names the interface, such as vcan0) for CAN boards; boards with one gs_usb:NAME are on the channels of one adapter: one for all, or one beside each --board",
      ).argParser(collect),
    )
    .addOption(
      new Option("--wiring <pins>", "lines of a cdc adapter (default: boot0=rts,reset=dtr); none: no lines"),
    )
    .addOption(
      new Option(
        "--rom <kind>",
        "old, new or family: generation of the USB loader, one for all or one beside each --board",
      ).argParser(collect),
    )
    .addOption(
      new Option(
        "--application <kind>",
        "a USB board runs it until it is asked for its loader: detach, detach-reset, touch, command=TEXT; one for all or one beside each --board",
      ).argParser(collect),
    )
    .addOption(new Option("--foreign <name>", "a USB device that is no board; repeated").argParser(collect))
    .addOption(
      new Option("--reseat <seconds>", "a USB board that left for good is put in again then").argParser(
        wholeNumber,
      ),
    )
    .addOption(
      new Option("--serve <port>", "port of the USB/IP server on 127.0.0.1 (default: a free one)").argParser(
        wholeNumber,
      ),
    )
    .option("--attach", "the kernel's virtual USB hub gets the devices (default: where it can)")
    .option("--no-attach", "they are only offered, beside --serve");
}
