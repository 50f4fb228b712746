import { z } from "zod";
import { languageCodes } from "../model/view.ts";
import { signalNames } from "../model/bench-rules.ts";
import { outboxSchema } from "./outbox-schema.ts";
import { shownText } from "./schema-pieces.ts";

const pattern = z.string().min(1).max(200);

const scansSchema = z
  .strictObject({
    prefix: z
      .string()
      .min(1)
      .max(20)
      .optional()
      .meta({ description: "Taken off the front of each scan that has it.", examples: ["~"] }),
    suffix: z
      .string()
      .min(1)
      .max(20)
      .optional()
      .meta({ description: "Taken off the end of each scan that has it.", examples: ["#"] }),
    gs1: z
      .strictObject({
        gtin: z
          .string()
          .regex(/^[0-9]{14}$/, "14 digits in quotes were expected")
          .optional()
          .meta({
            description: "Product that the code must name in AI 01; another one is refused.",
            examples: ["04012345678901"],
          }),
      })
      .optional()
      .meta({
        description:
          "Labels are GS1 (DataMatrix, GS1-128, QR): the barcode of a unit is the serial number in AI 21. Left out: a scan is the barcode as it stands.",
      }),
    panel: z
      .strictObject({
        pattern: pattern.meta({
          description: "Regular expression of a panel code.",
          examples: ["^PNL-[0-9]{6}$"],
        }),
        unit: shownText(100).default("{panel}-{n}").meta({
          description:
            "Barcode of the unit in one place: {panel} is the code, {slot} the slot's name, {n} or {n:02} its place from 1.",
        }),
      })
      .optional()
      .meta({ description: "One code for all boards of a tray: each slot gets its unit by its position." }),
    slot: pattern.optional().meta({
      description:
        "Regular expression of the code beside a slot; its first group is the slot's name. Left out: GF:SLOT:A1.",
      examples: ["^SLOT-([A-Z][0-9])$"],
    }),
  })
  .meta({ description: "How the text of a scan is read." });

const ordersSchema = z
  .strictObject({
    pattern: pattern.meta({
      description:
        "Regular expression of a work order's code. Named groups say what is in it: (?<order>…), (?<profile>…), (?<revision>…), (?<quantity>…); without (?<order>…) the whole code is the order.",
      examples: ["^WO-[0-9]+$", "^(?<order>WO-[0-9]+);(?<profile>[a-z0-9-]+);(?<quantity>[0-9]+)$"],
    }),
    profiles: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Folder of the profile files, from the folder of this file. The order's profile is the one of that name, and of that revision where one is named.",
        examples: ["../profiles"],
      }),
    sheet: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "A file that lists the orders, from the folder of this file: order, profile file and quantity of each.",
        examples: ["orders.yaml"],
      }),
  })
  .meta({
    description:
      "Work orders are scanned: the code opens the order with its profile and quantity. What an order of the books is about they know themselves.",
  });

const goldenSchema = z
  .strictObject({
    barcode: shownText(100).meta({ description: "Its label.", examples: ["GOLDEN-1"] }),
    uid: z
      .string()
      .regex(/^[0-9a-f]{24}$/, "24 lower-case hex digits were expected")
      .optional()
      .meta({ description: "Its UID; gangflash probe PORT shows it. Left out: the chip must only answer." }),
  })
  .meta({
    description:
      "A board that is known to be good. It is read, never written, before the first board of each shift.",
  });

const labelsSchema = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .meta({
        description: "The label file, from the folder of this file. It names the printer, too.",
        examples: ["../labels/unit.yaml"],
      }),
    scanBack: z.boolean().default(true).meta({
      description:
        "true: the printed label is scanned, which closes the unit; another label is refused. false: a label that is out is done.",
    }),
  })
  .meta({
    description:
      "A label is printed for each unit that passes, out of what was read back from its chip. A printer that is off fails no board: its label stays pending and is printed when the printer is back.",
  });

/** Keys of a station file that say how people work. */
export const benchRulesShape = {
  login: z.enum(["badge", "pin", "none"]).default("none").meta({
    description:
      "How people log in: with the badge they scan, with name and PIN, or not at all (--operator names them). gangflash people add puts them in the books.",
  }),
  badge: pattern.optional().meta({
    description:
      "Regular expression of a badge. Left out: a code that is no order, slot, panel or unit of the profile is looked up among the badges.",
    examples: ["^B-[0-9]{6}$"],
  }),
  language: z
    .enum(languageCodes)
    .default("en")
    .meta({ description: "Language of the sentences on the screen." }),
  run: z.enum(["pipelined", "tray"]).default("pipelined").meta({
    description: "pipelined: each slot runs on its own. tray: all scanned boards run together.",
  }),
  start: z.enum(["enter", "insert", "key"]).default("enter").meta({
    description:
      "What starts a board. enter: the Enter of its scan; with run: tray the tray starts when it is full, or with the Enter key. insert: it is scanned, then put in (USB). key: the Enter key starts all that is scanned.",
  }),
  scanner: z
    .string()
    .optional()
    .meta({
      description: "A scanner on a serial line, 8 data bits, no parity; each scan is one line.",
      examples: ["uart:/dev/serial/by-path/pci-0000:00:14.0-usb-0:3:1.0"],
    }),
  scannerBaud: z.int().min(1200).max(921_600).default(9600).meta({ description: "Bit rate of scanner." }),
  scans: scansSchema.optional(),
  orders: ordersSchema.optional(),
  golden: goldenSchema.optional(),
  labels: labelsSchema.optional(),
  outbox: outboxSchema.optional(),
  signals: z
    .partialRecord(z.enum(signalNames), z.array(z.string().min(1).max(500)).min(1).max(20))
    .optional()
    .meta({
      description:
        "Commands for a stack light or a sound, as a list of words, run without a shell: pass and fail at a verdict, refuse at a refused scan, idle when all verdicts are seen.",
      examples: [{ fail: ["gpioset", "gpiochip0", "17=1"], idle: ["gpioset", "gpiochip0", "17=0"] }],
    }),
} as const;
