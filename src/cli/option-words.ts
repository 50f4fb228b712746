import { InvalidArgumentError } from "commander";

/** For an option that is repeated. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,9}$/.test(text)) throw new InvalidArgumentError("a whole number was expected");
  return Number(text);
}

export function countFromOne(text: string): number {
  if (!/^[1-9][0-9]{0,8}$/.test(text))
    throw new InvalidArgumentError("a whole number from 1 on was expected");
  return Number(text);
}
