import { dirname, resolve } from "node:path";
import type { Destination, Target, Token } from "../model/outbox.ts";
import type { Issue } from "./issue.ts";
import type { YamlFile } from "./read-yaml.ts";
import type { StationYaml } from "./station-schema.ts";

type DestinationYaml = NonNullable<StationYaml["outbox"]>[number];
type Complain = (path: readonly (string | number)[], message: string) => void;

/** Headers that a request has of its own. */
const ownHeaders =
  /^(content-type|content-length|idempotency-key|host|connection|transfer-encoding|expect|user-agent)$/i;
/** Headers that carry secrets by their names. */
const secretHeaders = /^(authorization|proxy-authorization|cookie)$|api-?key|token|secret|password/i;
/** Words of a query that are secrets by their names. */
const secretQuery = /key|token|secret|sig|password|auth/i;

/** The destinations of a station file, checked; what is wrong goes to `issues`. */
export function toOutbox(yaml: YamlFile<StationYaml>, issues: Issue[]): readonly Destination[] {
  const names = new Set<string>();
  return (yaml.value.outbox ?? []).flatMap((one, i) => {
    const complain: Complain = (path, message) => issues.push(yaml.issue(["outbox", i, ...path], message));
    if (names.has(one.name))
      complain(["name"], `"${one.name}" found a second time, each destination needs its own name`);
    names.add(one.name);
    const to = toTarget(one, dirname(yaml.file), complain);
    if (to === null) return [];
    const { name, from, also } = one;
    return [{ name, to, from, trial: also.includes("trial"), simulated: also.includes("simulated") }];
  });
}

function toTarget(one: DestinationYaml, folder: string, complain: Complain): Target | null {
  const { http, folder: path, token, headers = {}, ca } = one;
  if ((http === undefined) === (path === undefined)) {
    complain(
      [],
      http === undefined ? "http or folder was expected" : "http and folder found, one of them was expected",
    );
    return null;
  }
  if (http === undefined) {
    for (const key of ["headers", "token", "ca"] as const)
      if (one[key] !== undefined) complain([key], "found beside folder, it was expected beside http only");
    return { kind: "folder", path: resolve(folder, path ?? "") };
  }
  checkUrl(http, complain);
  for (const name of Object.keys(headers))
    if (ownHeaders.test(name)) complain(["headers", name], "found, the request has that header of its own");
    else if (secretHeaders.test(name))
      complain(["headers", name], "found, a secret was expected in a file or an environment variable: token");
    else if (!/^[A-Za-z0-9-]+$/.test(name) || /[^ -~]/.test(headers[name] ?? ""))
      complain(["headers", name], "found, letters, digits and dashes with plain text were expected");
  if (ca !== undefined && !http.startsWith("https:"))
    complain(["ca"], `found beside ${http}, it was expected beside https only`);
  return {
    kind: "http",
    url: http,
    headers,
    token: token === undefined ? null : toToken(token, folder, complain),
    ca: ca === undefined ? null : resolve(folder, ca),
  };
}

function checkUrl(http: string, complain: Complain): void {
  const url = URL.parse(http);
  if (url === null || !["http:", "https:"].includes(url.protocol)) {
    complain(
      ["http"],
      `"${http.slice(0, 100)}" found, an address such as https://mes.example.com/gangflash was expected`,
    );
    return;
  }
  if (url.username !== "" || url.password !== "")
    complain(["http"], "a name or password found in the address, it was expected in token");
  else if ([...url.searchParams.keys()].some((key) => secretQuery.test(key)))
    complain(["http"], "a secret found in the address, it was expected in token");
  if (url.hash !== "") complain(["http"], `"${url.hash}" found, a server never gets that part`);
}

function toToken(
  token: NonNullable<DestinationYaml["token"]>,
  folder: string,
  complain: Complain,
): Token | null {
  const { file, env, header, value } = token;
  if (!value.includes("{token}"))
    complain(["token", "value"], "{token} was expected in it, where the secret stands");
  if (ownHeaders.test(header))
    complain(["token", "header"], `"${header}" found, the request has that header of its own`);
  if (file !== undefined && env === undefined)
    return { in: { kind: "file", file: resolve(folder, file) }, header, value };
  if (env !== undefined && file === undefined) return { in: { kind: "env", name: env }, header, value };
  complain(
    ["token"],
    file === undefined ? "file or env was expected" : "file and env found, one of them was expected",
  );
  return null;
}
