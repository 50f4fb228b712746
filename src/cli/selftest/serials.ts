import { join } from "node:path";
import type { SerialPolicy } from "../../model/profile.ts";
import { databaseName } from "../../store/open-store.ts";
import { noComplaints, same, type Checks } from "./check.ts";
import type { SelftestBench } from "./bench.ts";
import { numberComplaints, passComplaints, type ChipEnd } from "./judge-numbers.ts";
import { readBooks, type RawBooks } from "./read-books.ts";
import { imageOf, numbersIn, putNumber, unitName } from "./recipe.ts";
import { openStand, type Stand, type StandEnd } from "./stand.ts";

/** What becomes of the number of a unit that fails verify and comes back (contract.md, Serial policies). */
const policies = [
  { policy: "consume-on-success", back: "the same number" },
  { policy: "burn-on-failure", back: "another number, the first one void" },
  { policy: "keep-existing", back: "the same number" },
] as const satisfies readonly { policy: SerialPolicy; back: string }[];

const failing = unitName(2);
const pulled = unitName(3);
const carrying = unitName(4);
/** What the chip of one unit carries before it comes to the station. */
const carried = "ST-000777";

/** The three policies, each with a unit that fails, one that is pulled and put back, and one that brings a number. */
export async function* serials({ folder, dice, io, seams }: SelftestBench): Checks {
  for (const { policy, back } of policies) {
    const recipe = { chip: "STM32F103C8", wire: "uart", image: imageOf(dice), policy, more: "" } as const;
    using stand = await openStand({ folder: join(folder, policy), recipe, slots: 5, seams, io });
    const flash = new Uint8Array(32 * 1024).fill(0xff);
    putNumber(flash, carried);
    const first = await stand.run([
      { barcode: unitName(1) },
      { barcode: failing, mishap: { flipBit: 3000 } },
      { barcode: pulled, mishap: { pullAt: 4096 } },
      { barcode: carrying, flash },
    ]);
    const second = await stand.run([{ barcode: failing }, { barcode: pulled }, { barcode: unitName(5) }]);
    const ends = [...first, ...second];
    const books = readBooks(join(stand.data, databaseName));
    const chips = chipsOf(stand, ends);
    yield await noComplaints(
      `Serial numbers, ${policy}: a unit that failed and one that was pulled come back`,
      "no number in two chips, none given out twice",
      () => [...numberComplaints(chips, books), ...passComplaints(chips, books)],
    );
    yield await same(`Serial numbers, ${policy}: outcomes`, outcomes, () =>
      ends.map(({ word }) => word).join(", "),
    );
    yield await same(`Serial numbers, ${policy}: the unit that failed gets`, back, () =>
      becameOf(ends, books),
    );
    if (policy === "keep-existing")
      yield await same(`Serial numbers, ${policy}: a chip that brings ${carried}`, `keeps ${carried}`, () => {
        const kept = chips.find(({ barcode }) => barcode === carrying)?.numbers ?? [];
        return `keeps ${kept.join(" and ")}`;
      });
  }
}

/** Of both gangs, in their order; a bad cell stays bad, a board that was put back passes. */
const outcomes = "PASS, FAIL VERIFY_MISMATCH, FAIL BOARD_LEFT, PASS, FAIL VERIFY_MISMATCH, PASS, PASS";

const chipsOf = (stand: Stand, ends: readonly StandEnd[]): ChipEnd[] =>
  [...new Set(ends.map(({ barcode }) => barcode))].map((barcode) => ({
    barcode,
    numbers: numbersIn(stand.board(barcode).chip().flash),
  }));

function becameOf(ends: readonly StandEnd[], { numbers }: RawBooks): string {
  const [one, two] = ends.filter(({ barcode }) => barcode === failing);
  if (one === undefined || two === undefined) return "it did not run twice";
  if (one.serial === two.serial) return "the same number";
  const state = numbers.find(({ text }) => text === one.serial)?.state ?? "unknown";
  return `another number, the first one ${state}`;
}
