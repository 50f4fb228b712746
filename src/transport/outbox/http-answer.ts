import type { IncomingMessage } from "node:http";
import { cleanText } from "../../lib/clean-text.ts";
import type { Delivered } from "../../model/outbox.ts";

/** Client errors that go by themselves (RFC 9110, 15.5.9; RFC 8470; RFC 6585). */
const passing = [408, 425, 429];

/** What an answer means. `words`: the beginning of its body. */
export function answerOf(
  { statusCode = 0, headers }: Pick<IncomingMessage, "statusCode" | "headers">,
  words: string,
  url: string,
): Delivered {
  // 409: it has this message already.
  if ((statusCode >= 200 && statusCode < 300) || statusCode === 409) return { kind: "taken" };
  const said = firstLine(words);
  const why = `HTTP ${statusCode}${said === "" ? "" : `: ${said}`}`;
  if (statusCode >= 300 && statusCode < 400) {
    const to = headers.location === undefined ? "elsewhere" : `to ${withoutQuery(headers.location, url)}`;
    return {
      kind: "later",
      why: `HTTP ${statusCode}: it points ${to}, and redirects are not followed`,
      waitMs: null,
    };
  }
  if (statusCode >= 400 && statusCode < 500 && !passing.includes(statusCode)) {
    const hint = statusCode === 401 || statusCode === 403 ? " (is the token right?)" : "";
    return { kind: "refused", why: `${why}${hint}` };
  }
  return { kind: "later", why, waitMs: retryAfterMs(headers["retry-after"]) };
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^[0-9]{1,9}$/.test(text)) return Number(text) * 1000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

function firstLine(words: string): string {
  // A page for browsers says nothing to a station.
  if (/^\s*</.test(words)) return "";
  return cleanText(words.trim().split(/[\r\n]/)[0] ?? "", 160);
}

function withoutQuery(location: string, url: string): string {
  const to = URL.parse(location, url);
  return to === null ? "elsewhere" : `${to.origin}${to.pathname}`;
}
