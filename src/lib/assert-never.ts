/** The end of an exhaustive switch: a new union member stops the build here. */
export function assertNever(value: never): never {
  throw new Error(`unexpected value ${JSON.stringify(value)}`);
}
