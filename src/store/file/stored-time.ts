import { StoreError } from "../store-error.ts";

/** A time of a row, ISO 8601 in UTC. `whose` names the row. Throws StoreError `damaged` for a text that is no time. */
export function storedTime(text: string, whose: string): Date {
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw new StoreError("damaged", `${whose}: "${text}" is not a time: run an audit`);
  return at;
}
