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

/** Of units. */
const counts = z.looseObject({
  passed: count,
  failed: count,
  seen: count,
  firstPass: count,
  firstSeen: count,
  marginal: count,
});
const failures = z.array(z.looseObject({ code: z.string(), count }));
const mark = { barcode: z.string(), reason: z.string(), by: z.string(), at };

const batchReportSchema = z
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
    release: z
      .looseObject({ by: z.string(), reviewedBy: z.string().nullable(), at })
      .nullable()
      .meta({ description: "Who released the profile of the batch, and who reviewed it." }),
    timezone: z.string().nullable(),
    counts,
    figures: z.looseObject({
      attempts: count,
      retried: count,
      reworked: count,
      scrapped: count,
      voided: count,
    }),
    yield: z.looseObject({ firstPass: share, final: share }),
    failures,
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

const timezone = z.string().nullable().meta({ description: "IANA name of the station's zone." });
const version = z.literal(jsonVersion);
const deed = z.looseObject({ seq: z.int().min(1), kind: z.string(), at, by: z.string() });
const state = z.enum(["reserved", "written", "committed", "void", "returned"]);

const unitReportSchema = z
  .looseObject({
    type: z.literal("unit-report"),
    version,
    timezone,
    barcode: z.string(),
    realm: z.enum(["line", "sim"]),
    uid: z.string().nullable(),
    serials: z.array(z.looseObject({ series: z.string(), text: z.string(), state })),
    firstSeen: at,
    deeds: z.array(deed).meta({ description: "What people decided about the unit, and its labels." }),
    elsewhere: z
      .array(z.looseObject({ books: z.string(), seq: z.int().min(1), void: z.string().nullable() }))
      .meta({
        description:
          "Attempts in the books of other stations that were taken in: whose books, and why it is void there or null; the rest as in attempts.",
      }),
    attempts: z.array(attemptSchema),
  })
  .meta({ description: "What gangflash report --unit WHAT --format json writes." });

const shiftReportSchema = z
  .looseObject({
    type: z.literal("shift-report"),
    version,
    from: at.nullable(),
    to: at.nullable(),
    timezone,
    counts,
    failures,
    bySlot: z.array(z.looseObject({ slot: z.string(), passed: count, tried: count })),
    leftOut: z
      .looseObject({ trials: count, simulated: count })
      .meta({ description: "Attempts that are in no figure and not in the list." }),
    attempts: z.array(attemptSchema),
  })
  .meta({ description: "What gangflash report --shift TIME --format json writes." });

const serialReportSchema = z
  .looseObject({
    type: z.literal("serial-report"),
    version,
    series: z.string(),
    simulated: z.boolean(),
    timezone,
    head: z
      .looseObject({ seq: z.int().min(1), hash: sha256, at })
      .nullable()
      .meta({ description: "The last record that was looked at." }),
    states: z
      .partialRecord(state, count)
      .meta({ description: "How many numbers are in which state; none: no key." }),
    gaps: z
      .array(z.string())
      .meta({ description: "Numbers between the first and the last that no record has: 12, or 15 to 19." }),
    numbers: z.array(
      z.looseObject({
        number: z.int(),
        text: z.string(),
        state,
        unit: z.string(),
        batch: z.string(),
        record: z.int().min(1),
        at,
        end: z.string().meta({ description: "PASS, or the failure code of its last attempt." }),
        trial: z.boolean(),
      }),
    ),
  })
  .meta({ description: "What gangflash report --serials SERIES --format json writes." });

const slotReportSchema = z
  .looseObject({
    type: z.literal("slot-report"),
    version,
    trial: z.boolean(),
    simulated: z.enum(["no", "part", "all"]),
    from: at.nullable(),
    to: at.nullable(),
    timezone,
    slots: z.array(
      z.looseObject({
        station: z.string(),
        slot: z.string(),
        tried: count,
        passed: count,
        marginal: count,
        interval: z.looseObject({ share: z.number(), low: z.number(), high: z.number() }),
        suspect: z.boolean().meta({
          description: "Its whole Wilson 95 % interval lies below that of all other slots together.",
        }),
        meanMs: z.number().nullable().meta({ description: "Mean of the attempts that passed." }),
        codes: z.record(z.string(), count),
      }),
    ),
  })
  .meta({ description: "What gangflash report --slots --format json writes." });

/** The JSON reports and their published schemas, by the `type` that each says. */
export const jsonReports = {
  "batch-report": batchReportSchema,
  "unit-report": unitReportSchema,
  "shift-report": shiftReportSchema,
  "serial-report": serialReportSchema,
  "slot-report": slotReportSchema,
} as const;
