import { createHash } from "node:crypto";
import { extname } from "node:path";
import { errorCode, errorText } from "../lib/thrown.ts";
import { readLarge } from "../lib/read-whole.ts";
import type { ImageComplaint } from "../model/image-complaint.ts";
import type { Image } from "../model/memory.ts";
import { detectFormat, type ImageOptions, parseImage } from "./detect.ts";
import { noSuchFile, refuse, type Refusal } from "./refuse.ts";

export const maxFileBytes = 64 * 1024 * 1024;

export type LoadedImage =
  | {
      readonly ok: true;
      readonly image: Image;
      /** Of the file as it was read, lower-case hex. */
      readonly sha256: string;
      readonly fileBytes: number;
    }
  | { readonly ok: false; readonly complaint: ImageComplaint };

/** Reads a file once: what is hashed is what is parsed, whatever happens to the file afterwards. */
export async function loadImage(path: string, options: ImageOptions = {}): Promise<LoadedImage> {
  const read = await readOnce(path);
  if (!read.ok) return read;
  if (/\.(hex|ihex|s19|srec|elf|dfu)$/i.test(path) && isUnknown(read.bytes))
    return refuse(`The file holds nothing of the format that its name says: ${extname(path)}.`);
  const parsed = parseImage(read.bytes, options);
  if (!parsed.ok) return parsed;
  const sha256 = createHash("sha256").update(read.bytes).digest("hex");
  return { ok: true, image: parsed.value, sha256, fileBytes: read.bytes.length };
}

/** Only raw bytes have no mark of their own: under the name of another format they are a damaged file. */
const isUnknown = (bytes: Uint8Array): boolean => bytes.length > 0 && detectFormat(bytes) === "bin";

async function readOnce(path: string): Promise<Refusal | { readonly ok: true; readonly bytes: Uint8Array }> {
  try {
    return { ok: true, bytes: await readLarge(path, maxFileBytes) };
  } catch (error) {
    return refuse(sayReason(error));
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: noSuchFile,
  ENOTDIR: noSuchFile,
  ELOOP: "The link leads in a circle.",
  EISDIR: "This is a folder, not a file.",
  EFTYPE: "This is a device or a pipe, not a file.",
  ECHANGED: "The file changed while it was read.",
  EACCES: "The file cannot be read: permission is denied.",
  EPERM: "The file cannot be read: permission is denied.",
  EBUSY: "The file cannot be read: another program holds it.",
  EIO: "The file cannot be read: the disk reports an error.",
};

function sayReason(error: unknown): string {
  const code = errorCode(error);
  if (code === "EFBIG") return `The file is too large: ${errorText(error)}.`;
  return reasons[code] ?? `The file cannot be read${code === "" ? "" : ` (${code})`}.`;
}
