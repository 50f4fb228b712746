import { errorCode, errorText } from "../../lib/thrown.ts";
import { cleanText } from "../../lib/clean-text.ts";

const unknownAuthority =
  "its certificate is of an authority that is not known here; the plant's own stands in ca: of the station file";

/** What Node's client says, by its code, in words; `HOST` is the server. */
const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nobody listens there",
  ECONNRESET: "the connection was cut",
  EPIPE: "the connection was cut",
  ETIMEDOUT: "no answer",
  EHOSTUNREACH: "there is no way to it",
  ENETUNREACH: "there is no way to it",
  ENOTFOUND: "nobody knows this name (DNS)",
  EAI_AGAIN: "the name server does not answer (DNS)",
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  CERT_HAS_EXPIRED: "its certificate has expired, or the clock of one of the two is wrong",
  CERT_NOT_YET_VALID: "its certificate is not valid yet, or the clock of one of the two is wrong",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
  EPROTO: "it does not speak TLS as https wants it",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS as https wants it",
  HPE_INVALID_CONSTANT: "what it answers is no HTTP",
};

/** Why a request came to no answer, in one sentence with the server's name. */
export function httpComplaint(error: unknown, url: string): string {
  const code = errorCode(error);
  const host = URL.parse(url)?.host ?? "";
  const said = Object.hasOwn(words, code) ? words[code] : null;
  return `${host}: ${said ?? cleanText(errorText(error), 160)}${code === "" ? "" : ` (${code})`}`;
}
