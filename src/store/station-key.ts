import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { errorCode } from "../lib/thrown.ts";
import { writeAtomic } from "../lib/write-atomic.ts";
import { rawPublicKey } from "../model/statement.ts";
import { StoreError } from "./store-error.ts";

/**
 * The station's private key beside the books, PEM, readable by its user only. It goes into no backup and no pack: who
 * has it can sign in this station's name. A station that moves makes a new one; what the old one signed stays provable
 * by the public key, which is in each signature and in each pack.
 */
export const keyName = "station.key.pem";

export interface StationKey {
  /** Raw, 64 hex digits. */
  readonly publicKey: string;
  /** Signs the text as UTF-8; 128 hex digits. */
  sign(text: string): string;
}

function over(key: KeyObject): StationKey {
  const pem = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
  const publicKey = rawPublicKey(pem);
  if (publicKey === null) throw new Error("it is not an Ed25519 key");
  return {
    publicKey,
    sign: (text) => sign(null, Buffer.from(text, "utf8"), key).toString("hex"),
  };
}

/** The key of a data folder, or `null` before its first need. Throws StoreError `damaged`; the system's own errors. */
export function stationKey(folder: string): StationKey | null {
  const file = join(folder, keyName);
  let pem: string;
  try {
    pem = readFileSync(file, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
  if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0)
    throw new StoreError("unwritable", `${file}: others may read the station's key: chmod 600 ${file}`);
  try {
    return over(createPrivateKey(pem));
  } catch (error) {
    throw new StoreError("damaged", `${file}: the station's key cannot be read`, { cause: error });
  }
}

/** The key of a data folder that we hold, made whole or not at all at its first need. Throws as `stationKey`. */
export function ensureStationKey(folder: string): StationKey {
  const known = stationKey(folder);
  if (known !== null) return known;
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  // Whoever gets here holds the data folder, and has seen that there is no key.
  writeAtomic(join(folder, keyName), Buffer.from(pem), 0o600);
  return over(privateKey);
}
