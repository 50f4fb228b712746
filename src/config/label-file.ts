import { z } from "zod";
import {
  labelCodes,
  strangeToken,
  labelTokens,
  type LabelDefinition,
  type LabelItem,
} from "../model/label.ts";
import { inOrder, type Checked, type Issue } from "./issue.ts";
import { readYaml } from "./read-yaml.ts";
import { plainName, shownText } from "./schema-pieces.ts";

const tokens = labelTokens.map((name) => `{${name}}`).join(" ");
const mm = z.number().min(0).max(300);

const itemSchema = z
  .strictObject({
    text: shownText(200).meta({
      description: `What it says, with tokens out of the unit's record: ${tokens}. {date} is the day of the pass.`,
      examples: ["{serial}"],
    }),
    code: z
      .enum(labelCodes)
      .optional()
      .meta({ description: "As a code for scanners. Left out: as letters." }),
    x: mm.meta({ description: "Left edge, mm from the left edge of the label." }),
    y: mm.meta({ description: "Upper edge, mm from the upper edge of the label." }),
    high: z.number().min(0.5).max(100).optional().meta({
      description: "Height of letters (left out: 3) or of the bars of a code128 (left out: 8), mm.",
    }),
    module: z.number().min(0.1).max(5).optional().meta({
      description: "Edge of one module of a code, or width of its thinnest bar, mm. Left out: 0.375.",
    }),
  })
  .meta({ description: "One line of letters or one code: its text and its place." });

/** `labels/*.yaml`. */
export const labelSchema = z
  .strictObject({
    label: plainName.meta({ description: "Name of the label in messages and in the audit log." }),
    size: z
      .strictObject({
        width: z.number().min(5).max(300).meta({ description: "Width, mm." }),
        height: z.number().min(5).max(300).meta({ description: "Height, mm." }),
      })
      .meta({ description: "Size of the label, mm." }),
    dots: z
      .union([z.literal(6), z.literal(8), z.literal(12), z.literal(24)])
      .default(8)
      .meta({
        description: "Dots per mm of the printer's head: 6, 8 (203 dpi), 12 (300 dpi) or 24 (600 dpi).",
      }),
    copies: z.int().min(1).max(10).default(1).meta({ description: "Labels of each unit." }),
    items: z.array(itemSchema).min(1).max(40).meta({ description: "What is on it." }),
    printer: z
      .strictObject({
        tcp: z
          .string()
          .regex(/^[A-Za-z0-9.-]+(:\d{1,5})?$/, "HOST or HOST:PORT was expected")
          .optional()
          .meta({ description: "A printer that takes ZPL on a raw TCP port; 9100 where none is named." }),
        command: z
          .array(z.string().min(1))
          .min(1)
          .optional()
          .meta({
            description: "A program that takes the ZPL on its standard input, and its words. No shell.",
            examples: [["lp", "-d", "zebra", "-o", "raw"]],
          }),
      })
      .optional()
      .meta({ description: "Where labels go. Left out: only to files." }),
  })
  .meta({ description: "What a label shows. gangflash label UNIT --label FILE uses it." });

/** A checked label file. */
export function readLabel(file: string): Checked<LabelDefinition> {
  const read = readYaml(file, labelSchema);
  if (!read.ok) return read;
  const { value } = read.value;
  const issues: Issue[] = [];
  const items = value.items.map((item, i): LabelItem => {
    const strange = strangeToken(item.text);
    if (strange !== null)
      issues.push(
        read.value.issue(["items", i, "text"], `"${strange}" found, one of ${tokens} was expected`),
      );
    if (item.x >= value.size.width || item.y >= value.size.height)
      issues.push(
        read.value.issue(
          ["items", i],
          `${item.x}, ${item.y} found, it lies outside of ${value.size.width} by ${value.size.height} mm`,
        ),
      );
    const { text, x, y, code } = item;
    if (code === undefined && item.module !== undefined)
      issues.push(read.value.issue(["items", i, "module"], "found beside letters, it belongs to a code"));
    return code === undefined
      ? { kind: "text", text, x, y, high: item.high ?? 3 }
      : { kind: "code", code, text, x, y, module: item.module ?? 0.375, high: item.high ?? 8 };
  });
  const printer = value.printer;
  const ways = [printer?.tcp, printer?.command].filter((way) => way !== undefined).length;
  if (printer !== undefined && ways !== 1)
    issues.push(
      read.value.issue(["printer"], `${ways === 0 ? "nothing" : "both"} found, tcp or command was expected`),
    );
  if (issues.length > 0) return { ok: false, issues: inOrder(issues) };
  const { label: name, size, dots, copies } = value;
  return { ok: true, value: { name, ...size, dots, copies, items, printer: printerOf(printer) } };
}

function printerOf(printer: z.infer<typeof labelSchema>["printer"]): LabelDefinition["printer"] {
  if (printer?.command !== undefined) return { kind: "command", words: printer.command };
  if (printer?.tcp === undefined) return null;
  const [host = "", port = "9100"] = printer.tcp.split(":");
  return { kind: "tcp", host, port: Number(port) };
}
