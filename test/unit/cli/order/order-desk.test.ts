import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { checkStation } from "../../../../src/config/station-file.ts";
import { openByCode, readOrderCode } from "../../../../src/cli/order/order-desk.ts";
import { chipChoice } from "../../../../src/family/table.ts";
import type { Station } from "../../../../src/model/station.ts";
import { dataFolder, owned } from "../../store/books.ts";
import { someIo } from "../some-io.ts";

const shipped = resolve(import.meta.dirname, "../../../../profiles");

/** A folder as an engineer has it: stations beside profiles. */
function bench(orders: string, profile = ""): { readonly folder: string; readonly station: Station } {
  const folder = dataFolder();
  mkdirSync(join(folder, "profiles", "firmware"), { recursive: true });
  copyFileSync(join(shipped, "firmware/demo.hex"), join(folder, "profiles/firmware/demo.hex"));
  const text = [
    "profile: board-a",
    'revision: "B"',
    "product: { name: Board A }",
    "chip: STM32F405",
    "images: [{ file: firmware/demo.hex }]",
    profile,
  ];
  writeFileSync(join(folder, "profiles", "a.yaml"), text.join("\n"));
  const file = join(folder, "stations", "bench.yaml");
  const read = checkStation(
    file,
    `station: bench\nslots: [{ name: A1, port: "sim:STM32F405:uart" }]\norders: ${orders}\n`,
    chipChoice,
  );
  if (!read.ok) throw new Error(read.issues.map(({ message }) => message).join());
  return { folder, station: read.value };
}

const byName =
  '{ pattern: "^(?<order>WO-[0-9]+);(?<profile>[a-z-]+);(?<revision>[A-Z]);(?<quantity>[0-9]+)$", profiles: ../profiles }';

describe("an order's code", () => {
  test("says its parts by the groups of its pattern", () => {
    const pattern = /^(?<order>WO-[0-9]+);(?<quantity>[0-9]+)$/u;
    expect(readOrderCode("WO-7;24", { pattern, profiles: null, sheet: null })).toEqual({
      order: "WO-7",
      profile: null,
      revision: null,
      quantity: 24,
    });
    expect(readOrderCode("UNIT-1", { pattern, profiles: null, sheet: null })).toBeNull();
  });

  test("opens the order with profile, revision and quantity, and goes on with it", async () => {
    const { station } = bench(byName);
    const store = owned(dataFolder());
    const opened = await openByCode("WO-7;board-a;B;24", "A. Novak", station, store, someIo().io);
    expect(opened).toMatchObject({ quantity: 24, order: { batch: "WO-7", trial: true } });
    expect(store.findBatch("WO-7")).toMatchObject({ quantity: 24, openedBy: "A. Novak", profile: "board-a" });
    const again = await openByCode("WO-7;board-a;B;99", "M. Lang", station, store, someIo().io);
    expect(again).toMatchObject({ quantity: 24 });
  });

  test("finds its profile in the sheet", async () => {
    const { station, folder } = bench('{ pattern: "^WO-[0-9]+$", sheet: orders.yaml }');
    mkdirSync(join(folder, "stations"), { recursive: true });
    writeFileSync(
      join(folder, "stations", "orders.yaml"),
      "orders:\n  - { order: WO-8, profile: ../profiles/a.yaml, quantity: 3 }\n",
    );
    const store = owned(dataFolder());
    expect(await openByCode("WO-8", "x", station, store, someIo().io)).toMatchObject({ quantity: 3 });
    expect(await openByCode("WO-9", "x", station, store, someIo().io)).toEqual({
      code: "ORDER_UNKNOWN",
      of: "WO-9",
    });
  });

  test("of a profile that nobody has, or that may not run any more, opens nothing", async () => {
    const store = owned(dataFolder());
    const { station } = bench(byName, 'until: "2020-01-31"');
    expect(await openByCode("WO-7;other;B;24", "x", station, store, someIo().io)).toEqual({
      code: "ORDER_UNKNOWN",
      of: "WO-7",
    });
    expect(await openByCode("WO-7;board-a;B;24", "x", station, store, someIo().io)).toEqual({
      code: "PROFILE_OVER",
      of: "2020-01-31",
    });
    expect(store.batches()).toEqual([]);
  });

  test("of a first article is refused where nobody can be the second person", async () => {
    const store = owned(dataFolder());
    const { station } = bench(byName, "firstArticle: true");
    expect(await openByCode("WO-7;board-a;B;24", "x", station, store, someIo().io)).toMatchObject({
      code: "ORDER_BROKEN",
    });
  });

  test("of a closed order says so", async () => {
    const store = owned(dataFolder());
    const { station } = bench(byName);
    await openByCode("WO-7;board-a;B;24", "x", station, store, someIo().io);
    store.closeBatch("WO-7", "M. Lang", new Date());
    expect(await openByCode("WO-7;board-a;B;24", "x", station, store, someIo().io)).toEqual({
      code: "ORDER_CLOSED",
      of: "WO-7",
    });
  });

  test("of a profile whose labels read like orders is refused: such a scan would never start a board", async () => {
    const store = owned(dataFolder());
    const { station } = bench(byName, 'barcode: "^[A-Z]+-[0-9;a-zA-Z-]+$"');
    expect(await openByCode("WO-7;board-a;B;24", "x", station, store, someIo().io)).toMatchObject({
      code: "ORDER_BROKEN",
      of: expect.stringContaining("orders.pattern") as unknown,
    });
    expect(store.batches()).toEqual([]);
  });
});
