import { userInfo } from "node:os";
import { cleanText } from "../lib/clean-text.ts";

/** Who does it: the name that was given, else the user's own. */
export function person(given: string | null): string {
  if (given !== null) return cleanText(given, 60);
  try {
    return cleanText(userInfo().username, 60);
  } catch {
    return "unknown";
  }
}
