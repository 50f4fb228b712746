import { z } from "zod";
import { profileSchema } from "../config/profile-file.ts";
import { reportSchema } from "../config/report-file.ts";
import { stationSchema } from "../config/station-file.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

export const schemaKinds = ["station", "profile", "report"] as const;
export type SchemaKind = (typeof schemaKinds)[number];

const schemas = { station: stationSchema, profile: profileSchema, report: reportSchema } as const;

/** `schema KIND`: the JSON Schema (draft-07) that an editor completes and checks with. */
export function schemaCommand(kind: SchemaKind, io: Io): number {
  const schema = z.toJSONSchema(schemas[kind], { target: "draft-7", io: "input" });
  io.out(JSON.stringify({ title: `gangflash ${kind} file`, ...schema }, null, 2));
  return exitCodes.ok;
}
