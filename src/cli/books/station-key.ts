import { visibleJson } from "../../lib/clean-text.ts";
import { publicKeyPem } from "../../model/statement.ts";
import { stationKey } from "../../store/station-key.ts";
import { CommandError } from "../complain.ts";
import { exitCodes } from "../exit-codes.ts";
import type { Io } from "../io.ts";

/** `station key`: the public key as PEM, for whoever checks this station's signatures. */
export function stationKeyCommand(data: string, io: Io): number {
  const key = stationKey(data);
  if (key === null)
    throw new CommandError(
      "there is no key yet: the first batch close makes one, or the first decision about a unit",
    );
  const pem = publicKeyPem(key.publicKey);
  io.out(io.json ? visibleJson({ type: "key", publicKey: key.publicKey, pem }) : pem.trimEnd());
  return exitCodes.ok;
}
