/** Payload lengths by their length code, of which classic frames have the first nine (ISO 11898-1). */
export const fdLengths: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** The length code of a payload; throws a RangeError for a length that no such frame has. */
export function lengthCode(bytes: number, fd: boolean): number {
  const code = fdLengths.indexOf(bytes);
  if (code < 0 || (!fd && code > 8)) throw new RangeError(`no CAN frame has ${bytes} bytes`);
  return code;
}

/** Payload bytes of a length code; a classic frame has eight at most, whatever its code says. */
export function codedLength(code: number, fd: boolean): number {
  return fdLengths[fd ? code & 15 : Math.min(code, 8)] ?? 0;
}
