import { dirname, resolve } from "node:path";
import { z } from "zod";
import type { Checked } from "./issue.ts";
import { readYaml } from "./read-yaml.ts";
import { shownText } from "./schema-pieces.ts";

/** One work order of the sheet. */
export interface SheetOrder {
  readonly order: string;
  /** The profile's file. */
  readonly profile: string;
  readonly quantity: number | null;
}

const sheetSchema = z
  .strictObject({
    orders: z
      .array(
        z.strictObject({
          order: shownText(40).meta({ description: "The order as its code says it.", examples: ["WO-4711"] }),
          profile: z
            .string()
            .min(1)
            .meta({
              description: "Its profile file, from the folder of this file.",
              examples: ["vesc-60.yaml"],
            }),
          quantity: z.int().min(1).optional().meta({ description: "Units wanted. Left out: open end." }),
        }),
      )
      .max(10_000)
      .meta({ description: "Orders that a scan may open." }),
  })
  .meta({ description: "The work orders of a line: orders.sheet of a station file names it." });

/** Orders of a sheet; an order that stands there twice is a mistake. */
export function readOrderSheet(file: string): Checked<readonly SheetOrder[]> {
  const read = readYaml(file, sheetSchema);
  if (!read.ok) return read;
  const yaml = read.value;
  const { value } = yaml;
  const twice = value.orders.findIndex(({ order }, i) =>
    value.orders.slice(0, i).some((before) => before.order === order),
  );
  if (twice >= 0)
    return {
      ok: false,
      issues: [
        yaml.issue(["orders", twice, "order"], `"${value.orders[twice]?.order ?? ""}" found a second time`),
      ],
    };
  return {
    ok: true,
    value: value.orders.map(({ order, profile, quantity }) => ({
      order,
      profile: resolve(dirname(file), profile),
      quantity: quantity ?? null,
    })),
  };
}
