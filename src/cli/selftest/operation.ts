import { join } from "node:path";
import { decodeOptions } from "../../model/option-codec.ts";
import { databaseName } from "../../store/open-store.ts";
import { check, differences, noComplaints, type Checks } from "./check.ts";
import type { SelftestBench } from "./bench.ts";
import { readBooks } from "./read-books.ts";
import { firstDifference, imageOf, unitName, wantedFlash } from "./recipe.ts";
import { openStand, type Stand, type StandEnd, type StandUnit } from "./stand.ts";
import { plannedTrouble, triedOption, triedWires, type PlannedTrouble, type TriedWire } from "./wires.ts";

const goodGang = 4;
/** What a board that must stay as it is has in its flash: nobody takes it for erased. */
const before = Uint8Array.from({ length: 2048 }, (_, i) => 0x5a ^ (i & 0x0f));

/** Every wire: a gang that passes, then each planned trouble between two good boards. */
export async function* operation(bench: SelftestBench, wires = triedWires): Checks {
  for (const [i, wire] of wires.entries()) yield* onWire(wire, join(bench.folder, `wire-${i}`), bench);
}

async function* onWire(wire: TriedWire, folder: string, { dice, io, seams }: SelftestBench): Checks {
  const image = imageOf(dice);
  const more = `optionBytes: { ${triedOption.name}: ${triedOption.wanted} }\n`;
  const recipe = { ...wire, image, policy: "consume-on-success", more } as const;
  const troubles = plannedTrouble("");
  using stand = await openStand({ folder, recipe, slots: 2 * troubles.length + 1, seams, io });
  const good = await stand.run(units(1, goodGang));
  const how = `${wire.name} (${wire.chip})`;
  yield await noComplaints(`${how}: a gang of ${goodGang} boards`, `${goodGang} PASS`, () =>
    good.flatMap(({ barcode, word, detail }) => (word === "PASS" ? [] : [`${barcode}: ${word}, ${detail}`])),
  );
  yield await noComplaints(
    `${wire.name}: flash of each, byte by byte, read past the wire`,
    "image, the unit's own data, everything else erased",
    () => good.flatMap((end) => complaintOf(flashOf(stand, end, image))),
    "every byte as expected",
  );
  yield await noComplaints(
    `${wire.name}: chip setting ${triedOption.name} in the record and in the chip`,
    `wanted ${triedOption.wanted}, before ${triedOption.factory}, after reset ${triedOption.wanted}`,
    () => good.flatMap((end) => optionComplaints(stand, end)),
  );

  const planned = plannedTrouble(good[0]?.record?.uid ?? "");
  const gang = planned.flatMap(({ mishap, flash }, i): StandUnit[] => [
    { barcode: unitName(100 + 2 * i) },
    { barcode: unitName(101 + 2 * i), mishap, ...(flash === "untouched" ? { flash: before } : {}) },
  ]);
  const ends = await stand.run([...gang, { barcode: unitName(100 + 2 * planned.length) }]);
  for (const [i, trouble] of planned.entries()) {
    const [left, own, right] = ends.slice(2 * i, 2 * i + 3);
    if (left === undefined || own === undefined || right === undefined)
      throw new RangeError("a gang too small");
    yield await check(`${wire.name}: ${trouble.what}`, expectedOf(trouble), () => {
      const seen = `${own.word}${flashSeen(stand, own, trouble, image)}; ${neighbours(left, right)}`;
      return { seen, passed: seen === expectedOf(trouble) };
    });
  }
  yield await noComplaints(
    `${wire.name}: one record of each attempt, with its outcome and its code`,
    `${goodGang + ends.length} records`,
    () => recordComplaints(stand, [...good, ...ends]),
  );
}

const units = (from: number, count: number): StandUnit[] =>
  Array.from({ length: count }, (_, i) => ({ barcode: unitName(from + i) }));

const complaintOf = (text: string | null): string[] => (text === null ? [] : [text]);

function flashOf(stand: Stand, { barcode, serial }: StandEnd, image: Uint8Array): string | null {
  if (serial === null) return `${barcode} has no number`;
  const { flash } = stand.board(barcode).chip();
  const why = firstDifference(flash, wantedFlash(image, serial, flash.length));
  return why === null ? null : `${barcode}: ${why}`;
}

const flashWords = { right: "flash as wanted", untouched: "flash untouched" } as const;

const expectedOf = ({ word, flash }: PlannedTrouble): string =>
  `${word}${flash === null ? "" : `, ${flashWords[flash]}`}; neighbours PASS`;

function flashSeen(stand: Stand, end: StandEnd, { flash }: PlannedTrouble, image: Uint8Array): string {
  if (flash === null) return "";
  const { flash: memory } = stand.board(end.barcode).chip();
  const why =
    flash === "right"
      ? flashOf(stand, end, image)
      : firstDifference(memory.subarray(0, before.length), before);
  return `, ${why ?? flashWords[flash]}`;
}

function neighbours(left: StandEnd, right: StandEnd): string {
  const bad = [left, right].find(({ word }) => word !== "PASS");
  return bad === undefined ? "neighbours PASS" : `neighbour ${bad.word}: ${bad.detail}`;
}

function optionComplaints(stand: Stand, { barcode, record }: StandEnd): string[] {
  const { name, factory, wanted } = triedOption;
  const told = record?.options.find((one) => one.name === name);
  const chip = stand.board(barcode).chip();
  const layout = chip.spec.optionLayout;
  if (layout === null) return [`${barcode}: its chip has no settings`];
  const blocks = layout.blocks.map(({ address, size }) => chip.read(address, size) ?? new Uint8Array(size));
  return differences([
    [`${barcode}: wanted in the record`, told?.wanted, wanted],
    [`${barcode}: before in the record`, told?.before, factory],
    [`${barcode}: after in the record`, told?.after, wanted],
    [`${barcode}: in the chip`, decodeOptions(layout, blocks).get(name), wanted],
  ]);
}

function recordComplaints(stand: Stand, ends: readonly StandEnd[]): string[] {
  const { records, open } = readBooks(join(stand.data, databaseName));
  const rows = new Map(records.map((row) => [row.barcode, row]));
  return [
    ...differences([["records", records.length, ends.length]]),
    ...open.map((text) => `${text} has no record`),
    ...ends.flatMap(({ barcode, word }) => {
      const row = rows.get(barcode);
      if (row === undefined) return [`${barcode} has no record`];
      const said = row.outcome === "PASS" ? word.replace(" marginal", "") : word;
      return differences([
        [`${barcode} in the books`, [row.outcome, row.code].filter(Boolean).join(" "), said],
      ]);
    }),
  ];
}
