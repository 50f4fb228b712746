import { z } from "zod";
import { checkGroups } from "../model/qualification.ts";
import { jsonVersion } from "./json-schema.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const at = z.iso.datetime().meta({ description: "ISO 8601, in UTC." });
const count = z.int().min(0);

/** What `selftest --json` and `selftest --report FILE.json` write. Open, as every JSON report. */
export const qualificationSchema = z
  .looseObject({
    type: z.literal("selftest"),
    version: z.literal(jsonVersion),
    passed: count,
    failed: count,
    program: z.looseObject({
      version: z.string(),
      files: count,
      sha256: sha256.meta({ description: "Over the names and hashes of the installed files." }),
    }),
    machine: z.looseObject({
      host: z.string(),
      system: z.string(),
      processor: z.string(),
      memoryMiB: count,
      node: z.string(),
      sqlite: z.string(),
    }),
    station: z
      .looseObject({ name: z.string(), hash: sha256 })
      .nullable()
      .meta({ description: "The station file that was named; null: none was." }),
    timezone: z.string().nullable().meta({ description: "IANA name; null: the system's." }),
    data: z.string().meta({ description: "The data folder on whose disk it ran." }),
    startedAt: at,
    endedAt: at,
    seed: count.meta({ description: "selftest --seed draws the same images and moments again." }),
    kills: count.meta({ description: "Gang runs that were to be killed." }),
    checks: z.array(
      z.looseObject({
        id: z.string().meta({ description: "Letter of the group and number in it: O07." }),
        group: z.enum(checkGroups),
        what: z.string().meta({ description: "The requirement." }),
        expected: z.string(),
        seen: z.string(),
        passed: z.boolean(),
      }),
    ),
  })
  .meta({ description: "What gangflash selftest found on this machine." });
