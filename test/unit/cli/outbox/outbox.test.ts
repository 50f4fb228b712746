import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkOutbox } from "../../../../src/cli/doctor/check-outbox.ts";
import { outboxCheck } from "../../../../src/cli/fit/fit-outbox.ts";
import { outboxCommand, outboxSend, outboxSkip } from "../../../../src/cli/outbox/outbox.ts";
import { stationOf } from "../../../../src/cli/order/open-order.ts";
import { rehearsalOf } from "../../../../src/cli/line/rehearse.ts";
import {
  beginOutbox,
  bookPorts,
  startOutbox,
  subscriptionOf,
} from "../../../../src/cli/outbox/outbox-sender.ts";
import { chipChoice } from "../../../../src/family/table.ts";
import type { Profile } from "../../../../src/model/profile.ts";
import { openStore } from "../../../../src/store/open-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { batchOpening, dataFolder, morning, owned, run } from "../../store/books.ts";
import { madeUp } from "../doctor/made-up.ts";
import { someIo } from "../some-io.ts";

const quiet = { info: () => {}, warn: () => {} } as const;

/** A data folder with a station file in it. */
function bench(outbox: string) {
  const folder = dataFolder();
  const file = join(folder, "station.yaml");
  writeFileSync(
    file,
    `station: line1-bench\noutbox:\n${outbox}\nslots:\n  - { name: A1, port: "usb:1-4.1" }\n`,
  );
  const station = stationOf(file);
  const store = owned(folder);
  beginOutbox(station, store);
  store.openBatch(batchOpening());
  return { folder, file, station, store };
}

type Answer = (message: { readonly key: string; readonly seq: number }, response: ServerResponse) => void;

/** A receiver that keeps keys; answers 200 unless told otherwise. */
async function receiver(answer: Answer = (_, response) => void response.writeHead(200).end()) {
  const keys: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", () => {
      const said = JSON.parse(Buffer.concat(pieces).toString("utf8")) as { key: string; seq: number };
      keys.push(said.key);
      answer(said, response);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { keys, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in` };
}

function closing(store: Store): void {
  store.close();
}

test("what waits is sent by hand, to a server and into a folder, and the table says so before and after", async () => {
  const { keys, url } = await receiver();
  const it = bench(`  - { name: mes, http: "${url}" }\n  - { name: share, folder: out }`);
  mkdirSync(join(it.folder, "out"));
  for (let i = 1; i <= 5; i += 1) run(it.store, `UNIT-${i}`);
  const before = someIo();
  outboxCommand(it.file, it.folder, before.io);
  expect(before.out.join("\n")).toContain("waiting    6, the oldest since 2026-11-23T06:00:00.000Z");
  closing(it.store);
  const { io, out } = someIo(true);
  expect(await outboxSend(it.file, null, it.folder, io)).toBe(0);
  expect(out.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { type: "destination", name: "mes", to: url, state: "idle", delivered: 6, waiting: 0, failure: null },
    { type: "destination", name: "share", state: "idle", delivered: 6, waiting: 0 },
  ]);
  expect(keys).toHaveLength(6);
  expect(new Set(keys).size).toBe(6);
  const files = readdirSync(join(it.folder, "out")).toSorted();
  expect(files.map((name) => name.slice(13, -5))).toEqual(keys);
});

test("a receiver that is down lets something wait: exit 3 after the time that was given, and the reason", async () => {
  const it = bench("  - { name: share, folder: not-mounted }");
  run(it.store, "UNIT-1");
  closing(it.store);
  const { io, out, err } = someIo();
  expect(await outboxSend(it.file, 5, it.folder, io)).toBe(3);
  expect(err[0]).toMatch(/^share: .*not-mounted: there is no such folder; make it, or mount the share$/);
  expect(out.join("\n")).toMatch(/waiting {4}2, .*\n {2}failing {4}since .*there is no such folder/);
});

test("Ctrl-C ends the sending at once, with a server that never answers", async () => {
  const { url, keys } = await receiver(() => {});
  const it = bench(`  - { name: mes, http: "${url}" }`);
  run(it.store, "UNIT-1");
  closing(it.store);
  const { io, interrupt } = someIo();
  const sent = outboxSend(it.file, null, it.folder, io);
  while (keys.length === 0) await new Promise((resolve) => void setTimeout(resolve, 20));
  const begin = performance.now();
  interrupt();
  expect(await sent).toBe(130);
  expect(performance.now() - begin).toBeLessThan(3000);
});

test("a refused message ends the sending with 3; skipped with a reason, the rest goes", async () => {
  let bad = "";
  const { url, keys } = await receiver(({ key }, response) => {
    if (key.startsWith("r1-")) bad = key;
    response.writeHead(key === bad ? 422 : 200).end(key === bad ? "no such order" : "");
  });
  const it = bench(`  - { name: mes, http: "${url}" }`);
  run(it.store, "UNIT-1");
  run(it.store, "UNIT-2");
  closing(it.store);
  const first = someIo();
  expect(await outboxSend(it.file, null, it.folder, first.io)).toBe(3);
  expect(first.out.join("\n")).toContain(`REFUSED    ${bad}`);
  expect(first.err).toEqual(["mes: HTTP 422: no such order"]);
  const skip = {
    name: "mes",
    station: it.file,
    key: bad,
    reason: "order was deleted",
    by: "A. Kim",
    data: it.folder,
  };
  const wrong = someIo();
  expect(() => outboxSkip({ ...skip, key: "r2-x" }, wrong.io)).toThrow(bad);
  expect(() => outboxSkip({ ...skip, name: "mess" }, wrong.io)).toThrow('did you mean "mes"?');
  const { io, out } = someIo();
  expect(outboxSkip(skip, io)).toBe(0);
  expect(out[0]).toMatch(/^mes: record 1, UNIT-1 is passed over \(deed \d+\)$/);
  expect(await outboxSend(it.file, null, it.folder, someIo().io)).toBe(0);
  expect(keys.filter((key) => key.startsWith("r2-"))).toHaveLength(1);
  const reader = openStore(it.folder, { mode: "reader" });
  expect(reader.deeds({ kind: "message-skipped" })).toMatchObject([
    { by: "A. Kim", detail: { destination: "mes", key: bad, reason: "order was deleted" } },
  ]);
  reader.close();
});

test("a station without an outbox, and a data folder without books, are told; nothing is made", async () => {
  const folder = dataFolder();
  const file = join(folder, "station.yaml");
  writeFileSync(file, 'station: line1\nslots:\n  - { name: A1, port: "usb:1-4.1" }\n');
  expect(() => outboxCommand(file, folder, someIo().io)).toThrow("station line1 has no outbox");
  expect(() => outboxCommand("", folder, someIo().io)).toThrow("--station FILE was expected");
  writeFileSync(
    file,
    'station: line1\noutbox: [{ name: share, folder: out }]\nslots:\n  - { name: A1, port: "usb:1-4.1" }\n',
  );
  const nowhere = join(folder, "mistyped");
  await expect(outboxSend(file, null, nowhere, someIo().io)).rejects.toThrow("there are no records yet");
  const { io, out } = someIo();
  expect(outboxCommand(file, nowhere, io)).toBe(0);
  expect(out[1]).toContain("new        the next start of the line with this station file begins");
  expect(readdirSync(folder)).toEqual(["station.yaml"]);
});

test("the list before a shift says what waits, looks after an hour, and stops nothing", () => {
  const it = bench("  - { name: share, folder: out }");
  const check = (at: Date) => outboxCheck(it.station, it.store, at);
  run(it.store, "UNIT-1");
  const soon = new Date(morning.getTime() + 60_000);
  expect(check(soon)).toEqual({ what: "outbox", state: "yes", facts: { waiting: 2 } });
  expect(check(new Date(morning.getTime() + 3_700_000))).toMatchObject({
    state: "look",
    facts: { waiting: 2 },
  });
  it.store.outboxFailed("share", { why: "HTTP 422", at: morning, refused: "r1-x" });
  expect(check(soon)).toEqual({ what: "outbox", state: "look", facts: { waiting: 2, refused: "share" } });
  expect(
    outboxCheck({ ...it.station, rules: { ...it.station.rules, outbox: [] } }, it.store, soon),
  ).toBeNull();
});

test("the doctor says where each receiver stands and what is missing, and a line without one is fit", () => {
  const outbox = [
    '  - { name: mes, http: "http://mes.example.com/in", token: { file: mes.token } }',
    '  - { name: env, http: "https://mes.example.com/in", token: { env: MES_TOKEN }, ca: plant.pem }',
    "  - { name: share, folder: out }",
  ].join("\n");
  const it = bench(outbox);
  run(it.store, "UNIT-1");
  it.store.outboxFailed("share", { why: "the share is gone", at: morning, refused: null });
  const said = checkOutbox(it.station, it.folder, madeUp()).map(
    ({ state, what, seen }) => `${state} ${what}: ${seen}`,
  );
  expect(said).toEqual([
    `warn outbox mes: the token file ${it.folder}/mes.token is empty or cannot be read`,
    "warn outbox mes: its token goes over the network readable: http, not https",
    "ok outbox mes: 2 waiting for http://mes.example.com/in",
    "warn outbox env: MES_TOKEN, which has the token, is not set here",
    `warn outbox env: the certificate file ${it.folder}/plant.pem cannot be read`,
    "ok outbox env: 2 waiting for https://mes.example.com/in",
    `warn outbox share: ${it.folder}/out is not there`,
    `warn outbox share: 2 waiting for ${it.folder}/out; the share is gone`,
  ]);
  expect(checkOutbox(null, it.folder, madeUp())).toEqual([]);
});

test("a rehearsal sends nothing", () => {
  const it = bench("  - { name: share, folder: out, also: [simulated, trial] }");
  const chip = chipChoice("STM32F405");
  const recipe = { chip } as unknown as Profile;
  expect(rehearsalOf(it.station, recipe, []).rules.outbox).toEqual([]);
});

test("a record is sent no sooner than it is on the disk", async () => {
  const it = bench("  - { name: share, folder: out }");
  const [destination] = it.station.rules.outbox;
  if (destination === undefined) throw new Error("a destination was expected");
  const of = subscriptionOf(it.station, destination);
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = 0;
  const held = {
    ...it.store,
    onDisk: async () => {
      asked += 1;
      await promise;
    },
  };
  it.store.unhurried(() => run(it.store, "UNIT-1"));
  const ports = bookPorts("share", of, held, quiet);
  let got = false;
  const next = ports.next().then((found) => {
    got = true;
    return found;
  });
  await new Promise((done) => void setTimeout(done, 30));
  expect(got).toBe(false);
  resolve();
  expect(await next).toMatchObject({ kind: "message" });
  await ports.next();
  // The second message was on the disk with the first one.
  expect(asked).toBe(1);
});

test("a failure is logged once for each reason, and once when it is over", () => {
  const it = bench("  - { name: share, folder: out }");
  const said: string[] = [];
  const log = {
    info: (_: unknown, text: string) => void said.push(text),
    warn: (what: { why?: string }) => void said.push(what.why ?? ""),
  };
  const [destination] = it.station.rules.outbox;
  if (destination === undefined) throw new Error("a destination was expected");
  const ports = bookPorts("share", subscriptionOf(it.station, destination), it.store, log as never);
  for (let i = 0; i < 100; i += 1) ports.failed(null, "HTTP 500", false);
  ports.failed(null, "HTTP 503", false);
  const next = it.store.outboxNext("share", subscriptionOf(it.station, destination));
  if (next.kind !== "message") throw new Error("a message was expected");
  ports.taken(next.message);
  expect(said).toEqual(["HTTP 500", "HTTP 503", "outbox works again"]);
});

test("a line that runs sends each record by itself, and stops without waiting for a dead server", async () => {
  const { url, keys } = await receiver();
  const it = bench(`  - { name: mes, http: "${url}" }`);
  const outbox = startOutbox(it.station, it.store, quiet);
  if (outbox === null) throw new Error("an outbox was expected");
  run(outbox.books, "UNIT-1");
  await outbox.settle(10_000, new AbortController().signal);
  expect(keys.map((key) => key.split("-")[0])).toEqual(["d1", "r1"]);
  run(outbox.books, "UNIT-2");
  await outbox.settle(10_000, new AbortController().signal);
  expect(keys.map((key) => key.split("-")[0])).toEqual(["d1", "r1", "r2"]);
  outbox[Symbol.dispose]();
  const dead = await receiver(() => {});
  const other = bench(`  - { name: mes, http: "${dead.url}" }`);
  const hanging = startOutbox(other.station, other.store, quiet);
  while (dead.keys.length === 0) await new Promise((resolve) => void setTimeout(resolve, 20));
  const begin = performance.now();
  await hanging?.settle(100, new AbortController().signal);
  hanging?.[Symbol.dispose]();
  other.store.close();
  expect(performance.now() - begin).toBeLessThan(2000);
});
