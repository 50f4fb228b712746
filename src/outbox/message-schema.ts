import { z } from "zod";
import { sentDeeds } from "../model/outbox.ts";
import { messageVersion } from "../model/outbox-message.ts";
import { attemptSchema } from "../report/json-schema.ts";

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const at = z.iso.datetime().meta({ description: "ISO 8601, in UTC." });

const head = {
  hash: sha256.meta({ description: "Hash of this row over the one before (docs/chain.md)." }),
  previous: sha256.meta({
    description:
      "Hash of the row before it in the chain, which may be one that is not sent; 64 zeros before the first one.",
  }),
  version: z.literal(messageVersion),
  key: z
    .string()
    .regex(/^[rd][1-9][0-9]*-[0-9a-f]{32}$/)
    .meta({
      description:
        "The same for ever for this row and for no other one: a second message of this key is a double.",
    }),
  chain: sha256.meta({
    description: "Hash of the first row of the chain: which chain of which station it is.",
  }),
  seq: z.int().min(1).meta({ description: "Place in the chain. Rows that are not sent leave gaps." }),
  station: z.string().meta({ description: "Name of the station." }),
  trial: z
    .boolean()
    .meta({ description: "True: not production. Sent only where the station file says also: [trial]." }),
  simulated: z.boolean().meta({
    description: "True: a simulated board. Sent only where the station file says also: [simulated].",
  }),
};

const attempt = z
  .looseObject({
    type: z.literal("attempt"),
    ...head,
    record: attemptSchema
      .omit({ previousHash: true, hash: true, void: true })
      .meta({ description: "The record, byte for byte as it was hashed: the last key of the message." }),
  })
  .meta({ description: "A finished attempt on a unit." });

const deed = z
  .looseObject({
    type: z.literal("deed"),
    ...head,
    kind: z.enum(sentDeeds),
    statement: z.string().nullable().meta({
      description:
        "What the station signed with it: text of a statement (docs/chain.md) with the heads of both chains; of a batch that is closed.",
    }),
    signature: z
      .string()
      .regex(/^[0-9a-f]{128}$/)
      .nullable()
      .meta({ description: "Ed25519 over the bytes of statement, as hex." }),
    publicKey: sha256
      .nullable()
      .meta({ description: "The raw public key, as hex. Compare it with the one you know." }),
    record: z
      .looseObject({
        seq: z.int().min(1),
        kind: z.enum(sentDeeds),
        at,
        by: z.string(),
        role: z.string().nullable(),
        realm: z.enum(["line", "sim"]).nullable(),
        batch: z.string().nullable(),
        barcode: z.string().nullable(),
        slot: z.string().nullable(),
        detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).meta({
          description: "Of a void: reason, attempt, record (its place in the chain of records) and hash.",
        }),
      })
      .meta({ description: "The deed, byte for byte as it was hashed: the last key of the message." }),
  })
  .meta({ description: "What somebody decided about a unit, an order or a profile." });

/** A message of the outbox. Objects are open: a later version may say more. */
export const outboxMessageSchema = z.union([attempt, deed]);
