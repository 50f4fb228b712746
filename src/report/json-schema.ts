import { z } from "zod";

/** Version of the JSON reports: it grows when a key changes its meaning, not when keys come. */
export const jsonVersion = 1;

// Objects are open: a later version may say more, a reader skips what it does not know.
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const at = z.iso.datetime().meta({ description: "ISO 8601, in UTC." });
const count = z.int().min(0);
const share = z
  .looseObject({ share: z.number(), low: z.number(), high: z.number() })
  .nullable()
  .meta({ description: "A share with its Wilson 95 % interval, each 0 to 1; null without a trial." });

const option = z.looseObject({
  name: z.string(),
  wanted: z.number(),
  before: z.number().nullable(),
  after: z.number().nullable().meta({ description: "After the reset; null: this wire cannot read it." }),
});
const step = z.looseObject({
  step: z.string(),
  start: z.number().meta({ description: "ms since the attempt began." }),
  ms: z.number(),
  bytes: z.number(),
  retries: z.number(),
  outcome: z.enum(["done", "fail", "cut"]),
  code: z.string().nullable(),
});
const outcome = z.union([
  z.looseObject({ kind: z.literal("PASS"), marginal: z.boolean() }),
  z.looseObject({
    kind: z.enum(["FAIL", "TIMEOUT", "ERROR", "ABORTED", "SKIPPED"]),
    failure: z.looseObject({ code: z.string(), message: z.string(), detail: z.string() }),
  }),
]);

/** One attempt, as every JSON report has it: the record, and whether it is void. */
export const attemptSchema = z
  .looseObject({
    seq: z.int().min(1).meta({ description: "Place in the chain of the data folder." }),
    batch: z.string(),
    barcode: z.string(),
    attempt: z.int().min(1).meta({ description: "Number of this attempt for its unit." }),
    reason: z.enum(["first", "retry", "rework"]),
    reworkReason: z.string().nullable(),
    slot: z.string(),
    port: z.string(),
    wire: z.string(),
    realm: z.enum(["line", "sim"]).meta({ description: "sim: a simulated board." }),
    trial: z.boolean(),
    operator: z.string(),
    station: z.string(),
    profile: z.string(),
    revision: z.string(),
    profileHash: sha256,
    releasedBy: z.string().nullable(),
    toolVersion: z.string(),
    startedAt: at,
    endedAt: at,
    ms: z.number(),
    uid: z
      .string()
      .regex(/^[0-9a-f]{24}$/)
      .nullable(),
    serial: z.string().nullable(),
    serials: z.array(
      z.looseObject({
        series: z.string(),
        number: z.int(),
        text: z.string(),
        state: z.enum(["reserved", "written", "committed", "void", "returned"]),
      }),
    ),
    images: z.array(z.looseObject({ file: z.string(), sha256 })),
    options: z.array(option),
    steps: z.array(step),
    verify: z.looseObject({ method: z.string(), hash: z.string(), bytes: z.number() }).nullable(),
    notes: z.array(z.string()),
    outcome,
    previousHash: sha256,
    hash: sha256,
    void: z.string().nullable().meta({ description: "Why it counts nowhere any more; null: it counts." }),
  })
  .meta({ description: "One attempt: the record as it was written, and whether it is void." });

const mark = { barcode: z.string(), reason: z.string(), by: z.string(), at };

export const batchReportSchema = z
  .looseObject({
    type: z.literal("batch-report"),
    version: z.literal(jsonVersion),
    trial: z.boolean().meta({ description: "True: not production." }),
    simulated: z.boolean().meta({ description: "True: simulated boards are among the attempts." }),
    batch: z.looseObject({
      id: z.string(),
      profile: z.string(),
      revision: z.string(),
      profileHash: sha256,
      product: z.string(),
      quantity: z.int().nullable(),
      trial: z.boolean(),
      openedAt: at,
      openedBy: z.string(),
      closedAt: at.nullable(),
      closedBy: z.string().nullable(),
    }),
    timezone: z.string().nullable(),
    counts: z.looseObject({
      passed: count,
      failed: count,
      seen: count,
      firstPass: count,
      firstSeen: count,
      marginal: count,
    }),
    figures: z.looseObject({
      attempts: count,
      retried: count,
      reworked: count,
      scrapped: count,
      voided: count,
    }),
    yield: z.looseObject({ firstPass: share, final: share }),
    failures: z.array(z.looseObject({ code: z.string(), count })),
    bySlot: z.array(z.looseObject({ slot: z.string(), passed: count, tried: count, yield: share })),
    serials: z.looseObject({
      committed: count,
      written: count,
      reserved: count,
      void: count,
      first: z.string().nullable(),
      last: z.string().nullable(),
    }),
    head: z.looseObject({ seq: z.int(), hash: sha256 }).nullable(),
    voids: z.array(z.looseObject({ ...mark, seq: z.int(), attempt: z.int() })),
    reworks: z.array(z.looseObject(mark)),
    scraps: z.array(z.looseObject(mark)),
    deeds: z.array(z.looseObject({ seq: z.int(), kind: z.string(), at, by: z.string() })),
    signature: z
      .looseObject({ statement: z.string(), signature: z.string(), publicKey: z.string() })
      .nullable(),
    attempts: z.array(attemptSchema),
  })
  .meta({ description: "What gangflash report BATCH --format json writes." });

/** The JSON reports that have a published schema, by the `type` that each says. */
export const jsonReports = { "batch-report": batchReportSchema } as const;
