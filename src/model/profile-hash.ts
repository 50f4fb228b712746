import { createHash } from "node:crypto";

/** SHA-256 over the profile's text and the hashes of its images: what a release freezes. */
export function profileHash(text: string, imageHashes: readonly string[]): string {
  const hash = createHash("sha256").update(text, "utf8");
  for (const image of imageHashes) hash.update(`\0${image}`);
  return hash.digest("hex");
}
