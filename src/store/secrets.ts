import { argon2, argon2Sync, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * A badge is a code that anybody can read off it: its hash keeps a copied file from being a sheet of badges to print,
 * no more. One HMAC-SHA256 with a salt of the person's own is enough for that, and lets a scan be compared with a
 * thousand people in a few milliseconds; a slow hash would make the line wait and protect nothing that a glance at the
 * badge does not give away. What must not rest on a badge alone asks for the PIN.
 */
export const badgeHash = (salt: string, code: string): string =>
  createHmac("sha256", Buffer.from(salt, "hex")).update(code.normalize("NFC"), "utf8").digest("hex");

export const newSalt = (): string => randomBytes(16).toString("hex");

/** Compares two hashes in hex in a time that does not hang on where they differ. */
export function sameHash(a: string, b: string): boolean {
  const [one, two] = [Buffer.from(a, "hex"), Buffer.from(b, "hex")];
  return one.length === two.length && timingSafeEqual(one, two);
}

// OWASP's first choice: Argon2id, 19 MiB, 2 passes, 1 lane (reliability.md, Secrets): about 60 ms a try.
const cost = { memory: 19 * 1024, passes: 2, parallelism: 1, tagLength: 32 } as const;

const parametersOf = (salt: string, pin: string) => ({
  ...cost,
  message: Buffer.from(pin.normalize("NFC"), "utf8"),
  nonce: Buffer.from(salt, "hex"),
});

/** The text that is kept of a PIN: method, salt and hash. */
export function pinText(pin: string): string {
  const salt = newSalt();
  return `argon2id-19m-2-1$${salt}$${argon2Sync("argon2id", parametersOf(salt, pin)).toString("hex")}`;
}

/** Whether this is the PIN; the work is done beside the event loop. */
export async function isPin(kept: string, pin: string): Promise<boolean> {
  const [method, salt = "", hash = ""] = kept.split("$");
  if (method !== "argon2id-19m-2-1") return false;
  const found = await new Promise<Buffer>((done, fail) => {
    argon2("argon2id", parametersOf(salt, pin), (error, key) => {
      if (error === null) done(key);
      else fail(error);
    });
  });
  return sameHash(found.toString("hex"), hash);
}
