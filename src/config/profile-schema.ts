import { z } from "zod";
import { levelTwoWord } from "../model/option-write.ts";
import { dataSchema } from "./data-fields.ts";
import { address, isDay, plainName, shownText } from "./schema-pieces.ts";
import { profileEntrySchema } from "./entry-schema.ts";

const series = plainName.meta({
  description:
    "Series of the ledger that the numbers come from. Several profiles may share one; no number of it is given twice.",
  examples: ["vesc-60"],
});

const serialSchema = z.strictObject({
  series,
  format: shownText(64).meta({
    description:
      "Text of a serial number: {n} or {n:05} for the number, {yyyy} {yy} {mm} {dd} {ww} {unix} for the date in the station's time zone. The digits of {n:05} limit the range to 99999.",
    examples: ["V60-{yy}{ww}-{n:05}"],
  }),
  start: z.int().min(0).default(1).meta({ description: "First number of the range." }),
  end: z.int().min(0).optional().meta({
    description:
      "Last number of the range, itself included. Left out: as far as the digits of the format go.",
  }),
  policy: z
    .enum(["consume-on-success", "burn-on-failure", "keep-existing"])
    .default("consume-on-success")
    .meta({
      description:
        "What becomes of the number of a unit that did not pass. consume-on-success: it stays this unit's once it was written, and goes to the next one if no byte of it left the station. burn-on-failure: it is void, and the next attempt takes a new one. keep-existing: a number of this series that is found in the chip is kept, else as the first.",
    }),
});

const macSchema = z.strictObject({
  series,
  first: z.string().meta({
    description:
      "First address of the block in quotes: 6 bytes (EUI-48) or 8 bytes (EUI-64) in hex, with : or - or nothing between.",
    examples: ["02:80:E1:00:10:00"],
  }),
  count: z
    .int()
    .min(1)
    .max(0xffff_ffff)
    .meta({ description: "Addresses in the block.", examples: [4096] }),
});

const imageSchema = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .meta({
        description: "Firmware file (.bin .hex .s19 .elf .dfu) in the folder of this file or below it.",
        examples: ["firmware/demo.hex"],
      }),
    at: address.optional().meta({
      description:
        "Address of a .bin, which has none of its own, such as 0x08000000. Beside the other formats it is a mistake.",
    }),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/, "64 lower-case hex digits were expected")
      .optional()
      .meta({ description: "SHA-256 that the file must have; gangflash image FILE prints it." }),
  })
  .meta({ description: "One firmware file." });

/** In the station's time zone. */
const day = z
  .string()
  .refine(isDay, 'a day in quotes such as "2026-12-31" was expected')
  // For editors; whether there is such a day says isDay.
  .meta({ examples: ["2026-12-31"], pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" });

/** `profiles/*.yaml`. */
export const profileSchema = z
  .strictObject({
    profile: plainName.meta({
      description: "Name of the profile, in records and reports.",
      examples: ["vesc-60"],
    }),
    revision: shownText(20).meta({
      description:
        "Revision of this file, in quotes if it is a number. Once released it never changes: another firmware is another revision.",
      examples: ["A"],
    }),
    product: z
      .strictObject({
        name: shownText(40).meta({ description: "Name of the product, on the screen and in reports." }),
        part: shownText(40)
          .optional()
          .meta({ description: "Its part number, in quotes if it is all digits." }),
      })
      .meta({ description: "What is made.", examples: [{ name: "VESC 60", part: "100-0060" }] }),
    chip: z.string().meta({
      description:
        "What the bootloader must say it is, else the unit ends as WRONG_CHIP and nothing is erased: a part (STM32F405RG) or a line (STM32F405), which accepts every chip of that line.",
      examples: ["STM32F405RG", "STM32F405"],
    }),
    images: z.array(imageSchema).min(1).max(32).meta({
      description: "The firmware, in one file or several that do not lie on each other.",
    }),
    serial: serialSchema.optional().meta({
      description: "Serial numbers, one for each unit. Left out: the product has none.",
    }),
    mac: macSchema.optional().meta({
      description: "A block of network addresses, one for each unit, in {mac}. Left out: none.",
    }),
    data: z.array(dataSchema).max(200).default([]).meta({
      description:
        "What differs from unit to unit, laid over the image while it is programmed and never stored in it.",
    }),
    optionBytes: z.record(z.string(), z.int().min(0).max(0xffff_ffff)).default({}).meta({
      description:
        "Option bytes by the name of the reference manual, such as RDP, BOR_LEV, nRST_STOP, WDG_SW. Only those named here are changed, and each is proved by reading. RDP: 0xAA is open (0xA5 on an STM32F1), 0xCC is for ever, everything else locks the chip until all of it is erased. gangflash probe PORT shows those of a board.",
    }),
    irreversible: z
      .array(z.enum([levelTwoWord]))
      .default([])
      .meta({
        description:
          "Words for what can never be undone: RDP_LEVEL_2 beside RDP: 0xCC. The release of the profile must say the word again.",
      }),
    onProtected: z.enum(["refuse", "unprotect"]).default("refuse").meta({
      description:
        "What to do with a board that is read-protected. refuse: the unit ends as PROTECTED and nothing is erased. unprotect: the protection is taken off, which erases all of its flash.",
    }),
    erase: z.enum(["needed", "all"]).default("needed").meta({
      description: "needed: the sectors that image and data touch. all: the whole flash.",
    }),
    verify: z.enum(["readback", "checksum"]).default("readback").meta({
      description:
        "How a unit is proved. readback: every byte of the touched sectors is read. checksum: by the loader's own command where it has one, else as readback.",
    }),
    after: z.enum(["run", "reset", "stay"]).default("run").meta({
      description:
        "How the board is left. run: the loader starts the application. reset: through the slot's reset line. stay: in the loader.",
    }),
    entry: profileEntrySchema.optional(),
    barcode: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({
        description:
          "Regular expression that a scan must match, else no run starts; ^ and $ make it match the whole. Left out: any text of visible characters.",
        examples: ["^UNIT-[0-9]{4,8}$"],
      }),
    firstArticle: z.boolean().default(false).meta({
      description:
        "true: after the first unit of an order passed, a second person (lead or quality) accepts it on the screen; until then no other one starts. The station file must say login: badge or pin.",
    }),
    limit: z
      .int()
      .min(1)
      .optional()
      .meta({
        description: "Most units that may pass in one order, whatever the order says. Left out: no limit.",
        examples: [50],
      }),
    from: day.optional().meta({ description: "First day that this revision may run, in quotes." }),
    until: day.optional().meta({ description: "Last day that this revision may run, in quotes." }),
  })
  .meta({
    description: "What one kind of board gets. gangflash profile check FILE checks it without a board.",
  });

/** As it stands in the file, defaults filled in. */
export type ProfileYaml = z.infer<typeof profileSchema>;
