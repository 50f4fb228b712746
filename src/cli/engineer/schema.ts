import { z } from "zod";
import { labelSchema } from "../../config/label-file.ts";
import { profileSchema } from "../../config/profile-schema.ts";
import { reportSchema } from "../../config/report-file.ts";
import { stationSchema } from "../../config/station-schema.ts";
import { cleanText } from "../../lib/clean-text.ts";
import { didYouMean, nearest } from "../../lib/nearest.ts";
import { outboxMessageSchema } from "../../outbox/message-schema.ts";
import { jsonReports } from "../../report/json-schema.ts";
import { qualificationSchema } from "../../report/qualification-schema.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";

/** Files that people write. */
export const schemaKinds = ["station", "profile", "report", "label"] as const;
export type SchemaKind = (typeof schemaKinds)[number];

const schemas = {
  station: stationSchema,
  profile: profileSchema,
  report: reportSchema,
  label: labelSchema,
} as const;

/** `schema KIND`: the JSON Schema (draft-07) that an editor completes and checks with. Throws CommandError. */
export function schemaCommand(given: string, io: Io): number {
  const kind = schemaKinds.find((one) => one === given);
  const output = writtenKinds.find((one) => one === given);
  if (output !== undefined) io.out(writtenSchemaText(output));
  else if (kind === undefined) {
    const known = [...schemaKinds, ...writtenKinds];
    const close = nearest(given, known);
    throw new CommandError(
      `"${cleanText(given, 40)}" found, one of ${known.join(", ")} was expected` +
        (close === null ? "" : `; ${didYouMean(close, "")}`),
    );
  } else io.out(schemaText(kind));
  return exitCodes.ok;
}

const written = { ...jsonReports, outbox: outboxMessageSchema, selftest: qualificationSchema } as const;

/** What the program writes. */
export const writtenKinds = [
  "batch-report",
  "unit-report",
  "shift-report",
  "serial-report",
  "slot-report",
  "outbox",
  "selftest",
] as const satisfies readonly (keyof typeof written)[];

/** The JSON Schema (draft-07) of what the program writes, for whoever reads it. */
export function writtenSchemaText(kind: (typeof writtenKinds)[number]): string {
  const { $schema, ...schema } = z.toJSONSchema(written[kind], { target: "draft-7", io: "output" });
  return JSON.stringify({ $schema, title: `gangflash ${kind}`, ...schema }, null, 2);
}

/** As it lies beside the files that it is for: `stations/station.schema.json`. */
export function schemaText(kind: SchemaKind): string {
  const { $schema, ...schema } = z.toJSONSchema(schemas[kind], {
    target: "draft-7",
    io: "input",
    override: ({ jsonSchema }) => {
      const { description, default: left } = jsonSchema;
      // Editors show the description when a key is pointed at, and the default only when it is completed.
      if (description !== undefined && left !== undefined)
        jsonSchema.description = `${description} Default: ${plain(left)}.`;
      // The largest number that counts exactly is no limit that anybody needs to read.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return JSON.stringify({ $schema, title: `gangflash ${kind} file`, ...schema }, null, 2);
}

/** As YAML has it in one line. */
function plain(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? "none" : `[${value.map(plain).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${key}: ${plain(inner)}`);
  return pairs.length === 0 ? "none" : `{ ${pairs.join(", ")} }`;
}
