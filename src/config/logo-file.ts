import { errorCode } from "../lib/thrown.ts";
import { readWhole } from "../lib/read-whole.ts";
import type { Logo } from "../report/definition.ts";

export type LogoRead =
  | { readonly ok: true; readonly logo: Logo }
  | { readonly ok: false; readonly why: string };

const mostBytes = 2_000_000;
const wanted = "a PNG or JPEG file, grey or RGB";

/** A picture that may stand on a PDF/A-2b page beside our sRGB output intent. `name` is what the file says. */
export function readLogo(path: string, name: string): LogoRead {
  const no = (found: string): LogoRead => ({ ok: false, why: `"${name}" found, ${found}` });
  let bytes: Buffer;
  try {
    bytes = Buffer.from(readWhole(path, mostBytes));
  } catch (error) {
    if (errorCode(error) === "EFBIG") return no("it is larger than 2 MB");
    return no("there is no file of that name that can be read");
  }
  if (bytes.toString("latin1", 0, 8) === "\x89PNG\r\n\x1a\n") return png(bytes, no);
  return bytes.toString("latin1", 0, 2) === "\xff\xd8" ? jpeg(bytes, no) : no(`${wanted} was expected`);
}

type No = (found: string) => LogoRead;

/** W3C PNG, 11.2.2: IHDR is the first chunk. */
function png(bytes: Buffer, no: No): LogoRead {
  if (bytes.length < 33 || bytes.toString("latin1", 12, 16) !== "IHDR") return no("it is not a whole PNG");
  const depth = bytes.readUInt8(24);
  if (depth > 8) return no(`a PNG of ${depth} bits a channel, at most 8 were expected`);
  return sized(bytes, bytes.readUInt32BE(16), bytes.readUInt32BE(20), no);
}

/** ITU-T T.81, B.2.2: a frame header SOFn says height, width and components. */
function jpeg(bytes: Buffer, no: No): LogoRead {
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes.readUInt8(at) !== 0xff) break;
    const marker = bytes.readUInt8(at + 1);
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      const channels = bytes.readUInt8(at + 9);
      if (channels !== 1 && channels !== 3)
        return no(`a JPEG of ${channels} channels, grey or RGB was expected`);
      return sized(bytes, bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5), no);
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return no("it is not a whole JPEG");
}

function sized(bytes: Buffer, width: number, height: number, no: No): LogoRead {
  if (width === 0 || height === 0 || width > 10_000 || height > 10_000)
    return no(`a picture of ${width} by ${height} pixels, 1 to 10000 each were expected`);
  return { ok: true, logo: { bytes, width, height } };
}
