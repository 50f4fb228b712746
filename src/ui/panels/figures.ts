/** `18 202`: thousands apart, in every language the same. */
export const grouped = (n: number): string => String(Math.round(n)).replaceAll(/\B(?=(\d{3})+$)/g, " ");

/** A share between 0 and 1 as per cent with one digit: `95.9`. */
export const percent = (share: number): string => (share * 100).toFixed(1);

/** `41 GB`, `184 MB`: decimal, as disks are sold. */
export function bytesText(bytes: number): string {
  return bytes >= 1e9 ? `${Math.floor(bytes / 1e9)} GB` : `${Math.floor(bytes / 1e6)} MB`;
}

/** `135.8`. */
export const secondsText = (ms: number): string => (ms / 1000).toFixed(1);

/** The first 16 digits of a hash in groups of four. */
export const headText = (hash: string): string => (hash.slice(0, 16).match(/.{1,4}/g) ?? []).join(" ");
