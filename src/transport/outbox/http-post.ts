import { readFileSync } from "node:fs";
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { getCACertificates } from "node:tls";
import { cleanText } from "../../lib/clean-text.ts";
import type { Delivered, Target, Token } from "../../model/outbox.ts";
import { httpComplaint } from "./http-complaint.ts";
import { answerOf } from "./http-answer.ts";

type HttpTarget = Extract<Target, { kind: "http" }>;
type Env = Readonly<Record<string, string | undefined>>;

export interface HttpPoster {
  /** One POST; the connection stays open for the next one. */
  post(to: HttpTarget, key: string, text: string, signal: AbortSignal): Promise<Delivered>;
}

/** What of an answer is read: enough for a sentence. */
const mostBytes = 16_384;
/** What follows a header is waited for so long, ms; the status has said it already. */
const bodyMs = 1000;

const later = (why: string): Delivered => ({ kind: "later", why, waitMs: null });

/** Node's own client. Through a proxy it goes as Node does: NODE_USE_ENV_PROXY=1 with HTTP_PROXY, HTTPS_PROXY, NO_PROXY. */
export function httpPoster(env: Env): HttpPoster {
  let agent: HttpAgent | null = null;

  function agentOf(to: HttpTarget): HttpAgent {
    const proxyEnv = env["NODE_USE_ENV_PROXY"] === "1" ? { proxyEnv: env } : {};
    const options = { keepAlive: true, maxSockets: 1, ...proxyEnv };
    if (!to.url.startsWith("https:")) return new HttpAgent(options);
    const own = to.ca === null ? {} : { ca: [...getCACertificates("default"), readFileSync(to.ca, "utf8")] };
    return new HttpsAgent({ ...options, ...own });
  }

  /** What was learnt of the network may be wrong by now. */
  function forget(): void {
    agent?.destroy();
    agent = null;
  }

  return {
    async post(to, key, text, signal) {
      const secret = to.token === null ? null : secretOf(to.token, env);
      if (secret !== null && "why" in secret) return later(secret.why);
      try {
        agent ??= agentOf(to);
      } catch {
        return later(`the certificate file ${to.ca ?? ""} cannot be read`);
      }
      const token =
        to.token === null || secret === null
          ? {}
          : { [to.token.header]: to.token.value.replaceAll("{token}", secret.secret) };
      const headers = { ...to.headers, ...token };
      const hide = (why: string): string =>
        cleanText(secret === null ? why : hidden(why, secret.secret), 300);
      for (let tries = 1; ; tries += 1) {
        const answer = await once(to, agent, headers, key, text, signal);
        // The server closed a resting connection as this request came: HTTP asks to try once more (RFC 9112, 9.3.1).
        if (answer.kind === "lost" && answer.reused && tries === 1 && !signal.aborted) continue;
        const said = answer.kind === "lost" ? later(httpComplaint(answer.error, to.url)) : answer.said;
        if (said.kind === "taken") return said;
        forget();
        return { ...said, why: hide(said.why) };
      }
    },
  };
}

/** A receiver may say the secret again in its answer. */
const hidden = (why: string, secret: string): string =>
  secret === "" ? why : why.replaceAll(secret, "***").replaceAll(encodeURIComponent(secret), "***");

function secretOf(token: Token, env: Env): { readonly secret: string } | { readonly why: string } {
  const place = token.in;
  if (place.kind === "env") {
    const secret = (env[place.name] ?? "").trim();
    return secret === ""
      ? { why: `the environment variable ${place.name}, which has the token, is not set` }
      : fit(secret);
  }
  try {
    const secret = readFileSync(place.file, "utf8").trim();
    return secret === "" ? { why: `the token file ${place.file} is empty` } : fit(secret);
  } catch {
    return { why: `the token file ${place.file} cannot be read` };
  }
}

/** What a header cannot carry is told without being shown. */
const fit = (secret: string): { readonly secret: string } | { readonly why: string } =>
  /^[!-~ ]{1,8000}$/.test(secret)
    ? { secret }
    : { why: "the token has characters that a header cannot carry" };

type Once =
  | { readonly kind: "answered"; readonly said: Delivered }
  | { readonly kind: "lost"; readonly error: unknown; readonly reused: boolean };

function once(
  to: HttpTarget,
  agent: HttpAgent,
  headers: Readonly<Record<string, string>>,
  key: string,
  text: string,
  signal: AbortSignal,
): Promise<Once> {
  return new Promise((resolve) => {
    const body = Buffer.from(text, "utf8");
    const make = to.url.startsWith("https:") ? httpsRequest : httpRequest;
    const request = make(to.url, {
      method: "POST",
      agent,
      signal,
      headers: {
        ...headers,
        "Content-Type": "application/json",
        "Content-Length": body.length,
        "User-Agent": "gangflash",
        // A string of structured fields, as the draft of this header has it (draft-ietf-httpapi-idempotency-key-header).
        "Idempotency-Key": `"${key}"`,
      },
    });
    request.on("error", (error) => resolve({ kind: "lost", error, reused: request.reusedSocket }));
    request.on("response", (response) => {
      void read(response).then((words) =>
        resolve({ kind: "answered", said: answerOf(response, words, to.url) }),
      );
    });
    request.end(body);
  });
}

/** What comes behind the header, as far as it is wanted; never rejects. */
function read(response: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    const end = (whole: boolean): void => {
      clearTimeout(timer);
      if (!whole) response.destroy();
      resolve(Buffer.concat(pieces).subarray(0, mostBytes).toString("utf8"));
    };
    const timer = setTimeout(() => end(false), bodyMs);
    response.on("data", (piece: Buffer) => {
      pieces.push(piece);
      bytes += piece.length;
      if (bytes > mostBytes) end(false);
    });
    response.on("end", () => end(true));
    response.on("error", () => end(false));
    response.on("close", () => end(false));
  });
}
