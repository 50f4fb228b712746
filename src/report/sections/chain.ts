import type { BatchFacts } from "../../model/facts.ts";
import type { Block } from "../block.ts";
import { markingOf } from "../words.ts";

/** First and last record, and how a stranger checks the chain. Simulated boards have no place in it. */
export function chain(facts: BatchFacts): Block[] {
  const { attempts, head, signature } = facts;
  const [first] = attempts;
  if (head === null || first === undefined || markingOf(facts).simulated !== "no") return [];
  return [
    { type: "section", text: "Chain of records", keep: 48 },
    {
      type: "pairs",
      pairs: [
        ["First record", `${first.seq}, after ${first.previousHash}`],
        ["", `hash ${first.hash}`],
        ["Last record, the head", `${head.seq}`],
        ["", `hash ${head.hash}`],
        [
          "To check",
          "Each hash is SHA-256 over the byte 0x01, the 32 bytes of the hash before, the record's number as 8 bytes " +
            "big endian, and the stored text of the record in UTF-8. The first record of a data folder stands after " +
            "32 zero bytes. gangflash audit --file COPY follows this in a copy of gangflash.db. " +
            `If record ${head.seq} of the copy has the hash above, no record up to it was changed, added or left out.`,
        ],
        ...(signature === null
          ? []
          : ([
              ["Signed by the station", `Ed25519, public key ${signature.publicKey}`],
              ["Statement", signature.statement],
              ["Signature", signature.signature],
            ] as const)),
      ],
    },
  ];
}
