import { z } from "zod";
import type { Entry } from "../model/entry.ts";

const bits = z.int().min(50).max(4_000_000).optional().meta({
  description:
    "Bit rate of the application's serial port: 115200 for a command and 1200 for a touch where it is left out. A port that is USB all the way takes any.",
});

const keys = {
  by: z.enum(["none", "dfu-detach", "command", "touch"]).meta({
    description:
      "dfu-detach: DETACH to the application's DFU run-time interface. command: text to its USB serial port. touch: that port is opened at 1200 baud and closed. none: an application in the slot is skipped as a foreign device.",
  }),
  send: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({
      description:
        "Text of a command, in double quotes so that \\r and \\n are what they say. Every character goes out as one byte.",
      examples: ["reboot dfu\r\n"],
    }),
  baud: bits,
};

const about =
  "How a board that runs its application is brought into its loader, after which the slot waits for the loader at the same path.";

/** Beside a profile: it knows the product and no places. */
export const profileEntrySchema = z.strictObject(keys).meta({
  description: `${about} Left out: none; a slot may say its own.`,
  examples: [{ by: "dfu-detach" }, { by: "touch" }],
});

/** Beside a slot. */
export const slotEntrySchema = z
  .strictObject({
    ...keys,
    serial: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "Port that hears the command or the touch, where it is not the board's own at the slot's path; on macOS and Windows always.",
        examples: ["uart:/dev/serial/by-path/pci-0000:00:14.0-usb-0:4.1:1.0", "uart:COM7"],
      }),
  })
  .meta({
    description: `${about} For usb: ports. Left out: what the profile says.`,
    examples: [{ by: "dfu-detach" }, { by: "command", send: "reboot dfu\r\n" }],
  });

type EntryYaml = z.infer<typeof slotEntrySchema>;

/** The checked entry; what is wrong is told with its key, and `null` given. */
export function toEntry(
  yaml: EntryYaml,
  complain: (key: keyof EntryYaml, message: string) => void,
): Entry | null {
  const { by, send, baud, serial } = yaml;
  const serialDevice = serial === undefined ? null : /^uart:(.+)$/.exec(serial)?.[1];
  if (serialDevice === undefined) {
    complain("serial", `"${serial}" found, a port such as uart:/dev/ttyACM0 was expected`);
    return null;
  }
  const only = (key: "send" | "baud" | "serial", of: string): null => {
    complain(key, `found beside by: ${by}, it was expected beside ${of} only`);
    return null;
  };
  if (send !== undefined && by !== "command") return only("send", "by: command");
  switch (by) {
    case "none":
    case "dfu-detach":
      if (baud !== undefined) return only("baud", "by: command and by: touch");
      if (serial !== undefined) return only("serial", "by: command and by: touch");
      return { kind: by };
    case "command":
      if (send === undefined) {
        complain("send", 'missing, the text of the command such as "reboot dfu\\r\\n" was expected');
        return null;
      }
      if (/[^\0-\xff]/.test(send)) {
        complain("send", "found, characters of one byte each were expected");
        return null;
      }
      return { kind: by, send, baud: baud ?? 115_200, serial: serialDevice };
    case "touch":
      return { kind: by, baud: baud ?? 1200, serial: serialDevice };
    default:
      return by satisfies never;
  }
}
