import { fork } from "node:child_process";
import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { parseArgs } from "node:util";
import { stationOf } from "../../src/cli/order/open-order.ts";
import { beginOutbox, startOutbox } from "../../src/cli/outbox/outbox-sender.ts";
import { openStore } from "../../src/store/open-store.ts";
import { makeBooks } from "./make-books.ts";

const help = `npm run bench:outbox -- [--messages N] [--folder] [--json]

How fast a backlog drains to a server on this machine (a process of its own), or into a folder, and how long the event loop of the
line stands still meanwhile, beside the same process that does nothing.
`;

const { values } = parseArgs({
  options: {
    messages: { type: "string", default: "10000" },
    folder: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    serve: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

/** The server, in the process that this file starts of itself: it keeps nothing, and takes everything. */
function serve(): void {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => void response.writeHead(200).end());
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
}

async function stalls(
  during: () => Promise<unknown>,
): Promise<{ readonly ms: number; readonly p99: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await during();
  delay.disable();
  return { ms: delay.max / 1e6, p99: delay.percentile(99) / 1e6 };
}

async function measure(folder: string, url: string | null): Promise<void> {
  const file = join(folder, "station.yaml");
  const out = join(folder, "out");
  mkdirSync(out);
  const to = url === null ? `folder: "${out}"` : `http: "${url}"`;
  writeFileSync(
    file,
    `station: bench\noutbox: [{ name: mes, ${to}, from: beginning }]\nslots: [{ name: A1, port: "usb:1-4.1" }]\n`,
  );
  const station = stationOf(file);
  const messages = Number(values.messages);
  // A fifth of the units has two attempts.
  const books = makeBooks(folder, Math.ceil(messages / 1.2), () => {});
  // They were made without a wait for the disk; the first one that waits must not wait for all of them.
  const handle = openSync(books, "r+");
  fsyncSync(handle);
  closeSync(handle);
  using store = openStore(folder, { mode: "owner", station: "bench", timezone: null, toolVersion: "bench" });
  beginOutbox(station, store);
  const nothing = await stalls(async () => await new Promise((resolve) => void setTimeout(resolve, 3000)));
  const begin = performance.now();
  const drained = await stalls(async () => {
    using outbox = startOutbox(station, store, { info: () => {}, warn: () => {} });
    await outbox?.settle(3_600_000, new AbortController().signal);
  });
  const seconds = (performance.now() - begin) / 1000;
  const delivered = store.outboxState("mes")?.delivered ?? 0;
  if (delivered < messages) throw new Error(`${delivered} of ${messages} were taken`);
  const said = { load: loadavg()[0], delivered, perSecond: delivered / seconds, nothing, drained };
  process.stdout.write(`${JSON.stringify(said, null, values.json ? 0 : 2)}\n`);
}

if (values.help) process.stdout.write(help);
else if (values.serve) serve();
else {
  const folder = mkdtempSync(join(tmpdir(), "gangflash-outbox-"));
  const server = values.folder ? null : fork(import.meta.filename, ["--serve"]);
  try {
    const port = await new Promise<number | null>((resolve) => {
      if (server === null) resolve(null);
      else server.once("message", (said) => resolve(Number(said)));
    });
    await measure(folder, port === null ? null : `http://127.0.0.1:${port}/in`);
  } finally {
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  process.exit();
}
