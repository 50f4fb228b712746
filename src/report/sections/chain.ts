import type { BatchFacts } from "../../model/facts.ts";
import type { Block } from "../block.ts";
import type { ReportDefinition } from "../definition.ts";
import { sayIn } from "../say.ts";
import { markingOf } from "../words.ts";

/** First and last record, and how a stranger checks the chain. Simulated boards have no place in it. */
export function chain(facts: BatchFacts, { language }: ReportDefinition): Block[] {
  const say = sayIn(language);
  const { attempts, head, signature } = facts;
  const [first] = attempts;
  if (head === null || first === undefined || markingOf(facts).simulated !== "no") return [];
  return [
    { type: "section", text: say("Chain of records"), keep: 48 },
    {
      type: "pairs",
      pairs: [
        [say("First record"), say("{n}, after {hash}", { n: first.seq, hash: first.previousHash })],
        ["", say("hash {hash}", { hash: first.hash })],
        [say("Last record, the head"), `${head.seq}`],
        ["", say("hash {hash}", { hash: head.hash })],
        [
          say("To check"),
          say(
            "Each hash is SHA-256 over the byte 0x01, the 32 bytes of the hash before, the record's number as 8 bytes big endian, and the stored text of the record in UTF-8. The first record of a data folder stands after 32 zero bytes. gangflash audit --file COPY follows this in a copy of gangflash.db. If record {n} of the copy has the hash above, no record up to it was changed, added or left out.",
            { n: head.seq },
          ),
        ],
        ...(signature === null
          ? []
          : ([
              [say("Signed by the station"), say("Ed25519, public key {key}", { key: signature.publicKey })],
              [say("Statement"), signature.statement],
              [say("Signature"), signature.signature],
            ] as const)),
      ],
    },
  ];
}
