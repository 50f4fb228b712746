import { z } from "zod";
import { plainName } from "./schema-pieces.ts";

const tokenSchema = z
  .strictObject({
    file: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "A file with the secret alone, from the folder of this file. Readable by the station's user only.",
        examples: ["mes.token"],
      }),
    env: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "the name of an environment variable was expected")
      .optional()
      .meta({ description: "The environment variable that has the secret.", examples: ["MES_TOKEN"] }),
    header: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,60}$/, "the name of a header was expected")
      .default("Authorization")
      .meta({ description: "The header that carries the secret.", examples: ["X-Api-Key"] }),
    value: z
      .string()
      .min(1)
      .max(200)
      .default("Bearer {token}")
      .meta({ description: "What stands in that header; {token} is the secret.", examples: ["{token}"] }),
  })
  .meta({
    description:
      "A secret that the receiver asks for. It stands in a file or in an environment variable, never in this file, and is read anew for each message.",
    examples: [{ file: "mes.token" }, { env: "MES_TOKEN" }],
  });

const destinationSchema = z
  .strictObject({
    name: plainName.meta({
      description:
        "Its name. How far it has come is kept under this name: another name is a new destination, which begins anew.",
      examples: ["mes"],
    }),
    http: z
      .string()
      .max(500)
      .optional()
      .meta({
        description:
          "A server that gets each message as a POST of application/json. 2xx acknowledges it, 409 too. Redirects are not followed, certificates are checked.",
        examples: ["https://mes.example.com/gangflash"],
      }),
    folder: z
      .string()
      .min(1)
      .max(500)
      .optional()
      .meta({
        description:
          "A folder that gets each message as a file, from the folder of this file; names sort in the order of the messages. It must be there.",
        examples: ["/mnt/mes/line1"],
      }),
    headers: z
      .record(z.string().max(60), z.string().max(500))
      .optional()
      .meta({
        description: "More headers of each request. None of them is a secret: that is token.",
        examples: [{ "X-Line": "line1" }],
      }),
    token: tokenSchema.optional(),
    ca: z
      .string()
      .min(1)
      .optional()
      .meta({
        description:
          "A PEM file with the certificate of the plant's own authority, from the folder of this file; it is trusted beside those that Node knows.",
        examples: ["plant-ca.pem"],
      }),
    from: z.enum(["now", "beginning"]).default("now").meta({
      description:
        "Where a destination begins that is new to the records. now: with what happens from its first start on. beginning: with the first record that there is. Later it goes on where it was.",
    }),
    also: z
      .array(z.enum(["trial", "simulated"]))
      .max(2)
      .default([])
      .meta({
        description:
          "What is sent beside production: trial, profiles that are not released; simulated, boards on sim: ports. Such a message says so.",
        examples: [["simulated", "trial"]],
      }),
  })
  .meta({ description: "One receiver: http or folder." });

/** `outbox` of a station file. */
export const outboxSchema = z
  .array(destinationSchema)
  .max(8)
  .meta({
    description:
      "Where each finished attempt goes, and what people decide about units and orders: in order, at least once, with a key that tells doubles. The line never waits for it. docs/outbox.md has the format.",
    examples: [[{ name: "mes", http: "https://mes.example.com/gangflash" }]],
  });
