import { z } from "zod";
import { corners } from "../model/tray-places.ts";
import { benchRulesShape } from "./bench-rules-schema.ts";
import { slotEntrySchema } from "./entry-schema.ts";
import { shownText } from "./schema-pieces.ts";

const count = z.int().min(0).max(0xffff_ffff);
const volts = z.number().min(1.6).max(5.5);
const line = z.enum(["dtr", "rts", "!dtr", "!rts", "none"]);

const mishapSchema = z
  .strictObject({
    pullAt: count.optional().meta({
      description: "The board is pulled once so many bytes of the image are written: BOARD_LEFT.",
      examples: [4096],
    }),
    nackWrite: z
      .int()
      .min(-0xffff_ffff)
      .max(0xffff_ffff)
      .optional()
      .meta({
        description:
          "The n-th block (from 1) is refused once, which is sent again and makes the pass marginal. -n refuses every block from the n-th on: CHIP_REFUSED.",
        examples: [3, -5],
      }),
    muteAfter: count.optional().meta({
      description:
        "The board falls silent once so many bytes are written; 0: it never answers. Ends as TIMEOUT, LINK_SILENT.",
      examples: [0, 4096],
    }),
    flipBit: count.optional().meta({
      description: "Bit 0 of the n-th written byte (from 0) is wrong in flash: VERIFY_MISMATCH.",
      examples: [5000],
    }),
    swapAt: count.optional().meta({
      description:
        "Another board of the same kind lies in the slot once so many bytes are written: BOARD_CHANGED.",
      examples: [4096],
    }),
    protected: z.boolean().optional().meta({
      description:
        "Delivered with read protection level 1: PROTECTED, unless the profile says onProtected: unprotect.",
    }),
    wrongChip: z.boolean().optional().meta({ description: "Answers as another chip: WRONG_CHIP." }),
    noiseRead: count.optional().meta({
      description:
        "The n-th block read (from 1) is spoilt once on the wire; read again it is right, and the pass is marginal.",
      examples: [4],
    }),
    slowErase: z
      .number()
      .min(1)
      .optional()
      .meta({ description: "Erases take so many times their typical time.", examples: [2.5] }),
    optionsStick: z.boolean().optional().meta({
      description: "Option bytes are acknowledged and do not hold: OPTION_MISMATCH.",
    }),
    uid: z
      .string()
      .regex(/^[0-9a-f]{24}$/, "24 lower-case hex digits were expected")
      .optional()
      .meta({
        description: "Carries this UID instead of one of its own: two boards with one UID are told apart.",
      }),
  })
  .meta({
    description:
      "Planned trouble of a simulated board, to train people and to try a profile: { pullAt: 4096 }. Beside a sim: port only.",
  });

const slotSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,8}$/, "1 to 8 letters, digits, dashes or _ were expected")
    .meta({
      description: "What is written beside the slot on the bench. Each slot has its own.",
      examples: ["A1"],
    }),
  port: z.string().meta({
    // For editors; parsePort has the sentences.
    pattern:
      "^(usb:[0-9]+-[0-9]+(\\.[0-9]+)*|uart:.+|can:(socketcan|slcan|gs_usb):.+|sim:[^:]+:(usb|uart|can))$",
    description:
      "Where the board is plugged: a place that stays, never a serial number. usb:1-4.2 (bus 1, port 4, port 2 of the hub), uart:DEVICE (on Linux a name of /dev/serial/by-path) or uart:serial:A50285BI (the adapter with that serial number, wherever it is plugged in), can:socketcan:can0, can:slcan:DEVICE, can:gs_usb:1-4.3, or sim:STM32F405:uart for a simulated board. gangflash ports lists what is plugged in, each with its line.",
    examples: [
      "usb:1-4.2",
      "uart:/dev/serial/by-path/pci-0000:00:14.0-usb-0:4.1:1.0-port0",
      "sim:STM32F405:usb",
    ],
  }),
  baud: z
    .int()
    .min(1200)
    .max(4_000_000)
    .default(115_200)
    .meta({
      description:
        "Bit rate of a uart: port; frames are 8 bits, even parity, 1 stop bit. The loader takes the rate from the first byte, most of them up to 115200 at least; short wires and a good adapter go faster.",
      examples: [115_200, 230_400, 57_600],
    }),
  boot0: line.default("none").meta({
    description:
      'Line of the serial adapter that drives BOOT0, so that the station itself brings the board into its loader. dtr, rts: BOOT0 is high while the line is asserted; with ! in quotes, as in "!dtr", while it is not. none: BOOT0 is strapped or a button.',
  }),
  reset: line.default("none").meta({
    description:
      'Line of the serial adapter that drives NRST, another one than boot0. dtr, rts: the chip is held in reset while the line is asserted; "!dtr", "!rts" in quotes: while it is not. none: reset by hand.',
  }),
  entry: slotEntrySchema.optional(),
  bitrate: z.int().min(10_000).max(8_000_000).default(500_000).meta({
    description: "Highest CAN bit rate to change to, after the start at the rate of the ROM itself.",
  }),
  supply: volts.optional().meta({
    description: "Supply of the board in this slot in volts, where it is another than the station's.",
    examples: [3.3],
  }),
  power: z
    .string()
    .regex(
      /^(none|hub|usb:[0-9]+-[0-9]+(\.[0-9]+)*)$/,
      "none, hub or the socket that feeds the board, such as usb:1-4.3, was expected",
    )
    .default("none")
    .meta({
      description:
        "A board that is not there or silent at the start of a run loses its power for a moment, once, before the unit is given up; the record says so. hub: the socket of the slot's own usb: path. usb:1-4.3: another socket that feeds the board. Only hubs that switch each socket do it (gangflash doctor says which); one that switches all together is used while nothing else is plugged into it.",
      examples: ["hub", "usb:1-4.3"],
    }),
  bus: shownText(40)
    .optional()
    .meta({
      description:
        "Slots that name the same bus take turns on it: adapters on one thin hub, or boards that share one line.",
      examples: ["hub-left"],
    }),
  pace: z.enum(["fast", "real"]).default("fast").meta({
    description:
      "Of a simulated board: fast runs as fast as the machine can, real takes the time that a bench takes.",
  }),
  mishap: mishapSchema.optional(),
});

/** `stations/*.yaml`. */
export const stationSchema = z
  .strictObject({
    station: shownText(40).meta({
      description: "Name of this bench. It stands in every record and report.",
      examples: ["line1-bench"],
    }),
    timezone: z
      .string()
      .optional()
      .meta({
        description:
          "Time zone of the dates in serial numbers ({yy}{ww}) and reports, by its IANA name. Left out: the computer's own.",
        examples: ["Europe/Berlin"],
      }),
    supply: volts.optional().meta({
      description:
        "Supply of the boards in volts. From 2.7 on, an STM32F2, F4 or F7 over UART or CAN is programmed 32 bits at a time. Left out: unknown, so byte by byte, which is slower and right at any supply.",
      examples: [3.3],
    }),
    tray: z
      .strictObject({
        rows: z.int().min(1).max(16).meta({ description: "Rows of slots, seen by the operator." }),
        columns: z.int().min(1).max(32).meta({ description: "Slots in a row." }),
        from: z.enum(corners).default("top-left").meta({
          description:
            "Corner of the first slot, as the operator sees it: another one where the tray lies turned.",
        }),
        along: z.enum(["rows", "columns"]).default("rows").meta({
          description: "rows: the second slot lies beside the first. columns: it lies above or below it.",
        }),
        skip: z
          .array(z.int().min(1).max(512))
          .max(128)
          .default([])
          .meta({
            description: "Places without a slot, from 1, counted as the slots are.",
            examples: [[3, 7]],
          }),
      })
      .optional()
      .meta({
        description:
          "How the slots lie on the bench, so that the screen shows them as the operator sees them. Left out: one row.",
        examples: [{ rows: 2, columns: 4 }],
      }),
    slots: z
      .array(slotSchema.meta({ description: "One place for one board." }))
      .min(1)
      .max(128)
      .meta({ description: "The places for boards in tray order: row by row, from the left." }),
    ...benchRulesShape,
  })
  .meta({
    description:
      "One bench: which slots it has and where each is plugged. gangflash run --station FILE uses it.",
  });

/** As it stands in the file, defaults filled in. */
export type StationYaml = z.infer<typeof stationSchema>;
