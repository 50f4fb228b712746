import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createSecure } from "node:https";
import { createServer as createPlain, type AddressInfo, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Delivered, Target, Token } from "../../../../src/model/outbox.ts";
import { httpPoster } from "../../../../src/transport/outbox/http-post.ts";

type HttpTarget = Extract<Target, { kind: "http" }>;
const key = "r17-0123456789abcdef0123456789abcdef";
const text = '{"type":"attempt","record":{"barcode":"UNIT-1 Ω"}}';
const never = new AbortController().signal;

async function listening(server: Server | ReturnType<typeof createPlain>): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const at = (port: number, more: Partial<HttpTarget> = {}): HttpTarget => ({
  kind: "http",
  url: `http://127.0.0.1:${port}/in?line=1`,
  headers: {},
  token: null,
  ca: null,
  ...more,
});

const serving = async (listener: RequestListener): Promise<HttpTarget> =>
  at(await listening(createServer(listener)));

async function bodyOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString("utf8");
}

const post = async (to: HttpTarget, signal = never, env = {}): Promise<Delivered> =>
  await httpPoster(env).post(to, key, text, signal);

const whyOf = (said: Delivered): string => ("why" in said ? said.why : "");

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "gangflash-post-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

test("a message is one POST of JSON with its key, and the connection stays open for the next one", async () => {
  const seen: {
    method: string;
    url: string;
    body: string;
    headers: IncomingMessage["headers"];
    socket: Socket;
  }[] = [];
  const to = await serving((request, response) => {
    const { method = "", url = "", headers, socket } = request;
    void bodyOf(request).then((body) => {
      seen.push({ method, url, body, headers, socket });
      response.writeHead(201).end('{"ok":true}');
    });
  });
  const poster = httpPoster({});
  for (let i = 0; i < 3; i += 1)
    expect(await poster.post({ ...to, headers: { "X-Line": "line1" } }, key, text, never)).toEqual({
      kind: "taken",
    });
  expect(seen.map(({ method, url, body }) => ({ method, url, body }))[2]).toEqual({
    method: "POST",
    url: "/in?line=1",
    body: text,
  });
  expect(seen[0]?.headers).toMatchObject({
    "content-type": "application/json",
    "idempotency-key": `"${key}"`,
    "x-line": "line1",
  });
  expect(new Set(seen.map(({ socket }) => socket)).size).toBe(1);
});

test.each([
  [200, "taken", ""],
  [204, "taken", ""],
  [409, "taken", ""],
  [400, "refused", "HTTP 400: no such order"],
  [401, "refused", "HTTP 401: no such order (is the token right?)"],
  [404, "refused", "HTTP 404: no such order"],
  [422, "refused", "HTTP 422: no such order"],
  [408, "later", "HTTP 408: no such order"],
  [425, "later", "HTTP 425: no such order"],
  [429, "later", "HTTP 429: no such order"],
  [500, "later", "HTTP 500: no such order"],
  [503, "later", "HTTP 503: no such order"],
] as const)("an answer %i is %s", async (status, kind, why) => {
  const to = await serving((_, response) => {
    response.writeHead(status);
    response.end(status === 204 ? undefined : "no such order\nand more");
  });
  const said = await post(to);
  expect({ kind: said.kind, why: whyOf(said) }).toEqual({ kind, why });
});

test("a redirect is not followed, and says where it points without the words of its query", async () => {
  let asked = 0;
  const to = await serving((_, response) => {
    asked += 1;
    response.writeHead(308, { Location: "https://mes.example.com/new?key=s3cret" }).end();
  });
  expect(await post(to)).toEqual({
    kind: "later",
    why: "HTTP 308: it points to https://mes.example.com/new, and redirects are not followed",
    waitMs: null,
  });
  expect(asked).toBe(1);
});

test("a server that asks for time gets it, as seconds or as a date", async () => {
  const values = ["120", new Date(Date.now() + 90_000).toUTCString(), "soon"];
  const to = await serving((_, response) => {
    response.writeHead(503, { "Retry-After": values.shift() }).end();
  });
  expect(await post(to)).toMatchObject({ waitMs: 120_000 });
  const dated = await post(to);
  expect(dated.kind === "later" ? dated.waitMs : 0).toBeGreaterThan(60_000);
  expect(await post(to)).toMatchObject({ kind: "later", waitMs: null });
});

test("a server that takes the message and never answers is given up when its time is over", async () => {
  const to = await serving(() => {});
  const stop = new AbortController();
  const begin = performance.now();
  setTimeout(() => stop.abort(), 100);
  expect((await post(to, stop.signal)).kind).toBe("later");
  expect(performance.now() - begin).toBeLessThan(5000);
});

test("an answer that never ends counts by its status, and holds nothing up", async () => {
  const to = await serving((_, response) => {
    response.writeHead(200).write("begun");
    const timer = setInterval(() => response.write("."), 50);
    response.on("close", () => clearInterval(timer));
  });
  expect(await post(to)).toEqual({ kind: "taken" });
  const flood = await serving((_, response) => {
    response.writeHead(500).write("<html>");
    response.write("x".repeat(200_000));
    response.on("error", () => {});
  });
  expect(await post(flood)).toEqual({ kind: "later", why: "HTTP 500", waitMs: null });
});

test("a connection that is cut before its answer, or half-way through its header, is no answer", async () => {
  const cuts = [
    (socket: Socket) => void socket.destroy(),
    (socket: Socket) => void socket.once("data", () => socket.resetAndDestroy()),
    (socket: Socket) => void socket.once("data", () => socket.end("HTTP/1.1 20")),
  ];
  for (const cut of cuts) {
    const server = createPlain((socket) => {
      socket.on("error", () => {});
      cut(socket);
    });
    const said = await post(at(await listening(server)));
    expect(said.kind).toBe("later");
    expect(whyOf(said)).toMatch(/^127\.0\.0\.1:\d+: /);
  }
});

test("what is no HTTP at all is told in words", async () => {
  const server = createPlain((socket) => void socket.on("error", () => {}).end("220 mail ready\r\n"));
  expect(whyOf(await post(at(await listening(server))))).toContain("what it answers is no HTTP");
});

test("a resting connection that the server closed costs no failure", async () => {
  let asked = 0;
  const server = createServer((_, response) => {
    asked += 1;
    response.writeHead(200).end();
  });
  const sockets: Socket[] = [];
  server.on("connection", (socket: Socket) => sockets.push(socket));
  const to = at(await listening(server));
  const poster = httpPoster({});
  expect(await poster.post(to, key, text, never)).toEqual({ kind: "taken" });
  // Cut in the very turn in which the next message goes out.
  sockets[0]?.resetAndDestroy();
  expect(await poster.post(to, key, text, never)).toEqual({ kind: "taken" });
  expect(asked).toBe(2);
});

test("that nobody listens is told in words", async () => {
  const gone = createServer();
  const free = await new Promise<number>((resolve) => {
    gone.listen(0, "127.0.0.1", () => {
      const { port: one } = gone.address() as AddressInfo;
      gone.close(() => resolve(one));
    });
  });
  expect(await post(at(free))).toEqual({
    kind: "later",
    why: `127.0.0.1:${free}: nobody listens there (ECONNREFUSED)`,
    waitMs: null,
  });
});

describe("a token", () => {
  const secret = "tOpS3cret-token";
  const token = (more: Partial<Token>): Token => ({
    in: { kind: "env", name: "MES_TOKEN" },
    header: "Authorization",
    value: "Bearer {token}",
    ...more,
  });

  test("comes from a file or the environment, is read anew each time, and goes into its header", async () => {
    const seen: (string | undefined)[] = [];
    const to = await serving((request, response) => {
      seen.push(request.headers.authorization ?? String(request.headers["x-api-key"]));
      response.writeHead(200).end();
    });
    const file = join(folder(), "mes.token");
    writeFileSync(file, `${secret}\n`);
    const poster = httpPoster({ MES_TOKEN: "from-env" });
    const ofFile = { ...to, token: token({ in: { kind: "file", file } }) };
    await poster.post(ofFile, key, text, never);
    writeFileSync(file, "rotated");
    await poster.post(ofFile, key, text, never);
    await poster.post({ ...to, token: token({ header: "X-Api-Key", value: "{token}" }) }, key, text, never);
    expect(seen).toEqual([`Bearer ${secret}`, "Bearer rotated", "from-env"]);
  });

  test("that a server says again in its answer is not passed on", async () => {
    const to = await serving((request, response) => {
      response.writeHead(403).end(`no rights for ${request.headers.authorization ?? ""}`);
    });
    const said = await post({ ...to, token: token({}) }, never, { MES_TOKEN: secret });
    expect(whyOf(said)).toBe("HTTP 403: no rights for Bearer *** (is the token right?)");
  });

  test("that is not there, or cannot stand in a header, is told without being shown; nothing is sent", async () => {
    let asked = 0;
    const to = await serving((_, response) => {
      asked += 1;
      response.writeHead(200).end();
    });
    expect(whyOf(await post({ ...to, token: token({}) }))).toContain(
      "MES_TOKEN, which has the token, is not set",
    );
    const gone = token({ in: { kind: "file", file: join(folder(), "no.token") } });
    expect(whyOf(await post({ ...to, token: gone }))).toContain("no.token cannot be read");
    const odd = whyOf(await post({ ...to, token: token({}) }, never, { MES_TOKEN: `${secret}\r\nX: y` }));
    expect(odd).toContain("characters that a header cannot carry");
    expect(odd).not.toContain(secret);
    expect(asked).toBe(0);
  });
});

describe.skipIf(spawnSync("openssl", ["version"]).status !== 0)(
  "a server with TLS (openssl is needed)",
  () => {
    function certificate(name: string): {
      readonly key: string;
      readonly cert: string;
      readonly file: string;
    } {
      const place = folder();
      const [keyFile, certFile] = [join(place, "key.pem"), join(place, "cert.pem")];
      const words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split(" ");
      const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=${name}`];
      const made = spawnSync("openssl", [...words, ...names, "-keyout", keyFile, "-out", certFile]);
      expect(made.status).toBe(0);
      return { key: readFileSync(keyFile, "utf8"), cert: readFileSync(certFile, "utf8"), file: certFile };
    }

    async function secure(name: string) {
      const { key: own, cert, file } = certificate(name);
      let asked = 0;
      const server = createSecure({ key: own, cert }, (_, response) => {
        asked += 1;
        response.writeHead(200).end();
      });
      const port = await listening(server);
      return { to: at(port, { url: `https://127.0.0.1:${port}/in` }), file, asked: () => asked };
    }

    test("whose certificate nobody vouches for gets nothing, and the sentence says what helps", async () => {
      const { to, asked } = await secure("IP:127.0.0.1");
      expect(whyOf(await post(to))).toContain(
        "its certificate is of an authority that is not known here; the plant's own stands in ca: of the station file",
      );
      expect(asked()).toBe(0);
    });

    test("is trusted with the plant's own authority, and not under another name", async () => {
      const right = await secure("IP:127.0.0.1");
      expect(await post({ ...right.to, ca: right.file })).toEqual({ kind: "taken" });
      const other = await secure("DNS:mes.example.com");
      expect(whyOf(await post({ ...other.to, ca: other.file }))).toContain(
        "its certificate is for another name",
      );
      expect(other.asked()).toBe(0);
      expect(whyOf(await post({ ...right.to, ca: "/no/such/ca.pem" }))).toContain("cannot be read");
    });

    test("that is asked without TLS, or asked with it where it has none, is told in words", async () => {
      const plain = await listening(createServer());
      expect(whyOf(await post(at(plain, { url: `https://127.0.0.1:${plain}/` })))).toContain(
        "it does not speak TLS as https wants it",
      );
    });
  },
);
