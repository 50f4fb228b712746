import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createNet, type AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { checkerOf } from "../../src/report/pack.ts";
import { openTerminal, tmuxThere } from "../tools/terminal.ts";
import {
  bench,
  firmware,
  gangflash,
  profileText,
  program,
  runWords,
  simStation,
  start,
  type Ended,
} from "./gangflash.ts";

const uart = 'port: "sim:STM32F405:uart"';
const usb = 'port: "sim:STM32F405:usb"';
const document = readFileSync(join(import.meta.dirname, "../../docs/outbox.md"), "utf8");
const python = spawnSync("python3", ["--version"]).status === 0;
const also = "also: [simulated, trial]";

/** A bench of simulated boards with an outbox. */
const files = (outbox: string) => ({
  "station.yaml": simStation(
    { A1: uart, A2: `${usb}, mishap: { flipBit: 5000 }`, B1: usb, B2: usb, B3: usb, B4: usb },
    outbox,
  ),
  "profile.yaml": profileText(),
  "fw.bin": firmware(8192),
});
const toUrl = (url: string, more = ""): string =>
  `outbox:\n  - { name: mes, http: "${url}", ${also}${more} }\n`;
const words = (folder: string, ...more: string[]): string[] => [
  ...more,
  "--station",
  join(folder, "station.yaml"),
  "--data",
  join(folder, "data"),
];

interface Said {
  readonly type: string;
  readonly key: string;
  readonly seq: number;
  readonly hash: string;
  readonly kind?: string;
  readonly record: { readonly barcode: string | null };
}

/** A receiver in this process; what it answers to each message is the test's. */
async function receiver(answer: (said: Said, response: ServerResponse) => void) {
  const got: Said[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("error", () => {});
    request.on("end", () => {
      const said = JSON.parse(Buffer.concat(pieces).toString("utf8")) as Said;
      got.push(said);
      answer(said, response);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in` };
}

async function freePort(): Promise<number> {
  const server = createNet();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}

const done = (ended: Ended): Ended => {
  expect(ended.code, ended.err).toBe(0);
  return ended;
};

/** A gang run of this many units, one after another in A1. */
async function make(folder: string, ...units: string[]): Promise<void> {
  for (const unit of units) done(await gangflash(runWords(folder, [`A1=UNIT-${unit}`])));
}

describe.skipIf(!python)("the receiver of docs/outbox.md, in Python (python3 is needed)", () => {
  function receive(folder: string, port: number) {
    const file = join(folder, "receiver.py");
    writeFileSync(file, checkerOf(document));
    const kept = join(folder, "messages.jsonl");
    const child = spawn("python3", [file, String(port), kept], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString("utf8")));
    const stop = (): void => void child.kill("SIGKILL");
    onTestFinished(stop);
    return { stop, said: () => said, kept };
  }
  const keptIn = (file: string): Said[] =>
    existsSync(file)
      ? readFileSync(file, "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line) as Said)
      : [];

  test("has no more than thirty lines", () => {
    expect(checkerOf(document).trimEnd().split("\n").length).toBeLessThanOrEqual(30);
  });

  test(
    "keeps each attempt and decision once and in order, over a time when it was off, up to the head that the audit tells",
    { timeout: 120_000 },
    async () => {
      const port = await freePort();
      const folder = bench(files(toUrl(`http://127.0.0.1:${port}/in`)));
      const first = receive(folder, port);
      while (!first.said().includes("Error")) {
        // It listens when somebody can speak to it.
        const there = await fetch(`http://127.0.0.1:${port}/`).then(
          () => true,
          () => false,
        );
        if (there) break;
        await pause(50);
      }
      await make(folder, "0001");
      first.stop();
      const failed = await gangflash(runWords(folder, ["A2=UNIT-0002"]));
      expect(failed.code).toBe(1);
      expect(failed.err).toContain("note: messages wait for mes (");
      await make(folder, "0003");
      const data = ["--data", join(folder, "data")];
      done(
        await gangflash([
          "unit",
          "void",
          "UNIT-0003",
          "--reason",
          "fixture was open",
          "--by",
          "A. Kim",
          ...data,
        ]),
      );
      done(await gangflash(["batch", "close", "WO-1", ...data]));
      const off = await gangflash(words(folder, "outbox", "send", "--for", "1"));
      expect(off.code).toBe(3);
      expect(off.out).toMatch(/failing .*nobody listens there/);
      const second = receive(folder, port);
      done(await gangflash(words(folder, "outbox", "send", "--for", "60")));
      expect(
        keptIn(second.kept).map(({ type, kind, record }) => `${kind ?? type} ${record.barcode ?? ""}`.trim()),
      ).toEqual([
        "batch-opened",
        "attempt UNIT-0001",
        "attempt UNIT-0002",
        "attempt UNIT-0003",
        "unit-voided UNIT-0003",
        "batch-closed",
      ]);
      const audit = done(await gangflash(["audit", "--json", ...data])).lines()[0];
      const last = keptIn(second.kept).findLast(({ type }) => type === "attempt");
      expect(audit).toMatchObject({ head: { seq: last?.seq, hash: last?.hash } });
      // Nothing was refused: each link held.
      expect(second.said()).not.toMatch(/ 422 /);
    },
  );

  test("refuses a message whose text was changed on its way", { timeout: 60_000 }, async () => {
    const port = await freePort();
    const folder = bench(files(`outbox:\n  - { name: share, folder: out, ${also} }\n`));
    mkdirSync(join(folder, "out"));
    await make(folder, "0001");
    done(await gangflash(words(folder, "outbox", "send")));
    const names = readdirSync(join(folder, "out")).toSorted();
    expect(names).toHaveLength(2);
    const texts = names.map((name) => readFileSync(join(folder, "out", name), "utf8"));
    receive(folder, port);
    const post = async (body: string): Promise<number> => {
      for (let i = 0; i < 200; i += 1) {
        try {
          return (await fetch(`http://127.0.0.1:${port}/`, { method: "POST", body })).status;
        } catch {
          await pause(50);
        }
      }
      throw new Error("the receiver did not start");
    };
    expect(await post(texts[1]?.replace("UNIT-0001", "UNIT-0009") ?? "")).toBe(422);
    // As files or over HTTP: the same bytes.
    expect([await post(texts[0] ?? ""), await post(texts[1] ?? ""), await post(texts[1] ?? "")]).toEqual([
      201, 201, 409,
    ]);
  });
});

test(
  "a program that is killed between a receiver's yes and its own note of it sends again, with the same key, in order",
  { timeout: 240_000 },
  async () => {
    let victim: { kill(signal: NodeJS.Signals): boolean } | null = null;
    let killAt = 2;
    const { got, url } = await receiver((_, response) => {
      if (victim !== null && got.length % killAt === 0) {
        victim.kill("SIGKILL");
        victim = null;
      }
      response.writeHead(200).end();
    });
    const folder = bench(files(toUrl("http://127.0.0.1:9/down")));
    for (const tens of [1, 2])
      done(
        await gangflash(
          runWords(
            folder,
            [1, 2, 3, 4].map((n) => `B${n}=UNIT-00${tens}${n}`),
          ),
        ),
      );
    writeFileSync(join(folder, "station.yaml"), files(toUrl(url))["station.yaml"]);
    let kills = 0;
    for (let round = 0; round < 30; round += 1) {
      killAt = 2 + (round % 2);
      const sending = start(words(folder, "outbox", "send"));
      victim = sending.child;
      const ended = await sending.ended;
      if (ended.code === 0) break;
      expect(ended.signal).toBe("SIGKILL");
      kills += 1;
      // Its courier has ended with it; what it had said yes to is behind us.
      await pause(100);
    }
    expect(kills).toBeGreaterThan(2);
    const firsts = [...new Set(got.map(({ key }) => key))];
    expect(firsts).toEqual(
      ["d1", ...[1, 2, 3, 4, 5, 6, 7, 8].map((n) => `r${n}`)].map((start) =>
        firsts.find((key) => key.startsWith(`${start}-`)),
      ),
    );
    expect(firsts).toHaveLength(9);
    // At most one double a kill, and it comes right behind the first one.
    expect(got.length - firsts.length).toBeLessThanOrEqual(kills);
    const doubles = got.filter(({ key }, i) => got.findIndex((one) => one.key === key) !== i);
    expect(doubles).toEqual(
      got.filter(({ key, hash }, i) => got[i - 1]?.key === key && got[i - 1]?.hash === hash),
    );
    const table = done(await gangflash(words(folder, "outbox", "--json"))).lines();
    expect(table).toMatchObject([{ name: "mes", state: "idle", waiting: 0 }]);
    expect(done(await gangflash(["audit", "--data", join(folder, "data")])).out).toContain("whole");
  },
);

test(
  "a run says and answers the same with a server that is down, that hangs, or without one",
  { timeout: 120_000 },
  async () => {
    const hanging = await receiver(() => {});
    const folders = ["", toUrl("http://127.0.0.1:9/down"), toUrl(hanging.url)].map((outbox) =>
      bench(files(outbox)),
    );
    const heard: string[][] = [];
    for (const folder of folders) {
      const ended = await gangflash(runWords(folder, ["A1=UNIT-0001", "A2=UNIT-0002"]));
      expect(ended.code).toBe(1);
      for (const slot of ["A1", "A2"])
        heard.push(
          ended
            .lines()
            .filter((line) => line["slot"] === undefined || line["slot"] === slot)
            .map((line) => JSON.stringify({ ...line, ms: 0, uid: "", failure: line.failure?.code ?? null })),
        );
    }
    const [a1 = [], a2 = []] = heard;
    expect(a1.length).toBeGreaterThan(20);
    expect(heard).toEqual([a1, a2, a1, a2, a1, a2]);
    expect(hanging.got).toHaveLength(1);
  },
);

test(
  "a token stands in no file of the data folder, in no output, and in no list of processes",
  { timeout: 60_000 },
  async () => {
    const secret = `s3cret-${createHash("sha256").update("outbox").digest("hex").slice(0, 12)}`;
    const headers: string[] = [];
    const server = createServer((request, response) => {
      headers.push(request.headers.authorization ?? "");
      request.resume();
      // A receiver that says in its answer what it was told.
      response.writeHead(403).end(`not for ${request.headers.authorization ?? ""}`);
    });
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`;
    const folder = bench({
      ...files(toUrl(url, ", token: { file: mes.token }")),
      "mes.token": `${secret}\n`,
    });
    const running = start(runWords(folder, ["A1=UNIT-0001"]));
    const lists: string[] = [];
    while (headers.length === 0) {
      lists.push(spawnSync("ps", ["-eo", "args"], { encoding: "utf8" }).stdout ?? "");
      await pause(20);
    }
    const run = await running.ended;
    const said = [
      run,
      await gangflash(words(folder, "outbox")),
      await gangflash(words(folder, "outbox", "send", "--json")),
    ];
    expect(headers[0]).toBe(`Bearer ${secret}`);
    expect(said.map(({ out, err }) => out + err).join("\n")).toContain("not for Bearer ***");
    const texts = [
      ...said.flatMap(({ out, err }) => [out, err]),
      ...lists,
      ...globSync("data/**/*", { cwd: folder })
        .map((name) => join(folder, name))
        .filter((file) => statSync(file).isFile())
        .map((file) => readFileSync(file, "latin1")),
    ];
    expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  },
);

test(
  "trials and simulated boards stay here unless the station file says so",
  { timeout: 60_000 },
  async () => {
    const { got, url } = await receiver((_, response) => void response.writeHead(200).end());
    const folder = bench(files(`outbox:\n  - { name: mes, http: "${url}" }\n`));
    await make(folder, "0001");
    done(await gangflash(words(folder, "outbox", "send")));
    expect(got).toEqual([]);
  },
);

test.skipIf(!tmuxThere)(
  "the operator's screen sends while boards run, says what waits, and is left without waiting for a server that hangs",
  { timeout: 120_000 },
  async () => {
    let hang = false;
    const { got, url } = await receiver((_, response) => {
      if (!hang) response.writeHead(200).end();
    });
    const folder = bench({
      ...files(toUrl(url)),
      "badges.yaml": simStation({ A1: uart }, `login: badge\n${toUrl(url)}`),
    });
    const data = `--data "${join(folder, "data")}"`;
    const open = (station: string) =>
      openTerminal(
        `cd "${folder}" && NO_COLOR=1 TERM=xterm-256color exec "${process.execPath}" "${program}" --station ${station} --profile profile.yaml --batch WO-1 ${data}`,
        80,
        24,
      );
    {
      using at = open("station.yaml");
      await at.until((text) => text.includes("SCAN"));
      at.scan("UNIT-0001");
      await at.until((text) => text.includes("0001 PASS"));
      const begin = performance.now();
      while (!got.some(({ key }) => key.startsWith("r1-"))) {
        expect(performance.now() - begin).toBeLessThan(30_000);
        await pause(50);
      }
      hang = true;
      at.scan("UNIT-0003");
      while (!got.some(({ key }) => key.startsWith("r2-"))) await pause(50);
      at.key("C-c");
      const asked = performance.now();
      while (at.exitCode() === null) {
        expect(performance.now() - asked, at.screen().join("\n")).toBeLessThan(8000);
        await pause(50);
      }
      expect(at.exitCode()).toBe(0);
    }
    done(
      await gangflash([
        "people",
        "add",
        "M. Lang",
        "--role",
        "lead",
        "--badge",
        "B-1",
        "--data",
        join(folder, "data"),
      ]),
    );
    using at = open("badges.yaml");
    const rows = await at.until((text) => text.includes("outbox"));
    expect(rows.find((row) => row.includes("outbox"))?.trim()).toBe("+ outbox     1 waiting");
    at.key("C-c");
  },
);
